//! Description of the machine and of the measured programs: processor, vectors and versions.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use super::Vectors;
use super::build::Binaries;
use super::programs::{environment, parse_number};
use crate::process::root;

/// Facts about the machine and the programs, as text.
pub(super) struct Machine {
    facts: Vec<(&'static str, String)>,
    pub(super) has_jax: bool,
}

const PYTHON_VERSIONS: &str = "import sys, numpy, torch; \
    print('Python', sys.version.split()[0] + ', NumPy', numpy.__version__ + ', torch', torch.__version__)";
const JAX_VERSION: &str = "import jax; print('jax', jax.__version__)";

impl Machine {
    pub(super) fn inspect(
        built: &Binaries,
        python: Option<&Path>,
        vectors: Vectors,
    ) -> anyhow::Result<Self> {
        let mut versions = vec![read_output(Command::new("rustc").arg("--version"))?];
        let mut left_out = Vec::new();
        versions.push(format!(
            "candle {}",
            locked_version("Cargo.lock", "candle-core")?
        ));
        let mut has_jax = false;
        match python {
            None => left_out.push("PyTorch, JAX and NumPy (no --python)".to_owned()),
            Some(python) => {
                let more = read_output(Command::new(python).args(["-c", PYTHON_VERSIONS]));
                versions.push(more.context("--python needs torch and numpy")?);
                match read_output(Command::new(python).args(["-c", JAX_VERSION])) {
                    Ok(version) => {
                        versions.push(version);
                        has_jax = true;
                    }
                    Err(_) => left_out.push("JAX (not installed for that Python)".into()),
                }
            }
        }
        match built.burn {
            Some(_) => {
                let version = locked_version("xtask/bench/burn_step/Cargo.lock", "burn")?;
                versions.push(format!("burn {version}"));
            }
            None => left_out.push("Burn (no --burn)".into()),
        }
        if vectors == Vectors::Avx2 {
            left_out
                .push("stock Candle and the generators (their vectors cannot be limited)".into());
        }
        for left in &left_out {
            eprintln!("left out: {left}");
        }
        let cores = std::thread::available_parallelism().map_or(0, usize::from);
        let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
        let facts = vec![
            (
                "machine",
                format!("{}, {cores} cores, {arch} {os}", processor()),
            ),
            ("vectors", describe_vectors(built, vectors)?),
            ("versions", versions.join("; ")),
            ("left_out", left_out.join("; ")),
        ];
        Ok(Self { facts, has_jax })
    }

    /// Returns name and text of each known fact.
    pub(super) fn facts(&self) -> impl Iterator<Item = (&'static str, &str)> {
        self.facts
            .iter()
            .map(|(name, text)| (*name, text.as_str()))
            .filter(|(_, text)| !text.is_empty())
    }
}

/// Returns the vector width of our kernels, as measured by the benchmark itself.
fn describe_vectors(built: &Binaries, vectors: Vectors) -> anyhow::Result<String> {
    let mut peak = Command::new(&built.ours);
    peak.arg("peak");
    let text = read_output(peak.envs(environment(vectors)))?;
    let bits = parse_number(&text, "vector_bits").map_err(anyhow::Error::msg)?;
    let why = match vectors {
        Vectors::Widest => "the widest available",
        Vectors::Avx2 => "limited to AVX2, except the crate gemm (dense layers)",
    };
    Ok(format!("{bits:.0} bits, {why}"))
}

/// Returns the version of a package in a lock file.
fn locked_version(file: &str, package: &str) -> anyhow::Result<String> {
    let path = root().join(file);
    let text = std::fs::read_to_string(&path).with_context(|| format!("{}", path.display()))?;
    let after = text
        .split(&format!("name = \"{package}\"\nversion = \""))
        .nth(1);
    let version = after.and_then(|rest| rest.split('"').next());
    let version = version.with_context(|| format!("{}: no {package}", path.display()))?;
    Ok(version.to_owned())
}

/// Returns what a program prints.
fn read_output(command: &mut Command) -> anyhow::Result<String> {
    let program = command.get_program().display().to_string();
    let output = command
        .output()
        .with_context(|| format!("cannot start {program}"))?;
    if !output.status.success() {
        bail!(
            "{program}: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

/// Returns the name of the processor if the system reports it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let name = text.lines().find_map(|l| l.strip_prefix("model name"));
    name.map_or_else(
        || "unknown processor".into(),
        |name| name.trim_start_matches([' ', '\t', ':']).to_owned(),
    )
}
