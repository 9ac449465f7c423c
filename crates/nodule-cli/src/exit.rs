//! From an error to one message and an exit code.

use std::process::ExitCode;

/// Prints the error with its causes on one line, and says whose fault it was: 2 where the user's
/// input is wrong, 1 where a run failed.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    eprintln!("error: {error:#}");
    ExitCode::from(if is_input(error) { 2 } else { 1 })
}

fn is_input(error: &anyhow::Error) -> bool {
    error
        .downcast_ref::<nodule_study::Error>()
        .is_some_and(nodule_study::Error::is_input)
        || error.downcast_ref::<nodule_synth::Error>().is_some()
        || error.downcast_ref::<nodule_eval::Error>().is_some()
        || error.downcast_ref::<nodule_explain::Error>().is_some()
}
