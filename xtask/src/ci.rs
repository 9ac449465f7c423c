//! `cargo xtask ci`: every check, the cheapest first, so that failures show early.

use std::process::ExitCode;
use std::time::Instant;

use clap::Args;

use crate::process::{cargo, code, root, run};
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
const STEPS: [(&str, &[&str]); 5] = [
    ("format", &["fmt", "--all", "--check"]),
    (
        "lints",
        &[
            "clippy",
            "--locked",
            "--workspace",
            "--all-targets",
            "--",
            "-D",
            "warnings",
        ],
    ),
    ("tests", &["test", "--locked", "--workspace"]),
    ("docs", &["doc", "--locked", "--workspace", "--no-deps"]),
    (
        "smoke study",
        &[
            "xtask",
            "reproduce",
            "--profile",
            "smoke",
            "--out",
            "target/smoke",
        ],
    ),
];

impl Ci {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let (first, rest) = STEPS.split_at(1);
        if let Some(failed) = run_steps(first)? {
            return Ok(failed);
        }
        let mut faults = tidy(&root())?;
        faults.extend(offline_faults(&root())?);
        for fault in &faults {
            eprintln!("tidy: {fault}");
        }
        if !faults.is_empty() {
            return Ok(ExitCode::FAILURE);
        }
        if let Some(failed) = run_steps(rest)? {
            return Ok(failed);
        }
        let torture = Torture {
            kills: 10,
            rounds: 1,
            disks: 1,
            seed: 1,
            out: None,
        };
        let code = torture.run()?;
        if code != ExitCode::SUCCESS {
            return Ok(code);
        }
        if self.python {
            let code = Python::default().run()?;
            if code != ExitCode::SUCCESS {
                return Ok(code);
            }
        }
        if self.cuda {
            crate::cuda_check::cuda_check()
        } else {
            Ok(ExitCode::SUCCESS)
        }
    }
}

/// Runs the steps until one fails, and returns its exit code.
fn run_steps(steps: &[(&str, &[&str])]) -> anyhow::Result<Option<ExitCode>> {
    for (name, arguments) in steps {
        eprintln!("==> {name}: cargo {}", arguments.join(" "));
        let clock = Instant::now();
        let mut command = cargo();
        command
            .args(*arguments)
            .current_dir(root())
            .env("RUSTDOCFLAGS", "-D warnings");
        let status = run(&mut command)?;
        eprintln!("==> {name}: {:.0} s", clock.elapsed().as_secs_f64());
        if !status.success() {
            eprintln!("==> {name} failed");
            return Ok(Some(code(status)));
        }
    }
    Ok(None)
}
