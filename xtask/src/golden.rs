//! `cargo xtask golden`: golden vectors from the reference libraries.

use std::path::PathBuf;
use std::process::Command;

use clap::Args;

use crate::process::{check, root};

/// Regenerate the golden vectors with PyTorch, captum, scipy, scikit-image and scikit-learn.
#[derive(Debug, Args)]
pub(crate) struct Golden {
    /// Python with the packages of tests/golden/requirements.txt
    #[arg(long, value_name = "PATH", default_value = "python3")]
    python: PathBuf,
}

/// Scripts that write vectors into their own folders.
const SCRIPTS: [&str; 5] = [
    "tests/golden/make_golden.py",
    "tests/golden/layers/make_golden.py",
    "tests/golden/training/make_golden.py",
    "tests/golden/eval/make_golden.py",
    "tests/golden/explain/make_golden.py",
];

impl Golden {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        for script in SCRIPTS {
            eprintln!("==> {script}");
            check(Command::new(&self.python).arg(script).current_dir(root()))?;
        }
        Ok(())
    }
}
