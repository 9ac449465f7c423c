//! Python exceptions for the errors of the crates, and long work that Ctrl-C interrupts.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use nodule_error::InvalidInput;
use nodule_study::Error;
use pyo3::exceptions::{PyMemoryError, PyOSError, PyRuntimeError, PyValueError};
use pyo3::prelude::*;

use crate::pool::thread_pool;

/// Interval between checks for Ctrl-C.
const POLL_INTERVAL: Duration = Duration::from_millis(50);

/// Returns the Python exception for an error, with one line of text: `ValueError` for invalid input, `OSError` for a
/// file that cannot be read or written, `MemoryError` if the memory does not suffice, otherwise `RuntimeError`.
pub(crate) fn to_py_err(error: impl Into<Error>) -> PyErr {
    let error = error.into();
    let text = error
        .to_string()
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    // Python has no command line; the argument follows.
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

/// Returns a `ValueError` for invalid input.
pub(crate) fn value_error(error: InvalidInput) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// Runs `work` on the threads of this process, with Python's lock released, until it ends or Ctrl-C arrives.
///
/// After Ctrl-C the thread continues in the background and its result is dropped. A panic becomes a `RuntimeError`.
pub(crate) fn run_interruptibly<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> Result<T, Error> + Send + 'static,
) -> PyResult<T> {
    let pool = thread_pool(py)?;
    let (sender, mut receiver) = channel();
    let spawned = thread::Builder::new().spawn(move || {
        let result = catch_unwind(AssertUnwindSafe(|| pool.install(work)));
        // The receiver is gone after Ctrl-C.
        let _ = sender.send(result);
    });
    spawned.map_err(|e| PyRuntimeError::new_err(format!("cannot start a thread: {e}")))?;
    loop {
        let (message, returned) =
            py.detach(move || (receiver.recv_timeout(POLL_INTERVAL), receiver));
        receiver = returned;
        match message {
            Ok(Ok(result)) => return result.map_err(to_py_err),
            Ok(Err(_)) | Err(RecvTimeoutError::Disconnected) => {
                let text = "nodule: internal error, see the message above";
                return Err(PyRuntimeError::new_err(text));
            }
            Err(RecvTimeoutError::Timeout) => py.check_signals()?,
        }
    }
}
