//! `[tune]`: random settings of every loss, tried before the study is run, so that each loss is judged at its
//! best and none by how well its defaults happen to suit it.

use std::collections::BTreeMap;

use nodule_error::{InvalidInput, invalid_value};
use nodule_eval::ReadOut;
use serde::{Deserialize, Serialize};
use toml::Value;

use super::Study;

/// What is tried of every loss (random search, after Bergstra & Bengio 2012).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tune {
    /// Settings of each loss that are tried, the study's own first: from 2 to 1000.
    pub trials: usize,
    /// Seeds that each is trained with, of a root that is used for nothing else.
    pub seeds: usize,
    /// The training distribution that they are tried on, among the study's.
    pub train: String,
    /// Training images of a trial; without it as many as of a run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples_train: Option<usize>,
    /// What each setting is drawn from, by its name in the file, such as `loss.margin`: a list, or the ends
    /// of a range.
    pub range: BTreeMap<String, Value>,
}

/// The read-out whose validation accuracy chooses, for every loss alike: all losses have it, and it has no
/// settings of its own.
pub const TUNED_BY: ReadOut = ReadOut::Centroid;

/// Refuses a study whose losses are still to be tuned.
///
/// # Errors
/// [`InvalidInput`], with the command that tunes them.
pub fn check_tuned(study: &Study, place: &str) -> Result<(), InvalidInput> {
    match &study.tune {
        None => Ok(()),
        Some(tune) => {
            let found = format!("{} trials of each loss", tune.trials);
            let allowed = "over, or left out: `nodule study tune` chooses the settings and writes tuned.toml, the study to run then";
            Err(invalid_value("tune", found, allowed).at(place))
        }
    }
}
