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

use nodule_error::refused;
use nodule_study::results::{Claim, RunFolder, claim};
use nodule_study::text::duration_text;
use nodule_study::{Error, Output, Resolved, RunSpec};
use nodule_train::open_device;

use super::progress::{Progress, progress};
use super::run::{Setup, run};
use crate::images::{SharedSets, generator, same_sets, shared_sets};

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
    /// Opens the device and closes it again: better now than after a folder was made.
    ///
    /// # Errors
    /// If there is no such device, or the program was built without it. It never falls back.
    pub fn check(&self) -> Result<(), Error> {
        open_device(&self.device)?;
        Ok(())
    }
}

/// What of a device's name decides the numbers: `cpu` or `cuda`, without the ordinal. Opens nothing.
///
/// # Errors
/// If there is no device of that name.
pub fn device_kind(device: &str) -> Result<&'static str, Error> {
    match device.split_once(':') {
        None if device == "cpu" => Ok("cpu"),
        None if device == "cuda" => Ok("cuda"),
        Some(("cuda", ordinal)) if ordinal.parse::<u16>().is_ok() => Ok("cuda"),
        _ => Err(refused("--device", device, "cpu, cuda or cuda:N (N from 0)").into()),
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
    let _at_work = output.begin(specs)?;
    let pending: Vec<_> = specs.iter().filter(|spec| !output.is_done(spec)).collect();
    let total = pending.len();
    let epochs = |spec: &&RunSpec| resolved.variant(spec.variant).study.training.epochs + 1;
    let progress = progress(total, pending.iter().map(epochs).sum());
    let failed = AtomicUsize::new(0);
    let mut rendered: Option<(Option<usize>, SharedSets)> = None;
    // One variant after the other: what its runs share is rendered once and held once.
    let variants = (0..resolved.variants.len()).map(Some);
    for variant in std::iter::once(None).chain(variants) {
        let of_variant = pending.iter().filter(|spec| spec.variant == variant);
        let queue: VecDeque<_> = of_variant.copied().collect();
        if queue.is_empty() {
            continue;
        }
        let of_other = |other| resolved.variant(other);
        let resolved = resolved.variant(variant);
        let generator = generator(resolved)?;
        let shared = match rendered.take() {
            Some((other, shared)) if same_sets(of_other(other), resolved) => shared,
            _ => shared_sets(resolved, &generator)?,
        };
        let jobs = execution.jobs.clamp(1, queue.len());
        let setup = Setup {
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
                scope.spawn(|| work(&setup, output, &queue, &progress, &failed));
            }
        });
        rendered = Some((variant, shared));
    }
    progress.end();
    match failed.into_inner() {
        0 => Ok(()),
        failed => Err(Error::RunsFailed { failed, total }),
    }
}

/// Takes runs from the queue until it is empty. What another process holds goes to its end.
fn work(
    setup: &Setup,
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
            Ok(Claim::Failed(reason)) => Err(reason),
            Ok(Claim::Mine(folder)) => whole(setup, spec, folder, progress)
                .map(|()| duration_text(clock.elapsed().as_secs_f64()))
                .map_err(|e| e.reason()),
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

/// One run from its beginning to its mark: `done`, or `failed` with the reason, while its folder is held.
fn whole(
    setup: &Setup,
    spec: &RunSpec,
    folder: RunFolder,
    progress: &Progress,
) -> Result<(), Error> {
    let run = || run_in_pool(setup, spec, &folder, progress);
    let caught = catch_unwind(AssertUnwindSafe(run));
    let panicked = |_| Err(Error::made("the run", "it panicked; see above"));
    match caught.unwrap_or_else(panicked) {
        Ok(()) => folder.finish(),
        // A file that cannot be written says nothing of the run: whoever can write may try it.
        Err(e @ Error::File { .. }) => Err(e),
        Err(e) => {
            folder.fail(&e)?;
            Err(e)
        }
    }
}

/// Everything parallel inside a run stays inside its own pool.
fn run_in_pool(
    setup: &Setup,
    spec: &RunSpec,
    folder: &RunFolder,
    progress: &Progress,
) -> Result<(), Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(setup.threads)
        .build()
        .map_err(|e| Error::made("a pool of threads", e))?;
    pool.install(|| run(setup, spec, folder, |_| progress.epoch()))
}
