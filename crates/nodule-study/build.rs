//! Embeds the commit of the build, for `run.json`, and the built-in studies of `data/studies`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const STUDIES: &str = "data/studies";
/// File in which cargo records the commit of a package.
const PACKAGED_COMMIT: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo:rustc-env=NODULE_COMMIT={}", find_commit());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={STUDIES}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    let studies = format_studies(Path::new(STUDIES));
    fs::write(out.join("studies.rs"), studies).expect("OUT_DIR is writable");
}

/// Returns the first 12 digits of the commit, or `unknown`. A package has its own record, because the checkout around it
/// may be another repository's.
fn find_commit() -> String {
    let shorten = |commit: &str| commit.chars().take(12).collect();
    let unknown = || "unknown".to_owned();
    if let Ok(text) = fs::read_to_string(PACKAGED_COMMIT) {
        return text
            .split("\"sha1\"")
            .nth(1)
            .and_then(|rest| rest.split('"').nth(1))
            .map_or_else(unknown, shorten);
    }
    // The reflog grows with every commit. If it is missing, watching it would run this script in every build.
    if let Some(reflog) = git(&["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&reflog).is_file()
    {
        println!("cargo:rerun-if-changed={reflog}");
    }
    git(&["rev-parse", "HEAD"]).map_or_else(unknown, |commit| shorten(&commit))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// Returns the Rust expression `&[(name, text)]` of all studies, sorted by name.
fn format_studies(folder: &Path) -> String {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("the folder of studies exists")
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    // Sorted by stem: by path, `a-b.toml` would come before `a.toml`.
    files.sort_by_key(|path| path.file_stem().map(OsStr::to_owned));
    let line = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        // The text itself: a path would be wrong after the checkout is moved.
        let text = fs::read_to_string(path).expect("a listed file is readable");
        format!("    ({name:?}, {text:?}),\n")
    };
    let lines: String = files.iter().map(line).collect();
    format!("&[\n{lines}]\n")
}
