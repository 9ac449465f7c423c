//! Carries out the runs of a study, and asks finished ones.
//!
//! [`execute`] trains and measures what a plan says and is not done; [`evaluate_run`], [`explain_run`] and
//! [`randomise_run`] ask a finished run more; [`showcase`] makes what a report shows of networks, as plain
//! arrays. Nothing here judges, draws or knows a page.

mod execute;
mod finished;
mod images;
mod measure;

pub use execute::{
    CHECKPOINT, CHECKPOINT_EVERY, Execution, Slurm, Stop, UnderWay, device_kind, execute,
    execute_on_slurm, under_way,
};
pub use finished::{ExplainSettings, MapKind, evaluate_run, explain_run, randomise_run, showcase};
