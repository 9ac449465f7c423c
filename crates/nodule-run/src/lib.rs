#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! [`execute`] trains and measures what a plan says and is not done; [`evaluate_run`], [`explain_run`] and
//! [`randomise_run`] ask a finished run more; [`showcase`] makes what a report shows of networks, as plain
//! arrays.

mod error;
mod execute;
mod finished;
mod images;
mod measure;
mod models;

pub use error::Error;
pub use execute::{
    CHECKPOINT, CHECKPOINT_EVERY, Execution, Slurm, Stop, Talk, UnderWay, device_kind, execute,
    execute_on_slurm, under_way,
};
pub use finished::{
    ExplainSettings, ImagesEvaluation, MapKind, Sources, Subject, evaluate_images, evaluate_run,
    explain_run, randomise_run, showcase,
};
pub use models::Models;
