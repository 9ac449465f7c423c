//! Where does it lie, and is it whole? The folder of a study, and the folders of its runs.

mod aside;
mod at_work;
mod check;
mod claims;
mod failure;
mod lease;
mod leftovers;
mod mark;
mod open;
mod run_folder;
mod study_folder;
mod study_mark;
mod verify;

pub use at_work::AtWork;
pub use check::{Depth, RunState, is_done, run_state};
pub use claims::{Claim, Claims, claim};
pub use failure::{failure, has_diverged};
pub use open::{open_output, read_output, study_text};
pub use run_folder::RunFolder;
pub use study_folder::{Output, read_record};
pub use verify::{BrokenRun, Verification, verify};
