//! The local executor: runs side by side, each on threads of its own.
//!
//! A run's numbers do not depend on how many go on beside it: each has its own thread pool, its
//! own seeds and its own folder. Several processes may work on one output folder: a run belongs to
//! whoever claims its folder. A process that finds one held goes on to the next, in this variant and the
//! others, and waits only when other processes hold all that is left.

use std::sync::atomic::{AtomicBool, AtomicUsize};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{Error, Models};
use candle_core::Device;
use nodule_battery::sets::{SharedSets, build_generator, have_same_sets, render_shared_sets};
use nodule_error::invalid_value;
use nodule_study::results::{Depth, RunClaimer};
use nodule_study::{Output, Resolved, RunSpec};
use nodule_synth::Split;
use nodule_train::open_device;

use super::progress::{Talk, progress};
use super::run::Setup;
use super::stop::{Halt, Stop};
use super::training::{CHECKPOINT, CHECKPOINT_EVERY};
use super::work::{Queue, Shop};
use crate::finished::{Shown, shown};

/// How long to wait before looking again at runs that other processes hold, at first and in the end.
const LOOK_AGAIN: Duration = Duration::from_millis(250);
const LOOK_AT_LAST: Duration = Duration::from_secs(2);

/// How runs are carried out. None of it changes their numbers.
#[derive(Debug, Clone)]
pub struct Execution {
    /// `cpu`, `cuda` or `cuda:N`.
    pub device: String,
    /// Runs side by side; at least 1.
    pub jobs: usize,
    /// Threads of each run; without it the cores are shared out among the jobs.
    pub threads: Option<usize>,
    /// How often a training is written to the disk.
    pub checkpoint_every: Duration,
    /// What asks it all to stop.
    pub stop: Stop,
    /// Whether to wait for runs that other processes hold when nothing else is left: one of them may die.
    /// Without it the process leaves then, and it is no failure.
    pub wait: bool,
    /// How much is said meanwhile.
    pub talk: Talk,
}

impl Default for Execution {
    fn default() -> Self {
        Self {
            device: "cpu".into(),
            jobs: cores(),
            threads: None,
            checkpoint_every: CHECKPOINT_EVERY,
            stop: Stop::default(),
            wait: true,
            talk: Talk::default(),
        }
    }
}

impl Execution {
    /// Opens the device and closes it again, and reads what the environment says of claims: better now than
    /// after a folder was made.
    ///
    /// # Errors
    /// If there is no such device, or the program was built without it. It never falls back. If the
    /// environment says what makes no sense.
    pub fn check(&self) -> Result<(), Error> {
        open_device(&self.device)?;
        RunClaimer::from_environment()?;
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
        _ => Err(invalid_value("--device", device, "cpu, cuda or cuda:N (N from 0)").into()),
    }
}

fn cores() -> usize {
    thread::available_parallelism().map_or(1, usize::from)
}

