//! `cargo xtask ci`: every check, the cheapest first, so that failures show early.

use std::time::Instant;

use anyhow::ensure;
use clap::Args;

use crate::process::{Failed, cargo, check, root};
use crate::python::Python;
use crate::supply_chain::offline_faults;
use crate::tidy::tidy;
use crate::torture::Torture;

/// Run every check, the cheapest first.
#[derive(Debug, Args)]
pub(crate) struct Ci {
    /// Also type-check the CUDA path, with a stand-in for nvcc (two minutes)
    #[arg(long)]
    cuda: bool,
    /// Also build the Python package and run its tests and snippets (some minutes); prints SKIPPED without
    /// Python, or if pip cannot install the requirements
    #[arg(long)]
    python: bool,
}

/// Name and arguments of each cargo step. The tests include doc tests.
const STEPS: [(&str, &str); 5] = [
    ("format", "fmt --all --check"),
    (
        "lints",
        "clippy --locked --workspace --all-targets -- -D warnings",
    ),
    ("tests", "test --locked --workspace"),
    ("docs", "doc --locked --workspace --no-deps"),
    (
        "smoke study",
        "xtask reproduce --profile smoke --out target/smoke",
    ),
];

impl Ci {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let (first, rest) = STEPS.split_at(1);
        run_steps(first)?;
        let mut faults = tidy(&root())?;
        faults.extend(offline_faults()?);
        for fault in &faults {
            eprintln!("tidy: {fault}");
        }
        ensure!(faults.is_empty(), Failed(1));
        run_steps(rest)?;
        let torture = Torture {
            kills: 10,
            rounds: 1,
            disks: 1,
            seed: 1,
            out: None,
        };
        torture.run()?;
        if self.python {
            Python::default().run()?;
        }
        if self.cuda {
            crate::cuda_check::cuda_check()?;
        }
        Ok(())
    }
}

/// Runs the steps until one fails.
fn run_steps(steps: &[(&str, &str)]) -> anyhow::Result<()> {
    for (name, arguments) in steps {
        eprintln!("==> {name}: cargo {arguments}");
        let clock = Instant::now();
        let mut command = cargo();
        command.args(arguments.split(' ')).current_dir(root());
        check(command.env("RUSTDOCFLAGS", "-D warnings"))
            .inspect_err(|_| eprintln!("==> {name} failed"))?;
        eprintln!("==> {name}: {:.0} s", clock.elapsed().as_secs_f64());
    }
    Ok(())
}
