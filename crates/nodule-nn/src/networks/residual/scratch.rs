//! Pool of buffers that are reused from step to step.
//!
//! Requesting them from the system for every step, page by page and zeroed, would take nearly half of a step.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::kernels::conv2d::Scratch;

/// Buffers by length, and scratch buffers of the convolutions by task. About 2 MB for each image of a batch.
#[derive(Default)]
pub(super) struct ScratchPool {
    buffers: Mutex<BTreeMap<usize, Vec<Vec<f32>>>>,
    scratch: Mutex<Vec<Vec<Scratch>>>,
}

impl ScratchPool {
    /// Returns a buffer of `length` floats with arbitrary contents.
    pub(super) fn take(&self, length: usize) -> Vec<f32> {
        let mut buffers = lock(&self.buffers);
        let pooled = buffers.get_mut(&length).and_then(Vec::pop);
        drop(buffers);
        pooled.unwrap_or_else(|| vec![0.0; length])
    }

    /// Returns buffers to the pool.
    pub(super) fn put(&self, buffers: impl IntoIterator<Item = Vec<f32>>) {
        let mut pooled = lock(&self.buffers);
        for buffer in buffers {
            pooled.entry(buffer.len()).or_default().push(buffer);
        }
    }

    /// Calls `run` with the scratch buffers of one task, made by `new` if the pool is empty.
    pub(super) fn with_scratch<R>(
        &self,
        new: impl FnOnce() -> Vec<Scratch>,
        run: impl FnOnce(&mut [Scratch]) -> R,
    ) -> R {
        let pooled = lock(&self.scratch).pop();
        let mut scratch = pooled.unwrap_or_else(new);
        let result = run(&mut scratch);
        lock(&self.scratch).push(scratch);
        result
    }
}

impl fmt::Debug for ScratchPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScratchPool").finish_non_exhaustive()
    }
}

/// A thread that panicked cannot have spoiled the buffers: their contents do not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
