//! `cargo xtask reproduce`: release build, then `nodule study tune` if the study has trials, then `nodule study run`.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::ensure;
use clap::{Args, ValueEnum};

use crate::process::{cargo, check, exec, root, target};

/// Folder of the built-in studies.
const STUDIES: &str = "crates/nodule-study/data/studies";

const EXAMPLES: &str = "Examples:
  cargo xtask reproduce --profile quick      a few minutes, few seeds
  cargo xtask reproduce                      the full grid, with verdicts
  cargo xtask reproduce --profile quick --dry-run

After an interruption, the same command resumes.";

/// Run a study from end to end and print its verdicts.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Reproduce {
    #[arg(long, value_name = "NAME", default_value = "paper", help = profile_help())]
    profile: String,
    /// Output folder [default: results/PROFILE]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Number of parallel runs [default: one per core]
    #[arg(long, value_name = "N")]
    jobs: Option<u16>,
    /// Device: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Where to execute the runs
    #[arg(long, value_enum, default_value = "local")]
    executor: Executor,
    /// List the runs and exit
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
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let profiles: Vec<_> = profiles().into_iter().map(|(name, _)| name).collect();
        ensure!(
            profiles.contains(&self.profile),
            "--profile = {}: must be one of {}",
            self.profile,
            profiles.join(", ")
        );
        let mut build = cargo();
        build.args(["build", "--locked", "--release", "-p", "nodule-cli"]);
        if self.device.starts_with("cuda") {
            build.args(["--features", "cuda"]);
        }
        check(build.current_dir(root()))?;
        let out = self
            .out
            .clone()
            .unwrap_or_else(|| root().join("results").join(&self.profile));
        let profile = Path::new(&self.profile);
        if !self.has_trials() {
            return exec(&mut self.study_command("run", profile, &out));
        }
        let folder = out.with_extension("tune");
        check(&mut self.study_command("tune", profile, &folder))?;
        if self.dry_run {
            return Ok(());
        }
        exec(&mut self.study_command("run", &folder.join("tuned.toml"), &out))
    }

    /// Returns whether the study has a table `[tune]`.
    fn has_trials(&self) -> bool {
        let file = root()
            .join(STUDIES)
            .join(&self.profile)
            .with_extension("toml");
        let text = std::fs::read_to_string(file).unwrap_or_default();
        text.lines().any(|line| line.trim() == "[tune]")
    }

    /// Returns the command `nodule study VERB`.
    fn study_command(&self, verb: &str, study: &Path, out: &Path) -> Command {
        let mut command = Command::new(target().join("release").join("nodule"));
        command.args(["study", verb, "--study"]).arg(study);
        command.args(["--device", &self.device, "--out"]).arg(out);
        if let Some(jobs) = self.jobs {
            command.arg("--jobs").arg(jobs.to_string());
        }
        if matches!(self.executor, Executor::Slurm) && verb == "run" {
            command.args(["--executor", "slurm"]);
        }
        if self.dry_run {
            command.arg("--dry-run");
        }
        command
    }
}

/// Returns the built-in studies with the first line of each file.
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
    let lines: String = profiles()
        .into_iter()
        .map(|(name, line)| format!("\n- {name}: {line}"))
        .collect();
    format!("Built-in study:{lines}\n")
}
