//! Options for parallel runs, threads and checkpoint intervals.

use std::time::Duration;

use clap::Args;
use nodule_error::{InvalidInput, invalid_value};
use nodule_run::{CHECKPOINT_INTERVAL, Execution, Verbosity};

use crate::numbers::whole;

/// Upper limit on threads in all, above any machine's number of cores.
const MAX_THREADS: u64 = 1024;

#[derive(Debug, Args)]
pub(crate) struct Resources {
    /// Number of parallel runs [default: one per core]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<u16>(1, MAX_THREADS))]
    pub(super) jobs: Option<u16>,
    /// Threads of each run [default: cores divided by jobs]
    #[arg(long, value_name = "N", allow_hyphen_values = true, value_parser = whole::<u16>(1, MAX_THREADS))]
    pub(super) threads: Option<u16>,
    /// Seconds between checkpoints of a training: the most that a kill without warning can lose
    #[arg(long, value_name = "SECONDS", default_value_t = CHECKPOINT_INTERVAL.as_secs_f64(), allow_hyphen_values = true, value_parser = parse_seconds)]
    pub(super) checkpoint_every: f64,
}

impl Resources {
    /// Returns an error if jobs times threads exceeds the limit.
    pub(super) fn check(&self) -> Result<(), InvalidInput> {
        let threads = usize::from(self.threads.unwrap_or(1)) * self.jobs();
        let max = MAX_THREADS as usize;
        if threads > max {
            let allowed = format!("at most {max} threads in all");
            return Err(invalid_value("--jobs x --threads", threads, allowed));
        }
        Ok(())
    }

    /// Number of parallel runs.
    pub(super) fn jobs(&self) -> usize {
        self.jobs.map_or(Execution::default().jobs, usize::from)
    }

    /// Returns the settings of an execution on `device`.
    pub(super) fn execution(&self, device: &str, level: Verbosity) -> Execution {
        Execution {
            device: device.to_owned(),
            jobs: self.jobs(),
            threads: self.threads.map(usize::from),
            checkpoint_interval: Duration::from_secs_f64(self.checkpoint_every),
            verbosity: level,
            ..Execution::default()
        }
    }
}

fn parse_seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|n| (0.0..=86_400.0).contains(n));
    seconds.ok_or_else(|| "must be a number of seconds from 0 to 86400".to_owned())
}
