//! From our errors to Python's, and from a long piece of work to one that Ctrl-C ends.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use nodule_error::InvalidInput;
use nodule_study::Error;
use pyo3::exceptions::{PyMemoryError, PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

/// How often Ctrl-C is asked for.
const LISTEN: Duration = Duration::from_millis(50);

/// Python's error for ours: `ValueError` where the input is wrong, `OSError` for a file that cannot be read or
/// written, `MemoryError` for what does not fit, `RuntimeError` for the rest. One line each.
pub(crate) fn raised(error: impl Into<Error>) -> PyErr {
    let error = error.into();
    let text = error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    // There is no command line here: the argument is named next.
    let text = text
        .strip_prefix("command line: ")
        .unwrap_or(&text)
        .to_owned();
    match &error {
        Error::Generator(nodule_synth::Error::Memory { .. }) => PyMemoryError::new_err(text),
        Error::File { .. } => PyOSError::new_err(text),
        _ if error.is_input() || matches!(error, Error::Evaluation(_)) => {
            PyValueError::new_err(text)
        }
        _ => PyRuntimeError::new_err(text),
    }
}

/// The same for a value that is refused.
pub(crate) fn refusal(refused: InvalidInput) -> PyErr {
    PyValueError::new_err(refused.to_string())
}

/// Does `work` on a thread of its own, Python's lock being free, until it ends or Ctrl-C comes. What was begun
/// then ends by itself and is dropped. A panic becomes a `RuntimeError`.
pub(crate) fn interruptible<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    let (sender, mut receiver) = channel();
    thread::spawn(move || {
        let done = catch_unwind(AssertUnwindSafe(work));
        // Whoever asked may have left.
        let _ = sender.send(done);
    });
    loop {
        let (heard, back) = py.detach(move || (receiver.recv_timeout(LISTEN), receiver));
        receiver = back;
        match heard {
            Ok(Ok(done)) => return done.map_err(raised),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                let text = "nodule: this is a fault of the program, see the message above";
                return Err(PyRuntimeError::new_err(text));
            }
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
        }
    }
}

/// A count from Python, in words where it is none.
pub(crate) fn count(field: &str, value: i64) -> PyResult<usize> {
    let found = usize::try_from(value).ok().filter(|n| *n > 0);
    found.ok_or_else(|| refusal(nodule_error::invalid_value(field, value, "1 or more")))
}
