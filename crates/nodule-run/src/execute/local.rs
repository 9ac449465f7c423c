//! Execution on this machine: parallel runs, each with its own threads.
//!
//! A run's numbers do not depend on the number of parallel runs: each has its own thread pool, seeds and folder. Several
//! processes may work on one output folder: a process claims a run before it executes it. Runs that others hold are
//! skipped, and the process waits only if other processes hold all remaining runs.

use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use candle_core::Device;
use nodule_battery::sets::{SharedSets, build_generator, have_same_sets, render_shared_sets};
use nodule_study::results::{Depth, RunClaimer};
use nodule_study::{Output, Resolved, RunSpec};
use nodule_synth::Split;
use nodule_train::open_device;

use super::progress::{Progress, Verbosity};
use super::run::RunContext;
use super::stop::{Stop, StopCondition};
use super::workers::{Queue, Workers};
use super::{CHECKPOINT_FILE, CHECKPOINT_INTERVAL};
use crate::cache::PlaneImages;
use crate::{Error, Models};

/// Shortest pause before the process tries runs again that other processes hold.
const MIN_PAUSE: Duration = Duration::from_millis(250);
/// Longest pause; pauses double while nothing changes.
const MAX_PAUSE: Duration = Duration::from_secs(2);

/// Settings of the execution, which do not change the numbers of runs.
///
/// ```
/// use nodule_run::{Execution, Verbosity};
///
/// let execution = Execution { jobs: 1, verbosity: Verbosity::Quiet, ..Execution::default() };
/// assert_eq!(execution.device, "cpu");
/// assert!(execution.check().is_ok());
/// ```
#[derive(Debug, Clone)]
pub struct Execution {
    /// Device: `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Number of parallel runs, at least 1.
    pub jobs: usize,
    /// Threads per run; by default the cores are divided among the jobs.
    pub threads: Option<usize>,
    /// Interval between checkpoints of a training.
    pub checkpoint_interval: Duration,
    /// Stop request.
    pub stop: Stop,
    /// Whether to wait for runs that other processes hold, in case one of these processes dies. Otherwise the process ends
    /// without an error.
    pub wait: bool,
    /// Amount of progress messages.
    pub verbosity: Verbosity,
}

impl Default for Execution {
    fn default() -> Self {
        Self {
            device: "cpu".into(),
            jobs: cores(),
            threads: None,
            checkpoint_interval: CHECKPOINT_INTERVAL,
            stop: Stop::default(),
            wait: true,
            verbosity: Verbosity::default(),
        }
    }
}

