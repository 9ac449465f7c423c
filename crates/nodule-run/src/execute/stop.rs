//! How to stop: because somebody asks, or because what is made cannot be kept.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Error;
use nodule_study::RunSpec;

/// Asks runs to stop at the next step of their training, with a checkpoint. Its copies are one.
#[derive(Debug, Clone, Default)]
pub struct Stop {
    /// 0, or the number of the signal that asked.
    signal: Arc<AtomicUsize>,
    /// Trainings under way that would lose steps if the process ended now.
    trainings: Arc<AtomicUsize>,
}

impl Stop {
    /// What to set to ask: any number but 0, such as a signal's. A handler of signals may set it.
    #[must_use]
    pub fn flag(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.signal)
    }

    /// The number it was set to, if it was.
    #[must_use]
    pub fn asked(&self) -> Option<usize> {
        Some(self.signal.load(Ordering::Relaxed)).filter(|signal| *signal != 0)
    }

    /// Whether no training is under way: what has been asked to stop has written its checkpoint, and the
    /// process may end.
    #[must_use]
    pub fn is_settled(&self) -> bool {
        self.trainings.load(Ordering::SeqCst) == 0
    }
}

/// A reason to stop, as the runs of one start see it.
#[derive(Debug)]
pub(super) struct Halt<'a> {
    stop: &'a Stop,
    /// The run that could not keep what it made first, and why.
    unkept: Mutex<Option<(String, Error)>>,
}

/// One training under way; no longer when it is dropped.
#[derive(Debug)]
pub(super) struct UnderWay<'a>(&'a AtomicUsize);

impl<'a> Halt<'a> {
    pub(super) fn new(stop: &'a Stop) -> Self {
        Self {
            stop,
            unkept: Mutex::default(),
        }
    }

    /// Whether to go no further.
    pub(super) fn is_asked(&self) -> bool {
        self.stop.asked().is_some() || self.first().is_some()
    }

    /// Marks a training as under way.
    pub(super) fn training(&self) -> UnderWay<'a> {
        self.stop.trainings.fetch_add(1, Ordering::SeqCst);
        UnderWay(&self.stop.trainings)
    }

    /// The error of `spec` again, unless it means that what is made cannot be kept: every later run would
    /// be trained and lost, so that ends it all. The first such error is the one that counts.
    pub(super) fn unless_unkept(&self, spec: &RunSpec, error: Error) -> Option<Error> {
        if !error.is_file_error() {
            return Some(error);
        }
        let run = format!("{} ({})", spec.id, spec.title());
        self.first().get_or_insert((run, error));
        None
    }

    /// What a start that finished `done` of `total` runs ends with.
    pub(super) fn outcome(self, done: usize, total: usize) -> Result<(), Error> {
        let asked = self.stop.asked().is_some();
        let unkept = self.unkept.into_inner();
        match unkept.unwrap_or_else(PoisonError::into_inner) {
            Some((run, source)) => Err(Error::NotWritten {
                run,
                source: Box::new(source),
                done,
                total,
            }),
            None if asked && done < total => Err(Error::Stopped),
            None => Ok(()),
        }
    }

    fn first(&self) -> std::sync::MutexGuard<'_, Option<(String, Error)>> {
        self.unkept.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for UnderWay<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}
