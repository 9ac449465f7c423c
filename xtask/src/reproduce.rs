//! `cargo xtask reproduce`: build in release mode, then hand over to `nodule study run`.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::{Args, ValueEnum};

use crate::process::{cargo, code, root, run, target};

const EXAMPLES: &str = "Examples:
  cargo xtask reproduce --profile quick      minutes: the shape of the answer
  cargo xtask reproduce                      the full grid, with verdicts
  cargo xtask reproduce --profile quick --dry-run

Interrupt it when you like: the same command goes on where it was.";

/// Run a study from end to end and print its verdicts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reproduce {
    /// Which study
    #[arg(long, value_enum, default_value = "paper")]
    profile: Profile,
    /// Output folder, by default the profile under `results/`
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Runs side by side [default: one a core]
    #[arg(long, value_name = "N")]
    jobs: Option<u16>,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Where the runs are carried out
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// List what would run, and stop
    #[arg(long)]
    dry_run: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Profile {
    /// Seconds; shows that every part runs
    Smoke,
    /// Minutes; 3 seeds
    Quick,
    /// The full grid; 20 seeds
    Paper,
    /// Beyond the paper: seven losses, texture that agrees with the label more or less often, and
    /// where the variance between runs comes from
    Extended,
    /// Beyond the paper: where reliance turns from texture to shape
    Salience,
    /// Beyond the paper: our own choices changed one at a time
    Multiverse,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Executor {
    /// On this machine
    Local,
    /// As a Slurm job array; --out must be on a file system that all nodes share
    Slurm,
}

impl Reproduce {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut build = cargo();
        build
            .args(["build", "--release", "-p", "nodule-cli"])
            .current_dir(root());
        if self.device.starts_with("cuda") {
            build.args(["--features", "cuda"]);
        }
        let built = run(&mut build)?;
        if !built.success() {
            return Ok(code(built));
        }
        Ok(code(run(&mut self.study())?))
    }

    fn study(&self) -> Command {
        let profile = match self.profile {
            Profile::Smoke => "smoke",
            Profile::Quick => "quick",
            Profile::Paper => "paper",
            Profile::Extended => "extended",
            Profile::Salience => "salience",
            Profile::Multiverse => "multiverse",
        };
        let out = self
            .out
            .clone()
            .unwrap_or_else(|| root().join("results").join(profile));
        let mut study = Command::new(target().join("release").join("nodule"));
        study
            .args([
                "study",
                "run",
                "--study",
                profile,
                "--device",
                &self.device,
                "--out",
            ])
            .arg(out);
        if let Some(jobs) = self.jobs {
            study.arg("--jobs").arg(jobs.to_string());
        }
        if matches!(self.executor, Executor::Slurm) {
            study.args(["--executor", "slurm"]);
        }
        if self.dry_run {
            study.arg("--dry-run");
        }
        study
    }
}
