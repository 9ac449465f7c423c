//! What the program says: on standard output what was asked for, on standard error what went wrong.
//!
//! Whoever reads may leave at any time (`nodule study plan | head -1`). That is no error, and no reason to
//! stop what is going on: the rest is said to nobody.

use std::fmt::Display;
use std::io::{ErrorKind, Write, stderr, stdout};
use std::sync::atomic::{AtomicBool, Ordering};

use anyhow::Context;

/// Whether only results and errors are said.
static QUIET: AtomicBool = AtomicBool::new(false);

/// From now on only results and errors are said.
pub(crate) fn be_quiet() {
    QUIET.store(true, Ordering::Relaxed);
}

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

/// One JSON value on standard output, for machines.
///
/// # Errors
/// As [`line()`].
pub(crate) fn json(value: &impl serde::Serialize) -> anyhow::Result<()> {
    line(serde_json::to_string_pretty(value)?)
}

/// One line on standard error that nobody has to know, unless only results and errors are wanted.
pub(crate) fn remark(text: impl Display) {
    if !QUIET.load(Ordering::Relaxed) {
        complaint(text);
    }
}

/// One line on standard error, where it can be written at all.
pub(crate) fn complaint(text: impl Display) {
    let _ = writeln!(stderr().lock(), "{text}");
}
