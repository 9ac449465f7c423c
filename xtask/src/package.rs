//! `cargo xtask package`: every library as a stranger gets it. Packs all of them, builds each from its
//! own package alone, and runs two programs of an outside workspace (`tests/outside`) on the unpacked
//! packages.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{cargo, code, root, run, target};

/// Pack every library crate, and build outside programs on the packages.
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// May look for dependencies in the network
    #[arg(long)]
    online: bool,
}

/// The libraries, each after those that it needs.
pub(crate) const LIBRARIES: [&str; 10] = [
    "nodule-error",
    "nodule-seed",
    "nodule-synth",
    "nodule-nn",
    "nodule-train",
    "nodule-eval",
    "nodule-explain",
    "nodule-study",
    "nodule-report",
    "nodule-run",
];

/// What no outside program takes: cargo complains of a package that is offered in vain.
const UNUSED: [&str; 3] = ["nodule-study", "nodule-report", "nodule-run"];

impl Package {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        eprintln!("==> packages: cargo package");
        let mut pack = self.cargo("package");
        // A check, not a release: what is not committed yet is packed too.
        pack.args(["--allow-dirty"]).current_dir(root());
        for library in LIBRARIES {
            pack.args(["--package", library]);
        }
        let packed = run(&mut pack)?;
        if !packed.success() {
            return Ok(code(packed));
        }
        let outside = target().join("outside");
        let crates = unpack(&outside)?;
        let workspace = outside.join("workspace");
        replace_folder(&root().join("tests/outside"), &workspace)?;
        // The versions that this workspace is tested with, and that are at hand without a network.
        fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock"))?;
        for program in ["outside-nodules", "outside-network"] {
            eprintln!("==> outside: {program}");
            let mut build = self.cargo("run");
            build.args(["--package", program]).current_dir(&workspace);
            build.arg("--target-dir").arg(outside.join("target"));
            build.env("RUSTFLAGS", "-D warnings");
            for (library, folder) in crates.iter().filter(|c| !UNUSED.contains(&c.0)) {
                build.arg("--config").arg(format!(
                    "patch.crates-io.{library}.path={:?}",
                    folder.display().to_string()
                ));
            }
            let built = run(&mut build)?;
            if !built.success() {
                return Ok(code(built));
            }
        }
        Ok(ExitCode::SUCCESS)
    }

    fn cargo(&self, command: &str) -> Command {
        let mut cargo = cargo();
        cargo.arg(command);
        if !self.online {
            cargo.arg("--offline");
        }
        cargo
    }
}

/// Unpacks every package, and says where each lies.
fn unpack(outside: &Path) -> anyhow::Result<Vec<(&'static str, PathBuf)>> {
    let folder = outside.join("crates");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("{}", folder.display()))?;
    let version = env!("CARGO_PKG_VERSION");
    let unpacked = LIBRARIES.iter().map(|library| {
        let name = format!("{library}-{version}");
        let package = target().join("package").join(format!("{name}.crate"));
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(&package).arg("-C").arg(&folder);
        ensure!(run(&mut tar)?.success(), "{} is broken", package.display());
        Ok((*library, folder.join(name)))
    });
    unpacked.collect()
}

/// Makes `to` what `from` is.
fn replace_folder(from: &Path, to: &Path) -> anyhow::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to).with_context(|| format!("{}", to.display()))?;
    }
    fs::create_dir_all(to).with_context(|| format!("{}", to.display()))?;
    for entry in fs::read_dir(from).with_context(|| format!("{}", from.display()))? {
        let (path, kind) = entry.and_then(|e| Ok((e.path(), e.file_type()?)))?;
        let target = to.join(path.file_name().unwrap_or_default());
        if kind.is_dir() {
            replace_folder(&path, &target)?;
        } else {
            fs::copy(&path, &target).with_context(|| format!("{}", path.display()))?;
        }
    }
    Ok(())
}
