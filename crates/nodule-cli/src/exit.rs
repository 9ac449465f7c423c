//! From an error to one message and an exit code.

use std::process::ExitCode;

use crate::print::complaint;
use crate::signals;

/// Prints the error with its causes on one line, and says whose fault it was: 2 where the user's
/// input is wrong, 1 where a run failed.
pub(crate) fn report(error: &anyhow::Error) -> ExitCode {
    if let Some(nodule_study::Error::Stopped) = error.downcast_ref() {
        // Whoever asked for it says what is kept, and ends the process.
        signals::wait();
    }
    complaint(format_args!("error: {}", one_line(&with_causes(error))));
    ExitCode::from(if is_input(error) { 2 } else { 1 })
}

/// The error and its causes; a cause that the error has said already is not said twice.
fn with_causes(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |said, cause| {
        let cause = cause.to_string();
        match said.contains(&cause) && !said.is_empty() {
            true => said,
            false if said.is_empty() => cause,
            false => format!("{said}: {cause}"),
        }
    })
}

/// Prints what the parser of the command line says, on one line where something is wrong: 2; help and
/// version as they are: 0.
pub(crate) fn report_parsing(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if !error.use_stderr() {
        // Whoever reads the help may leave before its end.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.to_string();
    let of_error = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty());
    complaint(one_line(&of_error.collect::<Vec<_>>().join(" ")));
    ExitCode::from(2)
}

/// A message is one line, whatever was put into it: a path or a field may hold a line break.
fn one_line(text: &str) -> String {
    let shown = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.trim_end().chars().map(shown).collect()
}

fn is_input(error: &anyhow::Error) -> bool {
    let study = error.downcast_ref::<nodule_study::Error>();
    let training = error.downcast_ref::<nodule_train::Error>();
    let network = error.downcast_ref::<nodule_nn::Error>();
    let generator = error.downcast_ref::<nodule_synth::Error>();
    error.is::<nodule_error::InvalidInput>()
        || error.is::<nodule_images::Error>()
        || error.is::<nodule_eval::Error>()
        || error.is::<nodule_explain::Error>()
        || study.is_some_and(nodule_study::Error::is_input)
        || training.is_some_and(nodule_train::Error::is_input)
        || network.is_some_and(nodule_nn::Error::is_input)
        || generator.is_some_and(nodule_synth::Error::is_input)
}
