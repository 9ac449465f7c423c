//! What the program says: on standard output what was asked for, on standard error what went wrong.
//!
//! Whoever reads may leave at any time (`nodule study plan | head -1`). That is no error, and no reason to
//! stop what is going on: the rest is said to nobody.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};

use anyhow::Context;

/// One line, or several, on standard output.
///
/// # Errors
/// If it cannot be written for another reason than that nobody reads: the disk is full, say.
pub(crate) fn line(text: impl Display) -> anyhow::Result<()> {
    match writeln!(stdout().lock(), "{text}") {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => Err(e).context("standard output"),
        _ => Ok(()),
    }
}

/// One line on standard error, where it can be written at all.
pub(crate) fn complaint(text: impl Display) {
    let _ = writeln!(stderr().lock(), "{text}");
}
