//! Parallel workers on the runs of one variant: each claims a run, executes it and claims the next.

use std::collections::VecDeque;
use std::fs;
use std::hash::{BuildHasher, RandomState};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Instant;

use nodule_study::results::{Claim, RunClaimer, RunFolder};
use nodule_study::text::format_duration;
use nodule_study::{Output, RunSpec};

use super::CHECKPOINT_FILE;
use super::progress::Progress;
use super::run::{Outcome, RunContext, run};
use super::stop::StopCondition;
use crate::Error;

/// State that all workers of a process share.
pub(super) struct Workers<'a> {
    pub(super) output: &'a Output,
    pub(super) claimer: &'a RunClaimer,
    pub(super) progress: &'a Progress,
    pub(super) stop: &'a StopCondition<'a>,
    /// Number of failed runs.
    pub(super) failed: AtomicUsize,
    /// Whether the notice about claims without locks was printed.
    pub(super) lock_notice_printed: AtomicBool,
}

/// A run that this process has claimed.
pub(super) type ClaimedRun<'a> = (&'a RunSpec, RunFolder);

/// Runs not yet tried in this round, and runs that other processes hold.
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

    /// Returns the runs that other processes hold.
    pub(super) fn into_held(self) -> Vec<&'a RunSpec> {
        self.held
    }

    /// Defers a run that another process holds. After the first such run the queue continues at a random place: processes
    /// that go through it in the same order would meet at every run.
    fn defer(&mut self, spec: &'a RunSpec) {
        if self.held.is_empty() && !self.waiting.is_empty() {
            let place = RandomState::new().hash_one(&spec.id) % self.waiting.len() as u64;
            self.waiting.rotate_left(place as usize);
        }
        self.held.push(spec);
    }
}

impl Workers<'_> {
    /// Claims the first free run of the queue. `None` if the queue is empty or the runs must stop.
    pub(super) fn claim_next<'a>(&self, queue: &Mutex<Queue<'a>>) -> Option<ClaimedRun<'a>> {
        loop {
            let next = lock(queue).waiting.pop_front();
            let spec = next.filter(|_| !self.stop.is_met())?;
            let claim = self.claimer.claim(&self.output.run_folder(&spec.id));
            self.print_lock_notice();
            match claim {
                Ok(Claim::Claimed(folder)) => return Some((spec, *folder)),
                Ok(Claim::Held) => lock(queue).defer(spec),
                Ok(Claim::Done) => {
                    let line = format!("{}: done by another process", spec.title());
                    self.progress.count_run(&line);
                }
                Ok(Claim::Failed(reason)) => self.report_failure(spec, &reason),
                Err(error) => self.handle_error(spec, error.into()),
            }
        }
    }

    /// Prints once how runs are claimed, if the file system has no locks.
    fn print_lock_notice(&self) {
        if let Some(line) = self.claimer.lock_notice()
            && !self.lock_notice_printed.swap(true, Ordering::Relaxed)
        {
            self.progress.print(&line);
        }
    }

    /// Executes `first` and all other free runs of the queue, `jobs` in parallel.
    pub(super) fn execute_all(
        &self,
        context: &RunContext,
        jobs: usize,
        first: ClaimedRun,
        queue: &Mutex<Queue>,
    ) {
        let first = Mutex::new(Some(first));
        thread::scope(|scope| {
            for _ in 0..jobs {
                scope.spawn(|| {
                    let mut next = lock(&first).take();
                    while let Some((spec, folder)) = next.or_else(|| self.claim_next(queue)) {
                        self.execute_run(context, spec, folder);
                        next = None;
                    }
                });
            }
        });
    }

    fn execute_run(&self, context: &RunContext, spec: &RunSpec, folder: RunFolder) {
        let (id, title) = (&spec.id, spec.title());
        if let Some((path, error)) = folder.broken_run() {
            let path = path.display();
            self.progress.print(&format!(
                "run {id} ({title}) was not whole; moved to {path} and executed again: {error}"
            ));
        }
        let clock = Instant::now();
        match run_and_mark(context, spec, folder, self.progress) {
            // The checkpoint remains, and the next start resumes the run.
            Ok(Outcome::Stopped) => {}
            Ok(Outcome::Done) => {
                let duration = format_duration(clock.elapsed().as_secs_f64());
                self.progress.count_run(&format!("{title}: {duration}"));
            }
            Err(error) => self.handle_error(spec, error),
        }
    }

    fn handle_error(&self, spec: &RunSpec, error: Error) {
        if let Some(error) = self.stop.record_write_error(spec, error) {
            self.report_failure(spec, &error.failure_reason());
        }
    }

    fn report_failure(&self, spec: &RunSpec, reason: &str) {
        let title = spec.title();
        self.failed.fetch_add(1, Ordering::Relaxed);
        let line = format!("run {} ({title}) failed: {reason}", spec.id);
        self.progress.print(&line);
        self.progress.count_run(&format!("{title}: failed"));
    }
}

/// Executes a run and marks it as `done`, or as `failed` with the reason.
fn run_and_mark(
    context: &RunContext,
    spec: &RunSpec,
    folder: RunFolder,
    progress: &Progress,
) -> Result<Outcome, Error> {
    let run = || run_in_thread_pool(context, spec, &folder, progress);
    let result = catch_unwind(AssertUnwindSafe(run));
    let to_error = |_| Err(Error::cannot_make("the run", "it panicked; see above"));
    match result.unwrap_or_else(to_error) {
        Ok(Outcome::Stopped) => Ok(Outcome::Stopped),
        Ok(Outcome::Done) => {
            let checkpoint = folder.path().join(CHECKPOINT_FILE);
            folder.finish()?;
            // Needed until the mark exists. A process that is killed here leaves it for the next start to remove.
            let _ = fs::remove_file(checkpoint);
            Ok(Outcome::Done)
        }
        // A write error is no failure of the run: a process that can write may try it.
        Err(error) if error.is_file_error() => Err(error),
        Err(error) => {
            folder.fail(&error.failure_reason())?;
            Err(error)
        }
    }
}

/// Runs in a thread pool of its own, so that parallel runs do not share threads.
fn run_in_thread_pool(
    context: &RunContext,
    spec: &RunSpec,
    folder: &RunFolder,
    progress: &Progress,
) -> Result<Outcome, Error> {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(context.threads)
        .build()
        .map_err(|e| Error::cannot_make("a pool of threads", e))?;
    pool.install(|| run(context, spec, folder, progress))
}

/// Locks a mutex. Panics of runs are caught outside of locks, so its contents are never half-written.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
