//! Helpers of the end-to-end tests: the real binary, the smoke study, and comparison of folders.

pub mod browser;
pub mod predictions;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

use sha2::{Digest, Sha256};

/// Returns a command for the binary `nodule`, built once per test program in the profile of the tests.
///
/// # Panics
/// If it does not build.
#[must_use]
pub fn nodule() -> Command {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    Command::new(BINARY.get_or_init(build))
}

fn build() -> PathBuf {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let arguments = [
        "build",
        "--locked",
        "--quiet",
        "--package",
        "nodule-cli",
        "--bin",
        "nodule",
    ];
    let mut command = Command::new(cargo);
    command.args(arguments).current_dir(workspace());
    if !cfg!(debug_assertions) {
        command.arg("--release");
    }
    assert!(
        command.status().is_ok_and(|s| s.success()),
        "cannot build nodule-cli"
    );
    // This program is target/PROFILE/deps/NAME; the binary is target/PROFILE/nodule.
    let program = std::env::current_exe().expect("a running program has a path");
    let profile = program.ancestors().nth(2).expect("two folders above it");
    profile.join(format!("nodule{}", std::env::consts::EXE_SUFFIX))
}

/// Root folder of the workspace.
///
/// # Panics
/// Never: this package lies in it.
#[must_use]
pub fn workspace() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("tests/ lies in the workspace")
}

/// Runs the binary in `folder` with arguments separated by spaces.
///
/// # Panics
/// If it cannot be started.
#[must_use]
pub fn run(folder: &Path, arguments: &str) -> Output {
    let arguments = arguments.split_whitespace();
    let output = nodule().args(arguments).current_dir(folder).output();
    output.expect("the binary starts")
}

/// Runs the binary, asserts that it succeeds, and returns its standard output.
///
/// # Panics
/// If it does not exit with 0.
pub fn succeed(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert_eq!(
        output.status.code(),
        Some(0),
        "nodule {arguments}\n{errors}"
    );
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Writes the smoke study to `folder/study.toml` with each `from` replaced by `to`.
///
/// # Panics
/// If the study does not contain `from`, since the test would then test nothing.
pub fn smoke_with(folder: &Path, replacements: &[(&str, &str)]) {
    let path = workspace().join("data/studies/smoke.toml");
    let mut text = fs::read_to_string(path).expect("the smoke study is there");
    for (from, to) in replacements {
        assert!(text.contains(from), "the smoke study has no {from:?}");
        text = text.replacen(from, to, 1);
    }
    fs::write(folder.join("study.toml"), text).expect("the folder is writable");
}

/// Asserts that the binary rejects its arguments with exit code 2 and one line that contains `words`.
///
/// # Panics
/// If it does anything else.
pub fn assert_rejected(folder: &Path, arguments: &str, words: &str) {
    let message = rejection(folder, arguments);
    assert!(message.contains(words), "{arguments}: {message}");
}

/// Asserts the same for a line that contains all of `expected`, and that no folder `out` exists.
///
/// # Panics
/// If the binary does anything else.
pub fn assert_rejected_without_output(folder: &Path, arguments: &str, expected: &[&str]) {
    let message = rejection(folder, arguments);
    for words in expected {
        assert!(message.contains(words), "no {words:?} in: {message}");
    }
    assert!(
        !folder.join("out").exists(),
        "{arguments} left something behind"
    );
}

/// Returns the one line with which the binary rejects its arguments.
fn rejection(folder: &Path, arguments: &str) -> String {
    let output = run(folder, arguments);
    let message = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(
        output.status.code(),
        Some(2),
        "nodule {arguments}\n{message}"
    );
    assert!(message.starts_with("error: "), "{arguments}: {message}");
    assert_eq!(message.lines().count(), 1, "{arguments}: {message}");
    for bad in ["panicked", "RUST_BACKTRACE", "Some(", "unwrap"] {
        assert!(!message.contains(bad), "{message}");
    }
    message
}

/// Returns every reproducible file below `folder`: all but records of time and machine, files with their hashes, locks,
/// and the pages that quote them.
///
/// # Panics
/// If a file cannot be read.
#[must_use]
pub fn reproducible_files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    collect(folder, folder, &mut files);
    files.retain(|path, _| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let has_times = ["run.json", "done", "index.html", "report.md"].contains(&name.as_ref());
        !has_times && !name.starts_with('.')
    });
    files
}

fn collect(root: &Path, folder: &Path, files: &mut BTreeMap<PathBuf, Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("a readable folder") {
        let path = entry.expect("a readable entry").path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            let name = path.strip_prefix(root).unwrap_or(&path).to_path_buf();
            files.insert(name, fs::read(&path).expect("a readable file"));
        }
    }
}

/// Asserts that two folders have the same reproducible files with the same bytes.
///
/// # Panics
/// At the first difference, naming the file.
pub fn assert_same(one: &Path, other: &Path) {
    let (a, b) = (reproducible_files(one), reproducible_files(other));
    let names = |files: &BTreeMap<PathBuf, Vec<u8>>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&a), names(&b));
    for (name, bytes) in &a {
        assert!(bytes == &b[name], "{} differs", name.display());
    }
}

/// Rewrites the mark `done` of a finished run to fit its current files, so that only their content can be wrong.
///
/// # Panics
/// If the mark cannot be read or written.
#[allow(clippy::unwrap_used, reason = "a test may panic")]
pub fn update_mark(run: &Path) {
    let path = run.join("done");
    let mark: serde_json::Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let listed = mark["files"].as_object().unwrap().iter();
    let lines = listed.map(|(name, listed)| {
        let (bytes, sha256) = match fs::read(run.join(name)) {
            Ok(bytes) => {
                let digest = Sha256::digest(&bytes);
                let hex = digest.iter().map(|byte| format!("{byte:02x}"));
                (bytes.len() as u64, hex.collect())
            }
            Err(_) => {
                let sha256 = listed["sha256"].as_str().unwrap().to_owned();
                (listed["bytes"].as_u64().unwrap(), sha256)
            }
        };
        format!(
            "    \"{name}\": {{\n      \"bytes\": {bytes},\n      \"sha256\": \"{sha256}\"\n    }}"
        )
    });
    let lines: Vec<String> = lines.collect();
    let id = mark["run"].as_str().unwrap();
    let text = format!(
        "{{\n  \"run\": \"{id}\",\n  \"files\": {{\n{}\n  }}\n}}\n",
        lines.join(",\n")
    );
    fs::write(path, text).unwrap();
}
