//! `nodule study verify`: is everything in the folder of a study as it was when it was finished?

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use nodule_run::device_kind;
use nodule_study::results::{Verification, verify};
use nodule_study::{Error, Registry, plan, read_output};

use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule study verify --out results/quick
  nodule study verify --out results/quick --json

Reads every file of every run and compares its SHA-256 with the mark `done` of the run, and the study's
own files with study.sha256. Exit codes: 0 whole; 1 something is broken, unfinished or missing.";

/// Check a whole folder.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The device its runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Print what is found as JSON
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let kind = device_kind(&self.device)?;
        let (output, resolved) = match read_output(&self.out, &Registry::default()) {
            Ok(found) => found,
            // No folder of a study is the user's mistake; a study in it that cannot be read is broken.
            Err(e @ Error::Folder { .. }) => return Err(e.into()),
            Err(e) => return Err(anyhow!("the study is broken: {e}")),
        };
        let found = verify(&output, &plan(&resolved, kind))?;
        if self.json {
            line(found.json())?;
        } else {
            print(&found)?;
        }
        match found.is_whole() {
            true => Ok(()),
            false => Err(anyhow!("{} is not whole", self.out.display())),
        }
    }
}

fn print(found: &Verification) -> anyhow::Result<()> {
    for fault in &found.study {
        line(format_args!("broken: {fault}"))?;
    }
    for run in &found.broken {
        line(format_args!(
            "broken: {} ({}): {}",
            run.run, run.title, run.reason
        ))?;
    }
    let unverified = "finished before files were listed: not verified";
    for (what, names) in [
        ("unfinished", &found.unfinished),
        (unverified, &found.unlisted),
        ("foreign, not planned", &found.foreign),
        ("kept aside, broken before", &found.set_aside),
    ] {
        for name in names {
            line(format_args!("{what}: {name}"))?;
        }
    }
    line(format_args!(
        "{} whole, {} {unverified}, {} broken, {} unfinished, {} foreign",
        found.whole.len(),
        found.unlisted.len(),
        found.broken.len() + found.study.len(),
        found.unfinished.len(),
        found.foreign.len()
    ))
}
