//! Memory that one step leaves for the next: asking the system for it anew, page by page and zeroed, took
//! nearly half of a step.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::conv2d::Scratch;

/// Buffers by their length, and scratch memory of tasks.
#[derive(Default)]
pub(super) struct Spare {
    buffers: Mutex<BTreeMap<usize, Vec<Vec<f32>>>>,
    scratch: Mutex<Vec<Vec<Scratch>>>,
}

impl Spare {
    /// A buffer of `length` numbers, whatever they are.
    pub(super) fn take(&self, length: usize) -> Vec<f32> {
        let mut buffers = lock(&self.buffers);
        let spare = buffers.get_mut(&length).and_then(Vec::pop);
        drop(buffers);
        spare.unwrap_or_else(|| vec![0.0; length])
    }

    /// Gives buffers back.
    pub(super) fn give(&self, buffers: impl IntoIterator<Item = Vec<f32>>) {
        let mut all = lock(&self.buffers);
        for buffer in buffers {
            all.entry(buffer.len()).or_default().push(buffer);
        }
    }

    /// Calls `run` with scratch memory, made by `new` where none is left over.
    pub(super) fn with_scratch<R>(
        &self,
        new: impl FnOnce() -> Vec<Scratch>,
        run: impl FnOnce(&mut [Scratch]) -> R,
    ) -> R {
        let spare = lock(&self.scratch).pop();
        let mut scratch = spare.unwrap_or_else(new);
        let result = run(&mut scratch);
        lock(&self.scratch).push(scratch);
        result
    }
}

impl fmt::Debug for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spare").finish_non_exhaustive()
    }
}

/// What a thread that panicked left behind is as good as any: contents never matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
