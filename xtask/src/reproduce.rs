//! `cargo xtask reproduce`: build in release mode, tune the losses where the study asks for it, then hand over
//! to `nodule study run`.

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::ensure;
use clap::{Args, ValueEnum};

use crate::process::{cargo, code, hand_over, root, run, target};

/// Where the studies lie that come with the program.
const STUDIES: &str = "crates/nodule-study/data/studies";

const EXAMPLES: &str = "Examples:
  cargo xtask reproduce --profile quick      minutes: the shape of the answer
  cargo xtask reproduce                      the full grid, with verdicts
  cargo xtask reproduce --profile quick --dry-run

Interrupt it when you like: the same command goes on where it was.";

/// Run a study from end to end and print its verdicts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reproduce {
    #[arg(long, value_name = "NAME", default_value = "paper", help = profile_help())]
    profile: String,
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
enum Executor {
    /// On this machine
    Local,
    /// As a Slurm job array; --out must be on a file system that all nodes share
    Slurm,
}

impl Reproduce {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let profiles: Vec<_> = profiles().into_iter().map(|(name, _)| name).collect();
        ensure!(
            profiles.contains(&self.profile),
            "--profile = {}: must be one of {}",
            self.profile,
            profiles.join(", ")
        );
        let mut build = cargo();
        build
            .args(["build", "--locked", "--release", "-p", "nodule-cli"])
            .current_dir(root());
        if self.device.starts_with("cuda") {
            build.args(["--features", "cuda"]);
        }
        let built = run(&mut build)?;
        if !built.success() {
            return Ok(code(built));
        }
        let out = self.out.clone();
        let out = out.unwrap_or_else(|| root().join("results").join(&self.profile));
        let profile = Path::new(&self.profile);
        if !self.has_trials() {
            return hand_over(&mut self.study("run", profile, &out));
        }
        let folder = out.with_extension("tune");
        let tuned = run(&mut self.study("tune", profile, &folder))?;
        if !tuned.success() || self.dry_run {
            return Ok(code(tuned));
        }
        hand_over(&mut self.study("run", &folder.join("tuned.toml"), &out))
    }

    /// Whether the losses of the study are still to be tuned.
    fn has_trials(&self) -> bool {
        let file = root()
            .join(STUDIES)
            .join(&self.profile)
            .with_extension("toml");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().any(|line| line.trim() == "[tune]")
    }

    /// `nodule study run` or `tune`.
    fn study(&self, what: &str, study: &Path, out: &Path) -> Command {
        let mut command = Command::new(target().join("release").join("nodule"));
        command.args(["study", what, "--study"]).arg(study);
        command.args(["--device", &self.device, "--out"]).arg(out);
        if let Some(jobs) = self.jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
        if matches!(self.executor, Executor::Slurm) && what == "run" {
            command.args(["--executor", "slurm"]);
        }
        if self.dry_run {
            command.arg("--dry-run");
        }
        command
    }
}

/// The studies that come with the program, with the first line of each file: the folder is the list.
fn profiles() -> Vec<(String, String)> {
    let entries = std::fs::read_dir(root().join(STUDIES));
    let files = entries.into_iter().flatten().flatten().map(|e| e.path());
    let profile = |path: PathBuf| {
        let name = path.file_stem()?.to_str()?.to_owned();
        let text = std::fs::read_to_string(&path).ok()?;
        let line = text.lines().next()?.trim_start_matches("# ").to_owned();
        path.extension()
            .is_some_and(|e| e == "toml")
            .then_some((name, line))
    };
    let mut profiles: Vec<_> = files.filter_map(profile).collect();
    profiles.sort();
    profiles
}

fn profile_help() -> String {
    let lines = profiles().into_iter();
    let lines = lines.map(|(name, line)| format!("\n- {name}: {line}"));
    format!("Which study:{}\n", lines.collect::<String>())
}
