//! Buffers that are reused from step to step.
//!
//! Requesting them from the system for every step, page by page and zeroed, would take nearly half of a step.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::packed_unit::UnitSums;
use crate::kernels::channel_lanes::Channels;

/// Buffers of one task, which runs one image at a time. All maps have borders.
pub(super) struct Workspace {
    /// Input of the stem.
    pub(super) patches: Vec<Channels>,
    /// Output of the stem, then of every block. Borders are zero.
    pub(super) outputs: Vec<Vec<Channels>>,
    /// Input of the second convolution of every block. Borders are zero.
    pub(super) hidden: Vec<Vec<Channels>>,
    /// Gradients of `outputs`.
    pub(super) gradients: Vec<Vec<Channels>>,
    /// Gradients of `hidden`.
    pub(super) hidden_gradients: Vec<Vec<Channels>>,
    /// Scratch buffer of each unit's convolution.
    pub(super) scratch: Vec<Vec<Channels>>,
    /// Gradients of each unit's parameters.
    pub(super) sums: Vec<UnitSums>,
}

/// Buffers by length, about 1.4 MB for each image of a batch, and the workspaces of tasks.
#[derive(Default)]
pub(super) struct Pool {
    buffers: Mutex<BTreeMap<usize, Vec<Vec<Channels>>>>,
    workspaces: Mutex<Vec<Workspace>>,
}

impl Pool {
    /// Returns a buffer of `length` pixels with arbitrary contents.
    pub(super) fn take(&self, length: usize) -> Vec<Channels> {
        let mut buffers = lock(&self.buffers);
        let pooled = buffers.get_mut(&length).and_then(Vec::pop);
        drop(buffers);
        pooled.unwrap_or_else(|| vec![Channels::ZERO; length])
    }

    /// Returns buffers to the pool.
    pub(super) fn put(&self, buffers: impl IntoIterator<Item = Vec<Channels>>) {
        let mut pooled = lock(&self.buffers);
        for buffer in buffers {
            pooled.entry(buffer.len()).or_default().push(buffer);
        }
    }

    /// Calls `run` with the workspace of one task, made by `new` if the pool is empty.
    pub(super) fn with_workspace<R>(
        &self,
        new: impl FnOnce() -> Workspace,
        run: impl FnOnce(&mut Workspace) -> R,
    ) -> R {
        let pooled = lock(&self.workspaces).pop();
        let mut workspace = pooled.unwrap_or_else(new);
        let result = run(&mut workspace);
        lock(&self.workspaces).push(workspace);
        result
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").finish_non_exhaustive()
    }
}

/// A thread that panicked cannot have spoiled the buffers: their contents do not matter.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
