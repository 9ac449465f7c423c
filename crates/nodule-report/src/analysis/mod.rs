//! What do the runs say? Numbers only: how they are drawn and told stands in the folders beside this one.

pub(crate) mod along;
pub(crate) mod attribution;
pub(crate) mod behind;
pub(crate) mod between;
mod claim_words;
pub(crate) mod costs;
pub(crate) mod dose_response;
pub(crate) mod endpoint;
pub(crate) mod equal_loss;
mod evidence;
pub(crate) mod foretold;
pub(crate) mod intervals;
mod line;
pub(crate) mod multiverse;
pub(crate) mod power;
pub(crate) mod ruling;
pub(crate) mod runs;
pub(crate) mod salience;
pub(crate) mod settings;
pub(crate) mod square;
pub(crate) mod state;
pub(crate) mod sweep;
pub(crate) mod threshold_cost;
pub(crate) mod trends;
pub(crate) mod variance;
pub(crate) mod variants;
pub(crate) mod verdicts;

pub(crate) use runs::Runs;

/// Each of `all` once, in order of appearance.
pub(crate) fn each_once<T: PartialEq>(all: impl IntoIterator<Item = T>) -> Vec<T> {
    let mut once = Vec::new();
    for item in all {
        if !once.contains(&item) {
            once.push(item);
        }
    }
    once
}