impl Execution {
    /// Checks device and environment before any folder is created.
    ///
    /// # Errors
    /// If the device does not exist or the program was built without it, or an environment variable about claims is
    /// invalid.
    pub fn check(&self) -> Result<(), Error> {
        open_device(&self.device)?;
        RunClaimer::from_environment()?;
        Ok(())
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Executes those of `specs` that are unfinished or no longer whole.
///
/// # Errors
/// [`Error::RunsFailed`] after all other runs, if some failed; [`Error::NotWritten`] as soon as a file of a run cannot be
/// written; [`Error::Stopped`] after a stop request, if runs remain; or any error that prevents the start.
pub fn execute(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
    models: &Models,
    execution: &Execution,
) -> Result<(), Error> {
    let device = open_device(&execution.device)?;
    let claimer = RunClaimer::from_environment()?;
    let _session = output.start_session(specs)?;
    // A run that counts as finished is not executed again, so every byte of it is checked.
    let states = output.run_states(specs, Depth::Everything)?;
    let unfinished = specs.iter().zip(states);
    let unfinished = unfinished.filter(|(_, state)| !state.is_complete());
    let mut remaining: Vec<_> = unfinished.map(|(spec, _)| spec).collect();
    for done in specs.iter().filter(|spec| output.is_done(spec)) {
        // A process that ended between the mark of a run and the removal of its checkpoint leaves the checkpoint.
        let _ = std::fs::remove_file(output.run_folder(&done.id).join(CHECKPOINT_FILE));
    }
    let total = remaining.len();
    let epochs = remaining.iter().map(|spec| spec.training.epochs + 1).sum();
    let progress = Progress::start(total, epochs, execution.verbosity);
    let stop = StopCondition::new(&execution.stop);
    let workers = Workers {
        output,
        claimer: &claimer,
        progress: &progress,
        stop: &stop,
        failed: AtomicUsize::new(0),
        lock_notice_printed: AtomicBool::new(false),
    };
    let mut printed = String::new();
    let mut pause = MIN_PAUSE;
    while !remaining.is_empty() {
        let before = remaining.len();
        remaining = execute_round(resolved, remaining, &device, models, execution, &workers)?;
        if stop.is_met() {
            break;
        }
        if remaining.is_empty() || remaining.len() < before {
            pause = MIN_PAUSE;
            continue;
        }
        if !execution.wait {
            progress.print(&format!(
                "other processes hold the {} remaining runs",
                remaining.len()
            ));
            break;
        }
        let line = describe_waiting(&remaining);
        if printed != line {
            progress.print(&line);
            printed = line;
        }
        // The process holds no images, threads or runs while it waits.
        thread::sleep(pause);
        pause = (pause * 2).min(MAX_PAUSE);
    }
    progress.end();
    let failed = workers.failed.into_inner();
    stop.into_result(progress.finished_count() - failed, total)?;
    match failed {
        0 => Ok(()),
        failed => Err(Error::RunsFailed { failed, total }),
    }
}

/// Tries every run once, variant by variant, so that the shared images of one variant are in memory at a time. Renders
/// them only if a run of the variant is free. Returns the runs that other processes hold.
fn execute_round<'a>(
    resolved: &Resolved,
    runs: Vec<&'a RunSpec>,
    device: &Device,
    models: &Models,
    execution: &Execution,
    workers: &Workers,
) -> Result<Vec<&'a RunSpec>, Error> {
    let mut held = Vec::new();
    let mut rendered: Option<(Option<usize>, SharedSets)> = None;
    let variants = (0..resolved.variants.len()).map(Some);
    for variant in std::iter::once(None).chain(variants) {
        if workers.stop.is_met() {
            break;
        }
        let of_variant = runs.iter().filter(|spec| spec.variant == variant);
        let of_variant: Vec<_> = of_variant.copied().collect();
        let jobs = execution.jobs.clamp(1, of_variant.len().max(1));
        let queue = Mutex::new(Queue::new(of_variant));
        if let Some(first) = workers.claim_next(&queue) {
            let previous = |variant| resolved.variant(variant);
            let resolved = resolved.variant(variant);
            let generator = build_generator(resolved, Split::Training)?;
            let shared = match rendered.take() {
                Some((other, shared)) if have_same_sets(previous(other), resolved) => shared,
                _ => render_shared_sets(resolved, &build_generator(resolved, Split::Test)?)?,
            };
            // The report shows networks of the study itself, computed on a CPU so that the numbers are reproducible.
            let has_outputs = variant.is_none() && device.is_cpu();
            let plane = has_outputs
                .then(|| PlaneImages::render(resolved))
                .transpose()?;
            let context = RunContext {
                resolved,
                models,
                generator: &generator,
                shared: &shared,
                plane: plane.as_ref(),
                device,
                device_name: &execution.device,
                threads: execution.threads.unwrap_or(cores() / jobs).max(1),
                checkpoint_interval: execution.checkpoint_interval,
                stop: workers.stop,
            };
            workers.execute_all(&context, jobs, first, &queue);
            rendered = Some((variant, shared));
        }
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        held.extend(queue.into_held());
    }
    Ok(held)
}

/// Returns a line with the first few runs that the process waits for.
fn describe_waiting(held: &[&RunSpec]) -> String {
    let titles: Vec<_> = held.iter().take(3).map(|spec| spec.title()).collect();
    let more = match held.len() - titles.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let runs = match held.len() {
        1 => "run that another process holds".to_owned(),
        n => format!("{n} runs that other processes hold"),
    };
    format!("waiting for the {runs}: {}{more}", titles.join("; "))
}
