//! `cargo xtask torture`: a small study is killed at random moments, started again until it ends, run on
//! full disks and by two processes at once; every time its bytes must be those of an undisturbed folder.

mod disk;
mod folder;
mod kills;
mod random;
mod shared;
mod table;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::Instant;

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{cargo, code, root, run, target};

/// Kill a small study at random moments, and see that it always ends with the same bytes.
#[derive(Debug, Args)]
pub(crate) struct Torture {
    /// Kills at least
    #[arg(long, default_value_t = 300)]
    kills: usize,
    /// What the moments are drawn from
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// A folder for it all, new or empty, by default one below cargo's target folder
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

/// What is tried: the program, its study, and the folder that it gives when nobody disturbs it.
pub(super) struct Subject {
    program: PathBuf,
    /// Everything lies below it.
    folder: PathBuf,
    /// The results of an undisturbed run.
    whole: PathBuf,
}

/// Something that must not be: each is said, and any of them fails the task.
pub(super) type Faults = Vec<String>;

impl Torture {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let mut build = cargo();
        build.args(["build", "--release", "-p", "nodule-cli"]);
        let built = run(build.current_dir(root()))?;
        if !built.success() {
            return Ok(code(built));
        }
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
        let status = subject.study(&subject.whole, 2).status()?;
        ensure!(status.success(), "the undisturbed study failed");
        eprintln!("undisturbed: {:.1} s", clock.elapsed().as_secs_f64());

        let mut random = random::random(self.seed);
        let (kills, mut faults) = kills::kills(&subject, self.kills, &mut random)?;
        let shared = shared::shared(&subject, &mut random, &mut faults)?;
        let disks = disk::full_disks(&subject, &mut faults)?;
        println!("{}", table::table(&kills));
        println!("{shared}\n{disks}");
        for fault in &faults {
            println!("FAULT: {fault}");
        }
        println!(
            "{} faults; all of it in {}",
            faults.len(),
            subject.folder.display()
        );
        Ok(if faults.is_empty() {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }
}

impl Subject {
    /// The study, to be run into `out` with so many runs side by side, its words thrown away.
    fn study(&self, out: &Path, jobs: u64) -> Command {
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

/// The smoke study, with enough epochs that a training takes a second or so.
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
