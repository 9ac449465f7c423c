//! Conversion of an error into one message and an exit code.

use std::process::ExitCode;

use crate::print::print_error;
use crate::signals;

/// Prints the error with its causes on one line. Returns exit code 2 for invalid input and 1 for a failed run.
pub(crate) fn report_error(error: &anyhow::Error) -> ExitCode {
    if let Some(nodule_run::Error::Stopped) = error.downcast_ref() {
        // The signal handler prints a summary and ends the process.
        signals::wait_for_exit();
    }
    print_error(format_args!("error: {}", to_one_line(&join_causes(error))));
    ExitCode::from(if is_invalid_input(error) { 2 } else { 1 })
}

/// Returns the error followed by its causes, without causes whose text the error already contains.
fn join_causes(error: &anyhow::Error) -> String {
    error.chain().fold(String::new(), |text, cause| {
        let cause = cause.to_string();
        match text.contains(&cause) && !text.is_empty() {
            true => text,
            false if text.is_empty() => cause,
            false => format!("{text}: {cause}"),
        }
    })
}

/// Prints a message of the command-line parser. Errors take one line and return 2; help and version return 0.
pub(crate) fn report_parse_error(error: &clap::Error) -> ExitCode {
    use clap::error::ErrorKind;
    if !error.use_stderr() {
        // A reader of the help may close the pipe early; that is not an error.
        let _ = error.print();
        return ExitCode::SUCCESS;
    }
    if error.kind() == ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand {
        let _ = error.print();
        return ExitCode::from(2);
    }
    let text = error.to_string();
    let lines: Vec<_> = text
        .lines()
        .map(str::trim)
        .take_while(|line| !line.starts_with("Usage:") && !line.starts_with("For more information"))
        .filter(|line| !line.is_empty())
        .collect();
    print_error(to_one_line(&lines.join(" ")));
    ExitCode::from(2)
}

/// Returns the text on one line; control characters, which a path or a field may contain, are escaped.
fn to_one_line(text: &str) -> String {
    let escape = |c: char| match c.is_control() {
        true => c.escape_default().to_string(),
        false => c.to_string(),
    };
    text.trim_end().chars().map(escape).collect()
}

fn is_invalid_input(error: &anyhow::Error) -> bool {
    let study = error.downcast_ref::<nodule_study::Error>();
    let run = error.downcast_ref::<nodule_run::Error>();
    let generator = error.downcast_ref::<nodule_synth::Error>();
    error.is::<nodule_error::InvalidInput>()
        || error.is::<nodule_images::Error>()
        || error.is::<nodule_eval::Error>()
        || study.is_some_and(nodule_study::Error::is_input)
        || run.is_some_and(nodule_run::Error::is_input)
        || generator.is_some_and(nodule_synth::Error::is_input)
}
