//! Tells the crate which commit it is built from, for `run.json`, and which studies come with it: those
//! of the folder `data/studies`.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

const STUDIES: &str = "../../data/studies";

fn main() {
    // The reflog grows with every commit; where there is none, the build script runs once.
    println!("cargo:rerun-if-changed=../../.git/logs/HEAD");
    println!("cargo:rustc-env=NODULE_COMMIT={}", commit());
    println!("cargo:rerun-if-changed={STUDIES}");
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    fs::write(out.join("studies.rs"), studies(Path::new(STUDIES))).expect("OUT_DIR is writable");
}

fn commit() -> String {
    let output = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output();
    output
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned())
}

/// `&[(name, text)]`, sorted by name.
fn studies(folder: &Path) -> String {
    let entries = fs::read_dir(folder).expect("the folder of studies is there");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("a readable folder").path())
        .filter(|path| path.extension().is_some_and(|e| e == "toml"))
        .collect();
    files.sort();
    let line = |path: &PathBuf| {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        // The text itself: a path would be wrong as soon as the checkout is moved.
        let text = fs::read_to_string(path).expect("a file that was just listed");
        format!("    ({name:?}, {text:?}),\n")
    };
    let lines: String = files.iter().map(line).collect();
    format!("&[\n{lines}]\n")
}
