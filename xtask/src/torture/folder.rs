//! Contents of a folder of results: reproducible bytes, and the progress of a running study.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::{Context, ensure};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// File systems keep times in ticks of a few milliseconds.
const TICK: Duration = Duration::from_millis(10);

/// Pages that show times.
const TIMED_PAGES: [&str; 2] = ["index.html", "report.md"];
/// Fields of run.json that differ between executions of the same run.
const TIMED_FIELDS: [&str; 3] = ["started_unix_s", "threads", "timings"];

/// Returns every difference between two folders of results: in their reproducible files, which are all but pages that
/// show times and hidden files (locks), and in run.json without its times.
pub(super) fn differences(whole: &Path, other: &Path) -> anyhow::Result<Vec<String>> {
    let (a, b) = (contents(whole)?, contents(other)?);
    let names: std::collections::BTreeSet<_> = a.keys().chain(b.keys()).collect();
    let different = names
        .into_iter()
        .filter(|name| a.get(*name) != b.get(*name));
    let messages = different.map(|name| {
        let how = match (a.contains_key(name), b.contains_key(name)) {
            (true, true) => "differs",
            (true, false) => "is missing",
            _ => "is unexpected",
        };
        format!("{}: {} {how}", other.display(), name.display())
    });
    Ok(messages.collect())
}

fn contents(root: &Path) -> anyhow::Result<BTreeMap<PathBuf, Vec<u8>>> {
    let mut all = BTreeMap::new();
    for path in files(root) {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if name.starts_with('.') || TIMED_PAGES.contains(&name.as_ref()) {
            continue;
        }
        let bytes = match name.as_ref() {
            "run.json" => untimed_record(&path)?,
            "done" => untimed_mark(&path)?,
            _ => fs::read(&path).with_context(|| format!("{}", path.display()))?,
        };
        all.insert(path.strip_prefix(root)?.to_path_buf(), bytes);
    }
    Ok(all)
}

/// Returns a run.json without the fields that hold times.
fn untimed_record(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut record = read_json(path)?;
    if let Some(fields) = record.as_object_mut() {
        fields.retain(|name, _| !TIMED_FIELDS.contains(&name.as_str()));
    }
    Ok(serde_json::to_vec(&record)?)
}

/// Returns a `done` file without its entry of run.json, after checking that entry against the file.
fn untimed_mark(path: &Path) -> anyhow::Result<Vec<u8>> {
    let mut mark = read_json(path)?;
    let record = path.with_file_name("run.json");
    let bytes = fs::read(&record).with_context(|| format!("{}", record.display()))?;
    let actual = format!("{:x}", Sha256::digest(&bytes));
    let entry = mark["files"]["run.json"].take();
    ensure!(
        entry["sha256"] == actual.as_str() && entry["bytes"] == bytes.len(),
        "{}: run.json has SHA-256 {actual}, not {entry}",
        path.display()
    );
    Ok(serde_json::to_vec(&mark)?)
}

fn read_json(path: &Path) -> anyhow::Result<Value> {
    let text = fs::read_to_string(path).with_context(|| format!("{}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{}", path.display()))
}

/// Returns the number of temporary files of killed processes.
pub(super) fn count_temporary_files(root: &Path) -> usize {
    let is_temporary = |path: &PathBuf| path.extension().is_some_and(|e| e == "tmp");
    files(root).iter().filter(|path| is_temporary(path)).count()
}

/// Returns every file below a folder; files that vanish meanwhile are skipped.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |path: PathBuf| match path.is_dir() {
        true => files(&path),
        false => vec![path],
    };
    entries.flat_map(|entry| below(entry.path())).collect()
}

/// Returns the time of the last write in the folder, at least `start`.
pub(super) fn last_write(folder: &Path, start: SystemTime) -> SystemTime {
    let files = files(folder).into_iter();
    let times = files.filter_map(|file| modification_time(&file));
    times.fold(start, SystemTime::max)
}

fn modification_time(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|m| m.modified()).ok()
}

/// Returns the phase of a study that started at `start`, estimated from its files.
pub(super) fn phase(out: &Path, start: SystemTime) -> &'static str {
    let since = |path: &Path| modification_time(path).is_some_and(|at| at + TICK >= start);
    let entries = fs::read_dir(out.join("runs"));
    let runs = entries.into_iter().flatten().flatten().map(|e| e.path());
    let runs: Vec<_> = runs.filter(|path| path.is_dir()).collect();
    let open = runs.iter().filter(|run| !run.join("done").is_file());
    let is_touched = |run: &&PathBuf| files(run).iter().any(|file| since(file));
    let touched: Vec<_> = open.clone().filter(is_touched).collect();
    let is_trained = |run: &&PathBuf| since(&run.join("model.safetensors"));
    if touched.iter().any(is_trained) {
        "evaluating"
    } else if !touched.is_empty() {
        "training"
    } else if open.count() > 0 || runs.len() < super::kills::RUNS {
        "generating images, or before the first write"
    } else if files(&out.join("tables")).iter().any(|file| since(file)) {
        "writing tables and report"
    } else {
        "maps and tables, before the first file"
    }
}
