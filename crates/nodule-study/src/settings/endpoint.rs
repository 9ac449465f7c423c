//! What a claim compares: a number that every run has.

use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_eval::Metric;
use nodule_synth::Mode;
use serde::{Deserialize, Serialize};

/// A number that every run has, per read-out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Spelled", into = "Spelled")]
pub enum Endpoint {
    /// Counterfactual effect of a mode, in spreads of the decision value.
    Effect {
        /// Shape, texture or a nuisance.
        mode: Mode,
    },
    /// Share of decisions that a mode flips.
    Flipped {
        /// Shape, texture or a nuisance.
        mode: Mode,
    },
    /// What it costs that a mode is not learned, or not used, in AUROC; the same under every read-out.
    Cost {
        /// Which of the two.
        cost: Cost,
        /// Shape or texture.
        mode: Mode,
    },
    /// A metric on a test set.
    Metric {
        /// Which.
        metric: Metric,
        /// The test set's name as the results table spells it.
        test: String,
    },
}

/// What a network pays for a mode, after Kirichenko et al. 2022: read from images in which shape and texture are
/// independent, by a read-out of the embedding that was fitted on such images (a balanced one).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cost {
    /// 1 less the AUROC of the balanced read-out: what the embedding does not hold.
    Feature,
    /// The AUROC of the balanced read-out less that of the network's own decision: what is held and not used.
    Use,
}

/// An endpoint as a study file spells it: `{ measure = "effect", mode = "shape" }`,
/// `{ measure = "accuracy", test = "lidc" }`.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Spelled {
    measure: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    mode: Option<Mode>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    test: Option<String>,
}

const EFFECT: &str = "effect";
const FLIPPED: &str = "flipped";
const FEATURE_COST: &str = "feature-cost";
const USE_COST: &str = "use-cost";
const OF_MODES: [&str; 4] = [EFFECT, FLIPPED, FEATURE_COST, USE_COST];

impl TryFrom<Spelled> for Endpoint {
    type Error = InvalidInput;

    fn try_from(spelled: Spelled) -> Result<Self, InvalidInput> {
        let Spelled {
            measure,
            mode,
            test,
        } = spelled;
        let needs = |field: &str, value: &str| {
            invalid_value(
                field,
                value,
                format!("given, and nothing else, for {measure}"),
            )
        };
        let of_mode = || match (mode, &test) {
            (Some(mode), None) => Ok(mode),
            (None, _) => Err(needs("mode", "none")),
            (_, Some(test)) => Err(invalid_value(
                "test",
                test,
                format!("left out: {measure} is of a mode"),
            )),
        };
        let costs = |cost: Cost| match of_mode()? {
            mode @ (Mode::Shape | Mode::Texture) => Ok(Self::Cost { cost, mode }),
            other => Err(invalid_value("mode", other, "shape or texture")),
        };
        match measure.as_str() {
            FEATURE_COST => costs(Cost::Feature),
            USE_COST => costs(Cost::Use),
            EFFECT => Ok(Self::Effect { mode: of_mode()? }),
            FLIPPED => Ok(Self::Flipped { mode: of_mode()? }),
            name => {
                let metrics = Metric::ALL.map(Metric::name);
                let known = OF_MODES.into_iter().chain(metrics);
                let metric = Metric::ALL.into_iter().find(|metric| metric.name() == name);
                let metric = metric.ok_or_else(|| {
                    invalid_value("measure", name, one_of(known.clone())).suggest_value(known)
                })?;
                match (test, mode) {
                    (Some(test), None) => Ok(Self::Metric { metric, test }),
                    (None, _) => Err(needs("test", "none")),
                    (_, Some(mode)) => Err(invalid_value(
                        "mode",
                        mode,
                        format!("left out: {name} is of a test"),
                    )),
                }
            }
        }
    }
}

impl From<Endpoint> for Spelled {
    fn from(endpoint: Endpoint) -> Self {
        let of_mode = |measure: &str, mode| Self {
            measure: measure.to_owned(),
            mode: Some(mode),
            test: None,
        };
        match endpoint {
            Endpoint::Effect { mode } => of_mode(EFFECT, mode),
            Endpoint::Flipped { mode } => of_mode(FLIPPED, mode),
            Endpoint::Cost { cost, mode } => match cost {
                Cost::Feature => of_mode(FEATURE_COST, mode),
                Cost::Use => of_mode(USE_COST, mode),
            },
            Endpoint::Metric { metric, test } => Self {
                measure: metric.name().to_owned(),
                mode: None,
                test: Some(test),
            },
        }
    }
}

impl Endpoint {
    /// What it measures and in which unit, as an axis names it.
    #[must_use]
    pub fn title(&self) -> String {
        match self {
            Self::Effect { mode } => format!("{mode} reliance in spreads"),
            Self::Flipped { mode } => format!("share of decisions flipped by {mode}"),
            Self::Cost { cost, mode } => match cost {
                Cost::Feature => format!("feature cost of {mode} in AUROC"),
                Cost::Use => format!("use cost of {mode} in AUROC"),
            },
            Self::Metric { metric, test } => format!("{} on {test}", metric.title()),
        }
    }
}
