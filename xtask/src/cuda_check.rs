//! Keeps the CUDA path compiling where there is no CUDA: `cargo check` with a stand-in for nvcc.
//!
//! Candle's build calls nvcc for its kernels; the stand-in states a version and leaves the empty
//! files it is asked for, which is enough to type-check all of our code and none of NVIDIA's.

use std::fs;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use crate::process::{cargo, code, root, run};

const NVCC: &str = r#"#!/bin/sh
# A stand-in for nvcc: states a version, and creates the output files it is asked for.
case "$*" in *--version*)
  echo "nvcc: NVIDIA (R) Cuda compiler driver"
  echo "A stand-in: it compiles nothing"
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
pub(crate) fn cuda_check() -> anyhow::Result<ExitCode> {
    let tools = root().join("target").join("cuda-check");
    let nvcc = tools.join("bin").join("nvcc");
    fs::create_dir_all(tools.join("bin")).with_context(|| format!("{}", tools.display()))?;
    fs::write(&nvcc, NVCC).with_context(|| format!("{}", nvcc.display()))?;
    make_executable(&nvcc)?;
    let path = std::env::var("PATH").unwrap_or_default();
    eprintln!("==> CUDA path: cargo check -p nodule-cli --features cuda");
    let mut check = cargo();
    check
        .args([
            "check",
            "--locked",
            "-p",
            "nodule-cli",
            "--features",
            "cuda",
            "--target-dir",
        ])
        .arg(tools.join("target"))
        .current_dir(root())
        .env("PATH", format!("{}:{path}", tools.join("bin").display()))
        .env("CUDA_COMPUTE_CAP", "80");
    Ok(code(run(&mut check)?))
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
    anyhow::bail!("the CUDA check needs a shell: run it on Unix")
}
