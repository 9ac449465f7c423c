#![doc = include_str!("../README.md")]

mod cache;
mod error;
mod execute;
mod images;
mod inspect;
mod measure;
mod models;
mod showcase;

pub use cache::CACHE_FILE;
pub use error::Error;
pub use execute::{
    CHECKPOINT_FILE, CHECKPOINT_INTERVAL, Execution, RunProgress, Slurm, Stop, Verbosity,
    check_slurm, device_kind, execute, execute_on_slurm, read_run_progress,
};
pub use inspect::{
    ExplainSettings, ImagesEvaluation, MapKind, Sources, Subject, check_randomisation,
    evaluate_images, evaluate_run, explain_run, select_testable_images,
};
pub use models::Models;
pub use showcase::build_showcase;
