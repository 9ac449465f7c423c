//! Every claim, checked against what it may be about: the losses of a study, or models that somebody else
//! trained.

use std::collections::BTreeSet;
use std::path::Path;

use nodule_eval::ReadOut;
use serde::Deserialize;

use super::judgeable::can_permute;
use super::require::{known, require};
use super::toml_text::parse_toml;
use super::{Arm, Contrast, Endpoint, Hypothesis};
use crate::Error;
use crate::files::read_input;

/// A loss, or a model, that claims compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// Its name.
    pub name: String,
    /// The read-outs that it has.
    pub read_outs: Vec<ReadOut>,
}

/// What claims may be about.
#[derive(Debug, Clone, Copy)]
pub struct ClaimNames<'a> {
    /// Training distributions by name.
    pub train: &'a [String],
    /// Scored tests by name.
    pub tests: &'a [String],
    /// What is compared.
    pub compared: &'a [Compared],
    /// The read-outs that there are.
    pub read_outs: &'a [ReadOut],
    /// Whether it is asked what layers hold.
    pub layers: bool,
    /// Why something compared may not have a read-out, in words.
    pub why_without: &'a str,
    /// The file, for messages.
    pub place: &'a str,
}

/// A file of claims alone, spelled as in a study file.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Claims {
    #[serde(rename = "hypothesis")]
    hypotheses: Vec<Hypothesis>,
}

/// The claims of a file that holds nothing else: `[[hypothesis]]` tables as in a study file. They are still
/// to be checked.
///
/// # Errors
/// One message that names the file, the field, its value and what is allowed.
pub fn read_claims(path: &Path) -> Result<Vec<Hypothesis>, Error> {
    let claims: Claims = parse_toml(&read_input(path)?, &path.to_string_lossy())?;
    Ok(claims.hypotheses)
}

/// Refuses a claim that names something else, or that its runs cannot judge.
///
/// # Errors
/// [`Error::Setting`] with the claim, the field, its value and what is allowed.
pub fn check_claims(claims: &[Hypothesis], names: &ClaimNames) -> Result<(), Error> {
    let mut seen = BTreeSet::new();
    for claim in claims {
        let unique = seen.insert(&claim.id);
        require(
            names.place,
            unique,
            "hypothesis.id",
            &claim.id,
            "named once",
        )?;
    }
    claims.iter().try_for_each(|claim| names.hypothesis(claim))
}

impl ClaimNames<'_> {
    fn hypothesis(&self, hypothesis: &Hypothesis) -> Result<(), Error> {
        let field = |name: &str| format!("hypothesis {}.{name}", hypothesis.id);
        known(self.place, &field("train"), &hypothesis.train, self.train)?;
        let smallest = hypothesis.smallest_effect;
        let positive = smallest.is_finite() && smallest > 0.0;
        require(
            self.place,
            positive,
            &field("smallest_effect"),
            smallest,
            "a positive number",
        )?;
        let can_permute = can_permute(hypothesis, self.compared, self.why_without);
        can_permute.map_err(|e| e.at(self.place))?;
        match &hypothesis.contrast {
            Contrast::PairedDifference { endpoint, a, b } => {
                self.endpoint(&field("contrast.endpoint"), endpoint)?;
                self.arm(&field("contrast.a"), a)?;
                self.arm(&field("contrast.b"), b)?;
                require(
                    self.place,
                    a != b,
                    &field("contrast.b"),
                    &b.loss,
                    "another arm than a",
                )
            }
            Contrast::RankCorrelation { x, y, read_out } => {
                self.endpoint(&field("contrast.x"), x)?;
                self.endpoint(&field("contrast.y"), y)?;
                self.read_out(&field("contrast.read_out"), *read_out)
            }
            Contrast::OrderCarries { from, to, read_out } => {
                self.endpoint(&field("contrast.from"), from)?;
                self.endpoint(&field("contrast.to"), to)?;
                self.read_out(&field("contrast.read_out"), *read_out)
            }
        }
    }

    fn endpoint(&self, field: &str, endpoint: &Endpoint) -> Result<(), Error> {
        match endpoint {
            Endpoint::Effect { .. } | Endpoint::Flipped { .. } => Ok(()),
            Endpoint::Cost { .. } => require(
                self.place,
                self.layers,
                &format!("{field}.measure"),
                endpoint.title(),
                "of a study with samples.representation: it is asked on these images",
            ),
            Endpoint::Metric { test, .. } => {
                known(self.place, &format!("{field}.test"), test, self.tests)
            }
        }
    }

    fn arm(&self, field: &str, arm: &Arm) -> Result<(), Error> {
        let names: Vec<_> = self.compared.iter().map(|c| c.name.clone()).collect();
        known(self.place, &format!("{field}.loss"), &arm.loss, &names)?;
        self.read_out(&format!("{field}.read_out"), arm.read_out)?;
        let mut all = self.compared.iter();
        let has = all.any(|c| c.name == arm.loss && c.read_outs.contains(&arm.read_out));
        let allowed = format!("a read-out that the loss has ({})", self.why_without);
        require(
            self.place,
            has,
            &format!("{field}.read_out"),
            arm.read_out,
            &allowed,
        )
    }

    fn read_out(&self, field: &str, read_out: ReadOut) -> Result<(), Error> {
        let all: Vec<_> = self.read_outs.iter().map(ToString::to_string).collect();
        known(self.place, field, &read_out.to_string(), &all)
    }
}
