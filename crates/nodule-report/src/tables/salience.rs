//! Cue salience sweep: difference between reliance on shape and on texture at each pair of amplitudes.

use nodule_analysis::Runs;
use nodule_analysis::salience_sweep::SalienceSweep;

use super::formatting::{mean_interval_text, strings};
use super::{Source, Table};
use crate::Error;

/// Returns one row per pair of amplitudes, of networks trained on `train`; one column per loss.
pub(crate) fn table(runs: &Runs, train: &str, sweeps: &[SalienceSweep]) -> Result<Table, Error> {
    let points = sweeps.first().into_iter().flat_map(|sweep| &sweep.points);
    let mut rows = Vec::new();
    for (i, point) in points.enumerate() {
        let amplitudes = [point.shape_amplitude, point.texture_amplitude];
        let mut row = amplitudes.map(|amplitude| amplitude.to_string()).to_vec();
        for sweep in sweeps {
            let point = sweep.points.get(i);
            let differences = point.map_or(&[][..], |p| p.balances.as_slice());
            row.push(mean_interval_text(runs, differences)?);
        }
        rows.push(row);
    }
    let losses = sweeps.iter().map(|sweep| sweep.loss.clone());
    Ok(Table {
        name: format!("salience-{train}"),
        caption: format!(
            "Dominant cue by amplitude, trained on `{train}`. Reliance on shape minus reliance on texture in SD units, with weaker or stronger shape and texture (amplitudes as multiples of the default); above 0, shape dominates. Mean with its 95% bootstrap interval over training seeds (n)."
        ),
        header: [
            strings(&["shape amplitude", "texture amplitude"]),
            losses.collect(),
        ]
        .concat(),
        rows,
        source: Source::whole("varied"),
    })
}
