//! The local executor: runs side by side, each on threads of its own.
//!
//! A run's numbers do not depend on how many go on beside it: each has its own thread pool, its
//! own seeds and its own folder. Two processes may work on one output folder: a run belongs to
//! whoever locks its folder, and the other waits for what it does not have.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use nodule_train::open_device;

use crate::Error;
use crate::folder::{Claim, claim};
use crate::load::Resolved;
use crate::numbers::duration_text;
use crate::output::Output;
use crate::plan::RunSpec;
use crate::progress::{Progress, progress};
use crate::run::{Bench, run};
use crate::sets::{SharedSets, generator, same_sets, shared_sets};

/// How long to wait before looking again at a run that another process holds.
const LOOK_AGAIN: Duration = Duration::from_millis(500);

/// How runs are carried out. None of it changes their numbers.
#[derive(Debug, Clone)]
pub struct Execution {
    /// `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Runs side by side; at least 1.
    pub jobs: usize,
    /// Threads of each run; without it the cores are shared out among the jobs.
    pub threads: Option<usize>,
}

impl Default for Execution {
    fn default() -> Self {
        Self {
            device: "cpu".into(),
            jobs: cores(),
            threads: None,
        }
    }
}

impl Execution {
    /// What of the device decides the numbers: `cpu` or `cuda`, without the ordinal.
    ///
    /// # Errors
    /// If the device does not exist or no job may run.
    pub fn device_kind(&self) -> Result<&str, Error> {
        if self.jobs == 0 {
            return Err(Error::Setting {
                place: "command line".into(),
                field: "--jobs".into(),
                value: "0".into(),
                allowed: "at least 1".into(),
            });
        }
        open_device(&self.device)?;
        Ok(self.device.split(':').next().unwrap_or(&self.device))
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Carries out those of `specs` that are not done.
///
/// # Errors
/// [`Error::RunsFailed`] after all others are done, if some failed; or whatever keeps the study
/// from starting at all.
pub fn execute(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
    execution: &Execution,
) -> Result<(), Error> {
    let device = open_device(&execution.device)?;
    let pending: Vec<_> = specs.iter().filter(|spec| !output.is_done(spec)).collect();
    let total = pending.len();
    let epochs = |spec: &&RunSpec| resolved.universe(spec.universe).study.training.epochs + 1;
    let progress = progress(total, pending.iter().map(epochs).sum());
    let failed = AtomicUsize::new(0);
    let mut rendered: Option<(usize, SharedSets)> = None;
    // One universe after the other: what its runs share is rendered once and held once.
    for universe in 0..=resolved.variants.len() {
        let of_universe = pending.iter().filter(|spec| spec.universe == universe);
        let queue: VecDeque<_> = of_universe.copied().collect();
        if queue.is_empty() {
            continue;
        }
        let universe_of = |u| resolved.universe(u);
        let resolved = universe_of(universe);
        let generator = generator(resolved)?;
        let shared = match rendered.take() {
            Some((other, shared)) if same_sets(universe_of(other), resolved) => shared,
            _ => shared_sets(resolved, &generator)?,
        };
        let jobs = execution.jobs.clamp(1, queue.len());
        let bench = Bench {
            resolved,
            generator: &generator,
            shared: &shared,
            device: &device,
            device_name: &execution.device,
            threads: execution.threads.unwrap_or(cores() / jobs).max(1),
        };
        let queue = Mutex::new(queue);
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| work(&bench, output, &queue, &progress, &failed));
            }
        });
        rendered = Some((universe, shared));
    }
    progress.end();
    match failed.into_inner() {
        0 => Ok(()),
        failed => Err(Error::RunsFailed { failed, total }),
    }
}

/// Takes runs from the queue until it is empty. What another process holds goes to its end.
fn work(
    bench: &Bench,
    output: &Output,
    queue: &Mutex<VecDeque<&RunSpec>>,
    progress: &Progress,
    failed: &AtomicUsize,
) {
    let lock = || {
        queue
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
    };
    loop {
        let Some(spec) = lock().pop_front() else {
            return;
        };
        let what = spec.title();
        let clock = Instant::now();
        let outcome = match claim(&output.run_folder(&spec.id)) {
            Ok(Claim::Held) => {
                lock().push_back(spec);
                thread::sleep(LOOK_AGAIN);
                continue;
            }
            Ok(Claim::Done) => Ok("done by another process".to_owned()),
            Ok(Claim::Mine(folder)) => {
                let run = || run_in_pool(bench, spec, folder, progress);
                catch_unwind(AssertUnwindSafe(run))
                    .unwrap_or_else(|_| Err("panicked; the message is above".to_owned()))
                    .map(|()| duration_text(clock.elapsed().as_secs_f64()))
            }
            Err(e) => Err(e.to_string()),
        };
        match outcome {
            Ok(took) => progress.run(&format!("{what}: {took}")),
            Err(e) => {
                failed.fetch_add(1, Ordering::Relaxed);
                progress.say(&format!("run {} ({what}) failed: {e}", spec.id));
                progress.run(&format!("{what}: failed"));
            }
        }
    }
}

/// Everything parallel inside a run stays inside its own pool.
fn run_in_pool(
    bench: &Bench,
    spec: &RunSpec,
    folder: crate::folder::RunFolder,
    progress: &Progress,
) -> Result<(), String> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(bench.threads)
        .build()
        .map_err(|e| e.to_string())?;
    pool.install(|| run(bench, spec, folder, |_| progress.epoch()))
        .map_err(|e| e.to_string())
}
