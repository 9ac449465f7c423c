//! Thread pool of this process, replaced after a fork.
//!
//! A forked child has a copy of its parent's pool without the threads: work given to it would wait for ever.

use std::mem;
use std::process;
use std::sync::{Arc, Mutex, PoisonError};

use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use rayon::{ThreadPool, ThreadPoolBuilder};

/// Process and its pool. Locked only while Python's lock is held, which the thread that forks holds too, so a child never
/// finds it locked.
static POOL: Mutex<Option<(u32, Arc<ThreadPool>)>> = Mutex::new(None);

/// Returns the pool of this process, with as many threads as rayon chooses.
pub(crate) fn thread_pool(_py: Python<'_>) -> PyResult<Arc<ThreadPool>> {
    let mut pool = POOL.lock().unwrap_or_else(PoisonError::into_inner);
    let process = process::id();
    if let Some((_, own)) = pool.as_ref().filter(|(owner, _)| *owner == process) {
        return Ok(Arc::clone(own));
    }
    // Dropping the parent's pool would signal threads that do not exist here.
    mem::forget(pool.take());
    let built = ThreadPoolBuilder::new().build().map(Arc::new);
    let built = built.map_err(|e| PyRuntimeError::new_err(format!("cannot start threads: {e}")))?;
    *pool = Some((process, Arc::clone(&built)));
    Ok(built)
}
