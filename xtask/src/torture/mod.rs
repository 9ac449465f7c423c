//! `cargo xtask torture`: kills of a small study at random moments, full disks and two processes in one folder; the
//! results must be the bytes of an uninterrupted run.

mod disk;
mod folder;
mod kills;
mod random;
mod shared;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail, ensure};
use clap::Args;

use crate::process::{Failed, cargo, check, root, target};
use random::Random;

/// Kill a small study at random moments, and check that it always ends with the same bytes.
#[derive(Debug, Args)]
pub(crate) struct Torture {
    /// Least number of kills
    #[arg(long, default_value_t = 300)]
    pub(crate) kills: usize,
    /// Rounds of two processes in one folder, of which one is killed
    #[arg(long, default_value_t = 5)]
    pub(crate) rounds: usize,
    /// Number of disks to fill, at most 6; they need root
    #[arg(long, default_value_t = disk::SIZES.len(), value_name = "N")]
    pub(crate) disks: usize,
    /// Seed of the random moments
    #[arg(long, default_value_t = 1)]
    pub(crate) seed: u64,
    /// Folder to write to, new or empty [default: a folder below cargo's target folder]
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
}

/// The program under test, its study, and the results of an uninterrupted run.
pub(super) struct Subject {
    program: PathBuf,
    /// Folder of all results.
    folder: PathBuf,
    /// Results of an uninterrupted run.
    whole: PathBuf,
}

/// Violations; each is printed, and any of them fails the task.
pub(super) type Faults = Vec<String>;

impl Torture {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let mut build = cargo();
        build.args(["build", "--release", "-p", "nodule-cli"]);
        check(build.current_dir(root()))?;
        let own = || target().join(format!("torture-{}", std::process::id()));
        let folder = self.out.clone().unwrap_or_else(own);
        let empty = fs::read_dir(&folder).map_or(true, |mut entries| entries.next().is_none());
        ensure!(empty, "--out = {}: must be new or empty", folder.display());
        fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
        let folder = std::path::absolute(folder)?;
        write_study(&folder)?;
        let subject = Subject {
            program: target().join("release").join("nodule"),
            whole: folder.join("whole"),
            folder,
        };
        let clock = Instant::now();
        let status = subject.study_command(&subject.whole, 2).status()?;
        ensure!(status.success(), "the uninterrupted study failed");
        eprintln!("uninterrupted: {:.1} s", clock.elapsed().as_secs_f64());

        let mut random = Random::new(self.seed);
        let (kills, mut faults) = kills::kill_studies(&subject, self.kills, &mut random)?;
        let shared = shared::kill_one_of_two(&subject, self.rounds, &mut random, &mut faults)?;
        let disks = disk::fill_disks(&subject, self.disks.min(disk::SIZES.len()), &mut faults)?;
        println!("{}", table::format_table(&kills));
        println!("{shared}\n{disks}");
        for fault in &faults {
            println!("FAULT: {fault}");
        }
        if !faults.is_empty() {
            let folder = subject.folder.display();
            println!("{} faults; results in {folder}", faults.len());
            bail!(Failed(1));
        }
        println!("no faults");
        if self.out.is_none() {
            fs::remove_dir_all(&subject.folder)?;
        }
        Ok(())
    }
}

impl Subject {
    /// Returns the command that runs the study into `out` with `jobs` parallel runs, without output.
    fn study_command(&self, out: &Path, jobs: u64) -> Command {
        let mut command = Command::new(&self.program);
        command
            .args(["study", "run", "--checkpoint-every", "0.2", "--jobs"])
            .arg(jobs.to_string())
            .arg("--study")
            .arg(self.folder.join("study.toml"))
            .arg("--out")
            .arg(out)
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        command
    }
}

/// Writes the smoke study with enough epochs that a training takes about a second.
fn write_study(folder: &Path) -> anyhow::Result<()> {
    let path = root().join("data/studies/smoke.toml");
    let mut text = fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    for (from, to) in [
        ("epochs = 2", "epochs = 150"),
        (
            "train = [\"both\", \"shape\", \"random-labels\"]",
            "train = [\"both\", \"shape\"]",
        ),
        (
            "losses = [\"ce\", \"contrastive\", \"ce+contrastive\"]",
            "losses = [\"ce\", \"contrastive\", \"ce+contrastive\", \"ce+nt-xent\"]",
        ),
    ] {
        ensure!(text.contains(from), "{} has no {from}", path.display());
        text = text.replacen(from, to, 1);
    }
    Ok(fs::write(folder.join("study.toml"), text)?)
}
