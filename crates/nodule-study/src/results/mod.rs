//! Output folder of a study: its run folders, how processes share them, and whether they are complete.

mod broken_run;
mod claim;
mod claim_file;
mod failure;
mod file_lock;
mod mark;
mod open;
mod output;
mod run_folder;
mod run_state;
mod session;
mod study_checksums;
mod temporary_files;
mod verify;

pub use claim::{Claim, RunClaimer, claim_run};
pub use failure::{failure_reason, has_diverged};
pub use open::{open_output, read_output, study_text};
pub use output::{Output, read_record};
pub use run_folder::RunFolder;
pub use run_state::{Depth, RunState, is_done, run_state};
pub use session::WorkSession;
pub use verify::{BrokenRun, Verification, verify};
