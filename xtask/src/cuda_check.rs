//! Type check of the CUDA code without CUDA: `cargo check` with a stub of nvcc.
//!
//! Candle's build calls nvcc for its kernels. The stub prints a version and creates empty output files, which is enough
//! to type-check this workspace.

use std::fs;
use std::path::Path;

use anyhow::Context;

use crate::process::{self, cargo, root};

const NVCC: &str = r#"#!/bin/sh
# Stub of nvcc: prints a version and creates empty output files.
case "$*" in *--version*)
  echo "nvcc: NVIDIA (R) Cuda compiler driver"
  echo "A stub: compiles nothing"
  echo "Built on no day"
  echo "Cuda compilation tools, release 13.0, V13.0.88"
  echo "Build cuda_13.0.stand-in"
  exit 0 ;;
esac
while [ $# -gt 0 ]; do
  case "$1" in
    -o) shift; : > "$1" ;;
    --output-file) shift; : > "$1" ;;
    --output-directory) shift; directory="$1" ;;
    *.cu) input="$1" ;;
  esac
  shift
done
if [ -n "$directory" ] && [ -n "$input" ]; then
  : > "$directory/$(basename "${input%.cu}").ptx"
fi
exit 0
"#;

/// Type-checks the command line with the feature `cuda`.
pub(crate) fn cuda_check() -> anyhow::Result<()> {
    let tools = root().join("target").join("cuda-check");
    let nvcc = tools.join("bin").join("nvcc");
    fs::create_dir_all(tools.join("bin")).with_context(|| format!("{}", tools.display()))?;
    fs::write(&nvcc, NVCC).with_context(|| format!("{}", nvcc.display()))?;
    make_executable(&nvcc)?;
    let path = std::env::var("PATH").unwrap_or_default();
    eprintln!("==> CUDA path: cargo check -p nodule-cli --features cuda");
    let mut check = cargo();
    check.args(["check", "--locked", "-p", "nodule-cli"]);
    check.args(["--features", "cuda", "--target-dir"]);
    check
        .arg(tools.join("target"))
        .current_dir(root())
        .env("PATH", format!("{}:{path}", tools.join("bin").display()))
        .env("CUDA_COMPUTE_CAP", "80");
    process::check(&mut check)
}

#[cfg(unix)]
fn make_executable(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    Ok(fs::set_permissions(
        path,
        fs::Permissions::from_mode(0o755),
    )?)
}

#[cfg(not(unix))]
fn make_executable(_: &Path) -> anyhow::Result<()> {
    anyhow::bail!("the CUDA check needs Unix")
}
