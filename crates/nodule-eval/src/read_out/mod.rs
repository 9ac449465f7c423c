//! Read-outs: ways to turn an embedding into a decision, the same for every loss.
//!
//! A loss on embeddings alone has no classifier, so a comparison of losses that reads each one out
//! in its own way compares read-outs too. Crossing them is *ours*.
//!
//! A read-out is one file, its `mod` line, and one line of the list below.

mod centroid;
mod fitted;
mod head;
mod knn;
mod probe;

use std::fmt;
use std::str::FromStr;

use nodule_error::{invalid_value, one_of};
use serde::{Deserialize, Serialize};

use crate::Error;
use fitted::Kind;

pub use fitted::{FittedReadOut, Linear, Plane, fit};

read_outs! {
    /// The network's own logit margin.
    Head = "head" in head,
    /// The nearer of the two class centroids on the unit sphere.
    Centroid = "centroid" in centroid,
    /// Logistic regression on the normalised embedding: a linear probe.
    Probe = "probe" in probe,
    /// The majority of the nearest training embeddings.
    Knn = "knn" in knn,
}

impl ReadOut {
    /// Whether it reads the network's logits, and so asks for a network with a trained head.
    #[must_use]
    pub fn needs_head(self) -> bool {
        self.kind().needs_head
    }

    /// Whether its decision can be differentiated: whether [`FittedReadOut::linear`] is some.
    #[must_use]
    pub fn has_derivative(self) -> bool {
        self.kind().has_derivative
    }
}

impl fmt::Display for ReadOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for ReadOut {
    type Err = Error;

    fn from_str(value: &str) -> Result<Self, Error> {
        let found = Self::ALL.into_iter().find(|r| r.name() == value);
        found.ok_or_else(|| {
            invalid_value("read-out", value, one_of(Self::ALL.map(Self::name)))
                .suggest_value(Self::ALL.map(Self::name))
                .into()
        })
    }
}

/// The type [`ReadOut`] from the list: the spelling of each, and the file that has its `KIND`.
macro_rules! read_outs {
    ($($(#[$doc:meta])* $read_out:ident = $name:literal in $file:ident,)+) => {
        /// A way to decide. Serialised and spelled as its lower-case name.
        #[derive(
            Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        #[non_exhaustive]
        pub enum ReadOut {
            $(
                $(#[$doc])*
                #[serde(rename = $name)]
                $read_out,
            )+
        }

        impl ReadOut {
            /// All of them, in the order of the tables.
            pub const ALL: [Self; [$($name),+].len()] = [$(Self::$read_out),+];

            /// As tables and files spell it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$read_out => $name,)+
                }
            }

            fn kind(self) -> Kind {
                match self {
                    $(Self::$read_out => $file::KIND,)+
                }
            }
        }
    };
}
use read_outs;
