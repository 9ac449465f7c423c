//! `cargo xtask package`: packages every library, builds the packages in an external workspace (`tests/outside`), and
//! runs its programs.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, ensure};
use clap::Args;

use crate::process::{cargo, check, root, run, target};

/// Package every library crate, and build external programs with the packages.
#[derive(Debug, Args)]
pub(crate) struct Package {
    /// Allow downloads of dependencies
    #[arg(long)]
    online: bool,
}

/// Libraries in the order of publication: each after its dependencies.
pub(crate) const LIBRARIES: [&str; 14] = [
    "nodule-error",
    "nodule-config",
    "nodule-seed",
    "nodule-synth",
    "nodule-nn",
    "nodule-train",
    "nodule-images",
    "nodule-eval",
    "nodule-explain",
    "nodule-study",
    "nodule-analysis",
    "nodule-report",
    "nodule-battery",
    "nodule-run",
];

impl Package {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        eprintln!("==> cargo package");
        let mut pack = self.cargo("package");
        // This checks uncommitted changes too. Cargo's verification caches unpacked packages per version and would
        // build packages of an earlier call.
        pack.args(["--allow-dirty", "--no-verify"]);
        for library in LIBRARIES {
            pack.args(["--package", library]);
        }
        let outside = target().join("outside");
        let built = outside.join("target");
        check(pack.current_dir(root()))?;
        let workspace = outside.join("workspace");
        replace_folder(&root().join("tests/outside"), &workspace)?;
        unpack(&workspace.join("crates"))?;
        // Use the locked versions of this workspace, which are available offline.
        fs::copy(root().join("Cargo.lock"), workspace.join("Cargo.lock"))?;
        let steps: [&[&str]; 3] = [
            &["build", "--workspace"],
            &["run", "--package", "outside-nodules"],
            &["run", "--package", "outside-network"],
        ];
        for step in steps {
            eprintln!("==> outside: cargo {}", step.join(" "));
            let mut cargo = self.cargo(step[0]);
            cargo.args(&step[1..]).arg("--target-dir").arg(&built);
            cargo
                .env("RUSTFLAGS", "-D warnings")
                .current_dir(&workspace);
            check(&mut cargo)?;
        }
        Ok(())
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

/// Unpacks every package into a folder of its name.
fn unpack(folder: &Path) -> anyhow::Result<()> {
    let version = env!("CARGO_PKG_VERSION");
    for library in LIBRARIES {
        let package = format!("{library}-{version}.crate");
        let package = target().join("package").join(package);
        let to = folder.join(library);
        fs::create_dir_all(&to).with_context(|| format!("{}", to.display()))?;
        let mut tar = Command::new("tar");
        tar.arg("-xzf").arg(&package).arg("-C").arg(&to);
        let unpacked = run(tar.arg("--strip-components=1"))?;
        ensure!(unpacked.success(), "{} is broken", package.display());
    }
    Ok(())
}

/// Replaces folder `to` by a copy of `from`.
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
