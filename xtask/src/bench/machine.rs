//! What the figures were measured on: the machine, its own peak, and the versions.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

/// The machine and the versions, as words.
pub(super) struct Machine {
    processor: String,
    peak: String,
    versions: String,
}

const PYTHON_VERSIONS: &str = "import sys, numpy, torch; \
    print('Python', sys.version.split()[0], 'numpy', numpy.__version__, 'torch', torch.__version__)";

impl Machine {
    pub(super) fn look(release: &Path, python: Option<&Path>) -> anyhow::Result<Self> {
        let mut versions = said(Command::new("rustc").arg("--version"))?;
        if let Some(python) = python {
            let more = said(Command::new(python).args(["-c", PYTHON_VERSIONS]))
                .context("--python needs torch and numpy")?;
            versions = format!("{versions}; {more}");
        }
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
        Ok(Self {
            processor: format!("{}, {cores} cores, {arch} {os}", processor()),
            peak: said(Command::new(release.join("nodule")).args(["bench", "peak"]))?,
            versions,
        })
    }

    pub(super) fn facts(&self) -> [(&'static str, &str); 3] {
        [
            ("machine", &self.processor),
            ("peak", &self.peak),
            ("versions", &self.versions),
        ]
    }
}

/// What a program prints.
fn said(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().display().to_string();
    let output = command
        .output()
        .with_context(|| format!("{program} cannot be started"))?;
    if !output.status.success() {
        bail!(
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// The processor's name where the system says it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|l| l.strip_prefix("model name"));
    name.map_or_else(
        || "unknown processor".into(),
        |name| name.trim_start_matches([' ', '\t', ':']).to_owned(),
    )
}
