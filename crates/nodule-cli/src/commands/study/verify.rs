//! `nodule study verify`: checksums of all files of a study.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::Args;
use nodule_run::device_kind;
use nodule_study::results::{Verification, verify};
use nodule_study::{Error, Registry, plan, read_output};

use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule study verify --out results/quick
  nodule study verify --out results/quick --json

Compares the SHA-256 of every file of every run with the run's file `done`, and the study's own files with
study.sha256. Exits with 0 if all are intact, with 1 if anything is broken, unfinished or missing.";

/// Verify the checksums of all files of a study.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Verify {
    /// Output folder of a study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Device that the runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

impl Verify {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let kind = device_kind(&self.device)?;
        let (output, resolved) = match read_output(&self.out, &Registry::default()) {
            Ok(found) => found,
            // A wrong folder is invalid input (exit code 2); an unreadable study is a broken one (1).
            Err(e @ Error::Folder { .. }) => return Err(e.into()),
            Err(e) => return Err(anyhow!("the study is broken: {e}")),
        };
        let verification = verify(&output, &plan(&resolved, kind))?;
        if self.json {
            print_line(verification.to_json())?;
        } else {
            print_verification(&verification)?;
        }
        match verification.is_whole() {
            true => Ok(()),
            false => Err(anyhow!("{} is not intact", self.out.display())),
        }
    }
}

fn print_verification(verification: &Verification) -> anyhow::Result<()> {
    for fault in &verification.study {
        print_line(format_args!("broken: {fault}"))?;
    }
    for run in &verification.broken {
        print_line(format_args!(
            "broken: {} ({}): {}",
            run.run, run.title, run.reason
        ))?;
    }
    for (state, names) in [
        ("unfinished", &verification.unfinished),
        ("foreign, not planned", &verification.unplanned),
        ("set aside, broken before", &verification.set_aside),
    ] {
        for name in names {
            print_line(format_args!("{state}: {name}"))?;
        }
    }
    print_line(format_args!(
        "{} intact, {} broken, {} unfinished, {} foreign",
        verification.complete.len(),
        verification.broken.len() + verification.study.len(),
        verification.unfinished.len(),
        verification.unplanned.len()
    ))
}
