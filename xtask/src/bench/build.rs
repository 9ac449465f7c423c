//! Builds the benchmark programs in release mode: ours, stock Candle and Burn.

use std::path::PathBuf;

use anyhow::bail;

use super::Vectors;
use crate::process::{cargo, root, run, target};

/// Paths of the programs.
pub(super) struct Binaries {
    pub(super) ours: PathBuf,
    pub(super) stock_candle: PathBuf,
    /// Only with `--burn`.
    pub(super) burn: Option<PathBuf>,
}

pub(super) fn build(burn: bool, vectors: Vectors) -> anyhow::Result<Binaries> {
    let ours = [
        "build",
        "--locked",
        "--release",
        "-p",
        "nodule-cli",
        "-p",
        "nodule-train",
        "--examples",
    ];
    if !run(cargo().args(ours).current_dir(root()))?.success() {
        bail!("cannot build the benchmarks");
    }
    let release = target().join("release");
    Ok(Binaries {
        ours: release.join("examples").join("bench"),
        stock_candle: release.join("examples").join("stock_candle_step"),
        burn: match burn {
            true => Some(build_burn(vectors)?),
            false => None,
        },
    })
}

/// Builds Burn's workspace, with one target folder per vector width, since the features differ.
fn build_burn(vectors: Vectors) -> anyhow::Result<PathBuf> {
    let folder = match vectors {
        Vectors::Widest => "burn_step",
        Vectors::Avx2 => "burn_step_avx2",
    };
    let folder = target().join(folder);
    let mut command = cargo();
    command.args(["build", "--locked", "--release", "--target-dir"]);
    command.arg(&folder);
    command.current_dir(root().join("xtask/bench/burn_step"));
    if vectors == Vectors::Avx2 {
        command.arg("--no-default-features");
    }
    if !run(&mut command)?.success() {
        bail!("cannot build xtask/bench/burn_step");
    }
    Ok(folder.join("release").join("burn_step"))
}
