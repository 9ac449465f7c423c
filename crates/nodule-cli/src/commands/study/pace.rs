//! How much of the machine runs take, and how often they are kept.

use std::time::Duration;

use clap::Args;
use nodule_error::{InvalidInput, invalid_value};
use nodule_run::{CHECKPOINT_EVERY, Execution, Talk};

/// More runs side by side, or threads of one, than any machine has use for.
const MOST_THREADS: i64 = 1024;

#[derive(Debug, Args)]
pub(crate) struct Pace {
    /// Runs side by side [default: one a core]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    pub(super) jobs: Option<u16>,
    /// Threads of each run [default: the cores shared out among the jobs]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=MOST_THREADS))]
    pub(super) threads: Option<u16>,
    /// Write the training under way to the disk this often, in seconds: what a kill without warning
    /// costs at most
    #[arg(long, value_name = "SECONDS", default_value_t = CHECKPOINT_EVERY.as_secs_f64(), value_parser = seconds)]
    pub(super) checkpoint_every: f64,
}

impl Pace {
    /// Refuses more threads than a machine starts.
    pub(super) fn check(&self) -> Result<(), InvalidInput> {
        let threads = usize::from(self.threads.unwrap_or(1)) * self.jobs();
        let most = MOST_THREADS.unsigned_abs() as usize;
        if threads > most {
            let allowed = format!("at most {most} threads in all");
            return Err(invalid_value("--jobs x --threads", threads, allowed));
        }
        Ok(())
    }

    /// Runs side by side.
    pub(super) fn jobs(&self) -> usize {
        self.jobs.map_or(Execution::default().jobs, usize::from)
    }

    /// How runs are carried out on that device.
    pub(super) fn execution(&self, device: &str, talk: Talk) -> Execution {
        Execution {
            device: device.to_owned(),
            jobs: self.jobs(),
            threads: self.threads.map(usize::from),
            checkpoint_every: Duration::from_secs_f64(self.checkpoint_every),
            talk,
            ..Execution::default()
        }
    }
}

/// A time that may pass between two writes.
fn seconds(text: &str) -> Result<f64, String> {
    let value = text.parse().map_err(|_| "must be a number of seconds")?;
    if (0.0..=86_400.0).contains(&value) {
        Ok(value)
    } else {
        Err("must be from 0 to 86400 seconds".into())
    }
}
