//! Stopping of runs: on request, or because a file of a run cannot be written.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use nodule_study::RunSpec;

use crate::Error;

/// Stop request: trainings write a checkpoint and stop at their next step. Clones share the request.
///
/// ```
/// use std::sync::atomic::Ordering;
///
/// let stop = nodule_run::Stop::default();
/// stop.flag().store(2, Ordering::Relaxed);
/// assert_eq!(stop.clone().signal(), Some(2));
/// assert!(stop.is_idle());
/// ```
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// 0, or the number of the signal.
    signal: Arc<AtomicUsize>,
    /// Number of running trainings, which would lose steps if the process ended now.
    trainings: Arc<AtomicUsize>,
}

impl Stop {
    /// Returns the flag of the request. Set it to any number but 0, such as a signal's; signal handlers may do so.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.signal)
    }

    /// Returns the number that the flag was set to, or `None` without a request.
    #[must_use]
    pub fn signal(&self) -> Option<usize> {
        Some(self.signal.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
    }

    /// Returns whether no training is running. After a request this means that all checkpoints are written and the process
    /// may end.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        self.trainings.load(Ordering::SeqCst) == 0
    }
}

/// Stop condition of one start: the user's request, or the first write error.
#[derive(Debug)]
pub(super) struct StopCondition<'a> {
    stop: &'a Stop,
    /// Run with the first write error, and the error.
    write_error: Mutex<Option<(String, Error)>>,
}

/// A running training, until it is dropped.
#[derive(Debug)]
pub(super) struct RunningTraining<'a>(&'a AtomicUsize);

impl<'a> StopCondition<'a> {
    pub(super) fn new(stop: &'a Stop) -> Self {
        Self {
            stop,
            write_error: Mutex::default(),
        }
    }

    /// Returns whether no further step may be taken.
    pub(super) fn is_met(&self) -> bool {
        self.stop.signal().is_some() || self.lock_write_error().is_some()
    }

    /// Counts a training as running.
    pub(super) fn start_training(&self) -> RunningTraining<'a> {
        self.stop.trainings.fetch_add(1, Ordering::SeqCst);
        RunningTraining(&self.stop.trainings)
    }

    /// Records a write error, which stops all runs, since later runs would lose their results too. Returns other errors.
    pub(super) fn record_write_error(&self, spec: &RunSpec, error: Error) -> Option<Error> {
        if !error.is_file_error() {
            return Some(error);
        }
        let run = format!("{} ({})", spec.id, spec.title());
        self.lock_write_error().get_or_insert((run, error));
        None
    }

    /// Returns the result of a start that finished `done` of `total` runs.
    pub(super) fn into_result(self, done: usize, total: usize) -> Result<(), Error> {
        let is_requested = self.stop.signal().is_some();
        let write_error = self.write_error.into_inner();
        match write_error.unwrap_or_else(PoisonError::into_inner) {
            Some((run, source)) => Err(Error::NotWritten {
                run,
                source: Box::new(source),
                done,
                total,
            }),
            None if is_requested && done < total => Err(Error::Stopped),
            None => Ok(()),
        }
    }

    fn lock_write_error(&self) -> MutexGuard<'_, Option<(String, Error)>> {
        self.write_error
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for RunningTraining<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
