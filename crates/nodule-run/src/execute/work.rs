//! Runs of one variant, carried out side by side: as many as this process gets hold of, each tried once.

use std::collections::VecDeque;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use crate::Error;
use nodule_study::results::{Claim, RunClaimer, RunFolder};
use nodule_study::text::format_duration;
use nodule_study::{Output, RunSpec};

use super::progress::Progress;
use super::run::{Outcome, Setup, run};
use super::stop::Halt;
use super::training::CHECKPOINT;

/// What all workers of a process share.
pub(super) struct Shop<'a> {
    pub(super) output: &'a Output,
    pub(super) claims: &'a RunClaimer,
    pub(super) progress: &'a Progress,
    pub(super) halt: &'a Halt<'a>,
    pub(super) failed: AtomicUsize,
    /// Whether it was said how runs are claimed.
    pub(super) means_said: AtomicBool,
}

/// A run that this process holds.
pub(super) type Held<'a> = (&'a RunSpec, RunFolder);

/// Runs that were not tried yet in this round, and those that other processes hold.
pub(super) struct Queue<'a> {
    waiting: VecDeque<&'a RunSpec>,
    held: Vec<&'a RunSpec>,
}

impl<'a> Queue<'a> {
    pub(super) fn new(runs: Vec<&'a RunSpec>) -> Self {
        Self {
            waiting: runs.into(),
            held: Vec::new(),
        }
    }

    /// What is left when all have been tried.
    pub(super) fn into_held(self) -> Vec<&'a RunSpec> {
        self.held
    }

    /// Another process is at that run. The next one to try lies anywhere in the queue: processes that go
    /// through it in one order would meet at every run.
    fn put_off(&mut self, spec: &'a RunSpec) {
        if self.held.is_empty() && !self.waiting.is_empty() {
            let any = RandomState::new().hash_one(&spec.id) % self.waiting.len() as u64;
            self.waiting.rotate_left(any as usize);
        }
        self.held.push(spec);
    }
}

impl Shop<'_> {
    /// The first run of the queue that this process gets hold of; none if it has come to its end.
    pub(super) fn first_free<'a>(&self, queue: &Mutex<Queue<'a>>) -> Option<Held<'a>> {
        loop {
            let next = opened(queue).waiting.pop_front();
            let spec = next.filter(|_| !self.halt.is_asked())?;
            let claim = self.claims.claim(&self.output.run_folder(&spec.id));
            self.say_means();
            match claim {
                Ok(Claim::Claimed(folder)) => return Some((spec, *folder)),
                Ok(Claim::Held) => opened(queue).put_off(spec),
                Ok(Claim::Done) => {
                    let line = format!("{}: done by another process", spec.title());
                    self.progress.run(&line);
                }
                Ok(Claim::Failed(reason)) => self.failed(spec, &reason),
                Err(e) => self.fails(spec, e.into()),
            }
        }
    }

    /// Says once how runs are claimed, where that is not by locks.
    fn say_means(&self) {
        if let Some(line) = self.claims.lock_notice()
            && !self.means_said.swap(true, Ordering::Relaxed)
        {
            self.progress.say(&line);
        }
    }

    /// Carries out `first` and what else is free, `jobs` side by side.
    pub(super) fn work(&self, setup: &Setup, jobs: usize, first: Held, queue: &Mutex<Queue>) {
        let first = Mutex::new(Some(first));
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    let mut next = opened(&first).take();
                    while let Some((spec, folder)) = next.or_else(|| self.first_free(queue)) {
                        self.carry_out(setup, spec, folder);
                        next = None;
                    }
                });
            }
        });
    }

    fn carry_out(&self, setup: &Setup, spec: &RunSpec, folder: RunFolder) {
        let what = spec.title();
        if let Some((aside, why)) = folder.broken_run() {
            let id = &spec.id;
            let kept = format!("run {id} ({what}) was not whole, it is kept as");
            let line = format!("{kept} {} and made again: {why}", aside.display());
            self.progress.say(&line);
        }
        let clock = Instant::now();
        match whole(setup, spec, folder, self.progress) {
            // Its checkpoint is kept; whoever goes on takes the run up there.
            Ok(Outcome::Stopped) => {}
            Ok(Outcome::Done) => {
                let took = format_duration(clock.elapsed().as_secs_f64());
                self.progress.run(&format!("{what}: {took}"));
            }
            Err(e) => self.fails(spec, e),
        }
    }

    fn fails(&self, spec: &RunSpec, error: Error) {
        if let Some(error) = self.halt.unless_unkept(spec, error) {
            self.failed(spec, &error.failure_reason());
        }
    }

    fn failed(&self, spec: &RunSpec, reason: &str) {
        let what = spec.title();
        self.failed.fetch_add(1, Ordering::Relaxed);
        let line = format!("run {} ({what}) failed: {reason}", spec.id);
        self.progress.say(&line);
        self.progress.run(&format!("{what}: failed"));
    }
}

/// One run from its beginning to its mark: `done`, or `failed` with the reason, while its folder is held.
fn whole(
    setup: &Setup,
    spec: &RunSpec,
    folder: RunFolder,
    progress: &Progress,
) -> Result<Outcome, Error> {
    let run = || run_in_pool(setup, spec, &folder, progress);
    let caught = catch_unwind(AssertUnwindSafe(run));
    let panicked = |_| Err(Error::made("the run", "it panicked; see above"));
    match caught.unwrap_or_else(panicked) {
        Ok(Outcome::Stopped) => Ok(Outcome::Stopped),
        Ok(Outcome::Done) => {
            let checkpoint = folder.path().join(CHECKPOINT);
            folder.finish()?;
            // Until the mark is there it is needed. What a kill leaves here the next start removes.
            let _ = fs::remove_file(checkpoint);
            Ok(Outcome::Done)
        }
        // A file that cannot be written says nothing of the run: whoever can write may try it.
        Err(e) if e.is_file_error() => Err(e),
        Err(e) => {
            folder.fail(&e.failure_reason())?;
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
) -> Result<Outcome, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(setup.threads)
        .build()
        .map_err(|e| Error::made("a pool of threads", e))?;
    pool.install(|| run(setup, spec, folder, progress))
}

/// What the mutex holds. A panic of a run is caught outside it: nothing in it is ever half-done.
fn opened<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
