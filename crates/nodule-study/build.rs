//! Tells the crate which commit it is built from, for `run.json`.

use std::process::Command;

fn main() {
    // The reflog grows with every commit; where there is none, the build script runs once.
    println!("cargo:rerun-if-changed=../../.git/logs/HEAD");
    let commit = Command::new("git")
        .args(["rev-parse", "--short=12", "HEAD"])
        .output()
        .ok()
        .filter(|output| output.status.success())
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| "unknown".to_owned(), |text| text.trim().to_owned());
    println!("cargo:rustc-env=NODULE_COMMIT={commit}");
}
