//! From an error to one message and an exit code.

use std::process::ExitCode;

use crate::signals;

/// Prints the error with its causes on one line, and says whose fault it was: 2 where the user's
/// input is wrong, 1 where a run failed.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(nodule_study::Error::Stopped) = error.downcast_ref() {
        // Whoever asked for it says what is kept, and ends the process.
        signals::wait();
    }
    eprintln!("error: {}", line(error));
    ExitCode::from(if is_input(error) { 2 } else { 1 })
}

/// The error and its causes, each said once: many errors quote their cause.
fn line(error: &anyhow::Error) -> String {
    let mut line = error.to_string();
    for cause in error.chain().skip(1).map(ToString::to_string) {
        if !line.contains(&cause) {
            line += &format!(": {cause}");
        }
    }
    line
}

fn is_input(error: &anyhow::Error) -> bool {
    let study = error.downcast_ref::<nodule_study::Error>();
    let training = error.downcast_ref::<nodule_train::Error>();
    let network = error.downcast_ref::<nodule_nn::Error>();
    let generator = error.downcast_ref::<nodule_synth::Error>();
    error.is::<nodule_error::Refused>()
        || error.is::<nodule_eval::Error>()
        || error.is::<nodule_explain::Error>()
        || study.is_some_and(nodule_study::Error::is_input)
        || training.is_some_and(nodule_train::Error::is_input)
        || network.is_some_and(nodule_nn::Error::is_input)
        || generator.is_some_and(nodule_synth::Error::is_input)
}
