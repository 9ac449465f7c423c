//! `cargo xtask golden`: makes the golden vectors again with the reference libraries.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::process::{code, root, run};

/// Make the golden vectors again with PyTorch, captum, scipy, scikit-image and scikit-learn.
#[derive(Debug, Args)]
pub(crate) struct Golden {
    /// A Python that has the packages of tests/golden/requirements.txt
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
}

/// The scripts, each of which writes the vectors beside it.
const SCRIPTS: [&str; 4] = [
    "tests/golden/make_golden.py",
    "tests/golden/layers/make_golden.py",
    "tests/golden/eval/make_golden.py",
    "tests/golden/explain/make_golden.py",
];

impl Golden {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        for script in SCRIPTS {
            eprintln!("==> {script}");
            let status = run(Command::new(&self.python).arg(script).current_dir(root()))?;
            if !status.success() {
                return Ok(code(status));
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}