/// Carries out those of `specs` that are not done, and makes again those that are not whole any more.
///
/// # Errors
/// [`Error::RunsFailed`] after all others are done, if some failed; [`Error::NotWritten`] as soon as a file of
/// a run cannot be written; [`Error::Stopped`] if it was asked to stop before all were done; or whatever
/// keeps the study from starting at all.
pub fn execute(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
    models: &Models,
    execution: &Execution,
) -> Result<(), Error> {
    let device = open_device(&execution.device)?;
    let claims = RunClaimer::from_environment()?;
    let _at_work = output.start_session(specs)?;
    // A finished run is skipped for good here: that is worth reading it to the last byte.
    let states = output.run_states(specs, Depth::Everything)?;
    let states = specs.iter().zip(states);
    let pending: Vec<_> = states.filter(|(_, state)| !state.is_complete()).collect();
    let pending: Vec<_> = pending.into_iter().map(|(spec, _)| spec).collect();
    for done in specs.iter().filter(|spec| output.is_done(spec)) {
        // Left where a process ended between the mark of a run and this.
        let _ = std::fs::remove_file(output.run_folder(&done.id).join(CHECKPOINT));
    }
    let total = pending.len();
    let epochs = |spec: &&RunSpec| spec.training.epochs + 1;
    let progress = progress(total, pending.iter().map(epochs).sum(), execution.talk);
    let halt = Halt::new(&execution.stop);
    let shop = Shop {
        output,
        claims: &claims,
        progress: &progress,
        halt: &halt,
        failed: AtomicUsize::new(0),
        means_said: AtomicBool::new(false),
    };
    let mut left = pending;
    let mut said = String::new();
    let mut pause = LOOK_AGAIN;
    while !left.is_empty() {
        let before = left.len();
        left = one_round(resolved, left, &device, models, execution, &shop)?;
        if halt.is_asked() {
            break;
        }
        if left.is_empty() || left.len() < before {
            pause = LOOK_AGAIN;
            continue;
        }
        if !execution.wait {
            let n = left.len();
            progress.say(&format!("other processes hold the {n} runs that are left"));
            break;
        }
        let line = waited_for(&left);
        if said != line {
            progress.say(&line);
            said = line;
        }
        // Nothing is held meanwhile: no images, no threads, no run.
        thread::sleep(pause);
        pause = (pause * 2).min(LOOK_AT_LAST);
    }
    progress.end();
    let failed = shop.failed.into_inner();
    halt.outcome(progress.finished() - failed, total)?;
    match failed {
        0 => Ok(()),
        failed => Err(Error::RunsFailed { failed, total }),
    }
}

/// Tries every run once, one variant after the other, so that what its runs share is rendered once and
/// held once; and only where there is a run to be had. Returns those that other processes hold.
fn one_round<'a>(
    resolved: &Resolved,
    runs: Vec<&'a RunSpec>,
    device: &Device,
    models: &Models,
    execution: &Execution,
    shop: &Shop,
) -> Result<Vec<&'a RunSpec>, Error> {
    let mut held = Vec::new();
    let mut rendered: Option<(Option<usize>, SharedSets)> = None;
    let variants = (0..resolved.variants.len()).map(Some);
    for variant in std::iter::once(None).chain(variants) {
        if shop.halt.is_asked() {
            break;
        }
        let of_variant = runs.iter().filter(|spec| spec.variant == variant);
        let of_variant: Vec<_> = of_variant.copied().collect();
        let jobs = execution.jobs.clamp(1, of_variant.len().max(1));
        let queue = Mutex::new(Queue::new(of_variant));
        if let Some(first) = shop.first_free(&queue) {
            let of_other = |other| resolved.variant(other);
            let resolved = resolved.variant(variant);
            let training = build_generator(resolved, Split::Training)?;
            let shared = match rendered.take() {
                Some((other, shared)) if have_same_sets(of_other(other), resolved) => shared,
                _ => render_shared_sets(resolved, &build_generator(resolved, Split::Test)?)?,
            };
            let shown = shown_by(resolved, variant, device)?;
            let setup = Setup {
                resolved,
                models,
                generator: &training,
                shared: &shared,
                shown: shown.as_ref(),
                device,
                device_name: &execution.device,
                threads: execution.threads.unwrap_or(cores() / jobs).max(1),
                checkpoint_every: execution.checkpoint_every,
                halt: shop.halt,
            };
            shop.work(&setup, jobs, first, &queue);
            rendered = Some((variant, shared));
        }
        let queue = queue.into_inner().unwrap_or_else(PoisonError::into_inner);
        held.extend(queue.into_held());
    }
    Ok(held)
}

/// What a report will ask of networks: of the study's own alone, and on a CPU, so that its numbers do not depend on
/// who made them.
fn shown_by(
    resolved: &Resolved,
    variant: Option<usize>,
    device: &Device,
) -> Result<Option<Shown>, Error> {
    let asked = variant.is_none() && device.is_cpu();
    asked.then(|| shown(resolved)).transpose()
}

/// What a process with nothing to do waits for: the first few by name.
fn waited_for(held: &[&RunSpec]) -> String {
    let named: Vec<_> = held.iter().take(3).map(|spec| spec.title()).collect();
    let more = match held.len() - named.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let runs = match held.len() {
        1 => "run that another process holds".to_owned(),
        n => format!("{n} runs that other processes hold"),
    };
    format!("waiting for the {runs}: {}{more}", named.join("; "))
}
