//! How is it told in rows? Every number of every run as CSV, and summaries for people beside them.

pub(crate) mod alike;
pub(crate) mod cells;
pub(crate) mod equal_loss;
pub(crate) mod escape;
pub(crate) mod explorer;
pub(crate) mod foretold;
pub(crate) mod held;
pub(crate) mod links;
pub(crate) mod maps;
pub(crate) mod multiverse;
mod per_row;
pub(crate) mod per_run;
pub(crate) mod power;
pub(crate) mod prose;
pub(crate) mod regret;
pub(crate) mod representation;
pub(crate) mod salience;
pub(crate) mod sanity;
mod source;
pub(crate) mod states;
pub(crate) mod summaries;
mod table;
pub(crate) mod threshold_cost;
pub(crate) mod trends;
pub(crate) mod variance;
pub(crate) mod variants;
pub(crate) mod verdicts;

pub(crate) use table::Table;
