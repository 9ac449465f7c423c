//! Contents of a folder of results: reproducible bytes, and the progress of a running study.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context;

/// File systems keep times in ticks of a few milliseconds.
const TICK: Duration = Duration::from_millis(10);

/// Files that contain times.
const TIMED: [&str; 3] = ["run.json", "index.html", "report.md"];

/// Returns every difference between the reproducible files of two folders: all but records of time, locks and temporary
/// files.
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
        if name.starts_with('.') || TIMED.contains(&name.as_ref()) {
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("{}", path.display()))?;
        all.insert(path.strip_prefix(root)?.to_path_buf(), bytes);
    }
    Ok(all)
}

/// Returns the number of temporary files of killed processes.
pub(super) fn count_temporary_files(root: &Path) -> usize {
    let is_temporary = |path: &PathBuf| path.extension().is_some_and(|e| e == "tmp");
    files(root).iter().filter(|path| is_temporary(path)).count()
}

/// Returns every file below a folder; files that vanish meanwhile are skipped.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let below = |path: PathBuf| {
        if path.is_dir() {
            files(&path)
        } else {
            vec![path]
        }
    };
    entries.flat_map(|entry| below(entry.path())).collect()
}

/// Returns the time of the last write in the folder, at least `start`.
pub(super) fn last_write(folder: &Path, start: SystemTime) -> SystemTime {
    let times = files(folder)
        .into_iter()
        .filter_map(|f| modification_time(&f));
    times.fold(start, SystemTime::max)
}

fn modification_time(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|m| m.modified()).ok()
}

/// Returns the phase of a study that started at `start`, estimated from its files.
pub(super) fn phase(out: &Path, start: SystemTime) -> &'static str {
    let since = |path: &Path| modification_time(path).is_some_and(|at| at + TICK >= start);
    let runs = fs::read_dir(out.join("runs"))
        .into_iter()
        .flatten()
        .flatten();
    let runs: Vec<_> = runs.map(|e| e.path()).filter(|p| p.is_dir()).collect();
    let open = runs.iter().filter(|run| !run.join("done").is_file());
    let touched: Vec<_> = open
        .clone()
        .filter(|run| files(run).iter().any(|file| since(file)))
        .collect();
    if touched
        .iter()
        .any(|run| since(&run.join("model.safetensors")))
    {
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
