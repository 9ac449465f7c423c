//! Who runs what, where and when? One run; runs side by side on this machine; a job array on a cluster.

mod local;
mod machine;
mod progress;
mod run;
mod slurm;
mod stop;
mod training;
mod under_way;
mod work;

pub use local::{Execution, device_kind, execute};
pub use progress::Talk;
pub use slurm::{Slurm, execute_on_slurm};
pub use stop::Stop;
pub use training::{CHECKPOINT, CHECKPOINT_EVERY};
pub use under_way::{UnderWay, under_way};
