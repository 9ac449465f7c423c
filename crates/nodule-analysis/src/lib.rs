#![doc = include_str!("../README.md")]

pub mod along;
pub mod attribution;
pub mod behind;
pub mod between;
mod claim_words;
pub mod costs;
pub mod dose_response;
pub mod endpoint;
pub mod equal_loss;
mod evidence;
pub mod foretold;
pub mod intervals;
mod line;
pub mod multiverse;
pub mod planned;
pub mod power;
pub mod ruling;
pub mod runs;
pub mod salience;
pub mod settings;
pub mod square;
pub mod state;
pub mod sweep;
pub mod threshold_cost;
pub mod trends;
pub mod variance;
pub mod variants;
pub mod verdicts;

pub use behind::{Behind, LearnedOnly};
pub use nodule_study::Error;
pub use ruling::Ruling;
pub use runs::Runs;
pub use verdicts::{Verdict, judge, verdict_lines};

/// Each of `all` once, in order of appearance.
pub fn each_once<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for item in all {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once
}
