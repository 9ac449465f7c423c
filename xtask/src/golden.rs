//! `cargo xtask golden`: golden vectors from the reference libraries.

use std::path::PathBuf;
use std::process::{Command, ExitCode};

use clap::Args;

use crate::process::{code, root, run};

/// Regenerate the golden vectors with PyTorch, captum, scipy, scikit-image and scikit-learn.
#[derive(Debug, Args)]
pub(crate) struct Golden {
    /// Python with the packages of tests/golden/requirements.txt
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
}

/// Scripts that write vectors into their own folders.
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
