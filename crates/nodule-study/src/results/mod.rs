//! Where does it lie, and is it whole? The folder of a study, and the folders of its runs.

mod run_folder;
mod study_folder;

pub use run_folder::{Claim, RunFolder, claim, failure, is_done};
pub use study_folder::{AtWork, Output, open_output, read_output, read_record};
