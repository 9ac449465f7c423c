//! Output of the program: results on standard output, notes and errors on standard error.
//!
//! A reader may close standard output early (`nodule study plan | head -1`). That is not an error, and the command
//! continues without printing.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

/// Whether `--quiet` suppresses notes.
static QUIET: AtomicBool = AtomicBool::new(false);

/// Suppresses notes from now on; results and errors are still printed.
pub(crate) fn set_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

/// Prints one or several lines on standard output.
///
/// # Errors
/// If writing fails for another reason than a closed pipe, such as a full disk.
pub(crate) fn print_line(text: impl Display) -> anyhow::Result<()> {
    match writeln!(stdout().lock(), "{text}") {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            Err(e).context("cannot write to standard output")
        }
        _ => Ok(()),
    }
}

/// Prints a value as JSON on standard output.
pub(crate) fn print_json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    print_line(serde_json::to_string_pretty(value)?)
}

/// Prints one line on standard error, unless `--quiet` is set.
pub(crate) fn print_note(text: impl Display) {
    if !QUIET.load(Ordering::Relaxed) {
        print_error(text);
    }
}

/// Prints one line on standard error. Ignores a failed write, since no other channel is left to report it.
pub(crate) fn print_error(text: impl Display) {
    let _ = writeln!(stderr().lock(), "{text}");
}
