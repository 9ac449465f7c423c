//! Tells the crate which commit it is built from, for `run.json`, and which studies come with it: those
//! of the crate's folder `data/studies`.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const STUDIES: &str = "data/studies";
/// What cargo puts into a package: the commit that it was made of.
const PACKAGED: &str = ".cargo_vcs_info.json";

fn main() {
    println!("cargo:rustc-env=NODULE_COMMIT={}", commit());
    println!("cargo:rerun-if-changed=build.rs");
    println!("cargo:rerun-if-changed={STUDIES}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("studies.rs"), studies(Path::new(STUDIES))).expect("OUT_DIR is writable");
}

/// A package says its own commit: the checkout that it may lie in is someone else's.
fn commit() -> String {
    let short = |commit: &str| commit.chars().take(12).collect();
    if let Ok(text) = fs::read_to_string(PACKAGED) {
        let sha1 = text.split("\"sha1\"").nth(1);
        let sha1 = sha1.and_then(|rest| rest.split('"').nth(1));
        return sha1.map_or_else(|| "unknown".to_owned(), short);
    }
    // The reflog grows with every commit. One that is not there would run this script every time.
    if let Some(reflog) = git(&["rev-parse", "--git-path", "logs/HEAD"])
        && Path::new(&reflog).is_file()
    {
        println!("cargo:rerun-if-changed={reflog}");
    }
    git(&["rev-parse", "HEAD"]).map_or_else(|| "unknown".to_owned(), |commit| short(&commit))
}

fn git(arguments: &[&str]) -> Option<String> {
    let output = Command::new("git").args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then(|| text.trim().to_owned())
}

/// `&[(name, text)]`, sorted by name.
fn studies(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder of studies is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    // By name and not by path, where `a-b.toml` comes before `a.toml`.
    files.sort_by_key(|path| path.file_stem().map(OsStr::to_owned));
    let line = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        // The text itself: a path would be wrong as soon as the checkout is moved.
        let text = fs::read_to_string(path).expect("a file that was just listed");
        format!("    ({name:?}, {text:?}),\n")
    };
    let lines: String = files.iter().map(line).collect();
    format!("&[\n{lines}]\n")
}
