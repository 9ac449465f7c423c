//! Execution of planned runs: one run, parallel runs on this machine, or a Slurm job array.

mod device_kind;
mod local;
mod machine;
mod progress;
mod run;
mod run_progress;
mod slurm;
mod stop;
mod training;
mod workers;

pub use device_kind::device_kind;
pub use local::{Execution, execute};
pub use progress::Verbosity;
pub use run_progress::{RunProgress, read_run_progress};
pub use slurm::{Slurm, check_slurm, execute_on_slurm};
pub use stop::Stop;
pub use training::{CHECKPOINT_FILE, CHECKPOINT_INTERVAL};
