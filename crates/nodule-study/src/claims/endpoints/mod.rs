//! Endpoints, one per file: numbers of a run that claims compare. To add one, write its file, its `mod` line, and its
//! line in the list `endpoints!`.

mod cost;
mod effect;
mod flipped;
mod learned;
mod share;
mod test_metric;
mod worst_group;

use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use nodule_eval::ReadOut;
use nodule_synth::Mode;
use serde::{Deserialize, Serialize};

use super::ClaimScope;
use crate::records::{FinishedRun, TimelinePoint};

pub use cost::{Cost, CostKind, decision_auroc, embedding_auroc};
pub use effect::Effect;
pub use flipped::Flipped;
pub use learned::Learned;
pub use share::Share;
pub use test_metric::TestMetric;
pub use worst_group::WorstGroup;

/// Declares [`Endpoint`] from the list of its types.
macro_rules! endpoints {
    ($($(#[$doc:meta])* $kind:ident,)+) => {
        /// A number of a run under one read-out.
        #[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(try_from = "EndpointTable", into = "EndpointTable")]
        pub enum Endpoint {
            $($(#[$doc])* $kind($kind),)+
        }

        impl Endpoint {
            /// Returns what all endpoints have in common.
            #[must_use]
            pub fn kind(&self) -> &dyn EndpointKind {
                match self { $(Self::$kind(kind) => kind,)+ }
            }

            /// Returns the same, to rename its test set.
            pub fn kind_mut(&mut self) -> &mut dyn EndpointKind {
                match self { $(Self::$kind(kind) => kind,)+ }
            }
        }

        $(
            impl From<$kind> for Endpoint {
                fn from(kind: $kind) -> Self {
                    Self::$kind(kind)
                }
            }
        )+

        impl TryFrom<EndpointTable> for Endpoint {
            type Error = InvalidInput;

            fn try_from(table: EndpointTable) -> Result<Self, InvalidInput> {
                $(
                    if $kind::measures().contains(&table.measure.as_str()) {
                        return $kind::read(table).map(Self::$kind);
                    }
                )+
                let names = [$($kind::measures()),+].concat();
                Err(invalid_value("measure", table.measure, one_of(&names)).suggest_value(names))
            }
        }
    };
}

endpoints! {
    /// Counterfactual effect of a mode of variation.
    Effect,
    /// Share of decisions that a mode of variation flips.
    Flipped,
    /// Whether a run learned its training distribution.
    Learned,
    /// Share of a mode of variation in the reliance on shape and texture.
    Share,
    /// Feature cost or use cost of a mode of variation.
    Cost,
    /// Metric on a test set.
    TestMetric,
    /// Accuracy on the worst combination of label, shape and texture in a test set.
    WorstGroup,
}

/// An endpoint: its settings, their checks, its value and its text.
pub trait EndpointKind {
    /// Returns the values of the key `measure` that stand for this endpoint.
    fn measures() -> Vec<&'static str>
    where
        Self: Sized;

    /// Reads the endpoint from a table whose `measure` is one of [`measures`](Self::measures).
    ///
    /// # Errors
    /// If another key is missing, out of place or invalid.
    fn read(table: EndpointTable) -> Result<Self, InvalidInput>
    where
        Self: Sized;

    /// Returns the endpoint as a study file spells it.
    fn table(&self) -> EndpointTable;

    /// Checks that the runs of the study have the endpoint.
    ///
    /// # Errors
    /// The first invalid setting, by its key within the endpoint.
    fn check(&self, _scope: &ClaimScope) -> Result<(), InvalidInput> {
        Ok(())
    }

    /// Returns the spelling that it shares with every endpoint that is the same quantity or an exact function of it.
    fn quantity(&self, _scope: &ClaimScope) -> EndpointTable {
        self.table()
    }

    /// Whether the value depends on the read-out.
    fn depends_on_read_out(&self) -> bool {
        true
    }

    /// Returns the size that no difference between two values exceeds.
    fn max_difference(&self) -> f64 {
        1.0
    }

    /// Returns what it measures, with its unit, as the axis of a figure names it.
    fn title(&self) -> String;

    /// Returns the value for one run under one read-out, if the run has it.
    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64>;

    /// Returns the aspect of networks that it measures.
    fn aspect(&self) -> Aspect;

    /// Returns the field of the timeline that holds it per epoch, by nearest centroid, if there is one.
    fn timeline_field(&self) -> Option<fn(&TimelinePoint) -> f64> {
        None
    }

    /// Returns the test set that it is measured on, if it is about one.
    fn test(&self) -> Option<&str> {
        None
    }

    /// Returns the name of that test set, to rename it.
    fn test_mut(&mut self) -> Option<&mut String> {
        None
    }
}

/// Aspect of networks that an endpoint measures: the section of the report that shows claims about it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Aspect {
    /// Which modes of variation the decision depends on.
    Reliance,
    /// Which modes of variation the embedding holds.
    Representation,
    /// Performance on test sets.
    Generalization,
}

/// An endpoint as a study file spells it: `{ measure = "effect", mode = "shape" }` or
/// `{ measure = "accuracy", test = "lidc" }`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EndpointTable {
    /// Which endpoint it is.
    pub measure: String,
    /// Mode of variation, for endpoints about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<Mode>,
    /// Test set, for endpoints about one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<String>,
}

impl EndpointTable {
    /// Returns the table of an endpoint about a mode of variation.
    #[must_use]
    pub fn with_mode(measure: &str, mode: Mode) -> Self {
        Self {
            measure: measure.to_owned(),
            mode: Some(mode),
            test: None,
        }
    }

    /// Returns the table of an endpoint about a test set.
    #[must_use]
    pub fn with_test(measure: &str, test: String) -> Self {
        Self {
            measure: measure.to_owned(),
            mode: None,
            test: Some(test),
        }
    }

    /// Returns the mode of variation.
    ///
    /// # Errors
    /// If it is missing, or a test set is given too.
    pub fn into_mode(self) -> Result<Mode, InvalidInput> {
        match (self.mode, self.test) {
            (Some(mode), None) => Ok(mode),
            _ => Err(Self::conflict(&self.measure, "a mode and no test")),
        }
    }

    /// Returns the test set.
    ///
    /// # Errors
    /// If it is missing, or a mode of variation is given too.
    pub fn into_test(self) -> Result<String, InvalidInput> {
        match (self.test, self.mode) {
            (Some(test), None) => Ok(test),
            _ => Err(Self::conflict(&self.measure, "a test and no mode")),
        }
    }

    fn conflict(measure: &str, needs: &str) -> InvalidInput {
        conflict(format!("measure {measure}"), format!("needs {needs}"))
    }
}

impl From<Endpoint> for EndpointTable {
    fn from(endpoint: Endpoint) -> Self {
        endpoint.kind().table()
    }
}

impl Endpoint {
    /// Returns what it measures, with its unit, as the axis of a figure names it.
    #[must_use]
    pub fn title(&self) -> String {
        self.kind().title()
    }

    /// Returns the value for one run under one read-out, if the run has it.
    #[must_use]
    pub fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        self.kind().value(run, read_out)
    }
}
