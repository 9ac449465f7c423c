//! Snapshots of all messages about invalid input.
//!
//! The files of `tests/messages` hold one input per line, after `> `, and the message below it. To add a case, add its
//! line, run `REGENERATE=1 cargo test -p nodule-tests --test messages`, and read the changes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_tests::predictions::{self, Arrays, npy, numbers};
use nodule_tests::{nodule, run, smoke_with, succeed, update_mark, workspace};

/// Returns the message about invalid input, or an error if the binary does anything but print one line and exit with 2.
fn run_rejected(folder: &Path, arguments: &[String]) -> Result<String, String> {
    let mut command = nodule();
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    let internal_words = ["panicked", "RUST_BACKTRACE", "Some(", "unwrap", "Error {"];
    let code = output.status.code();
    let out = folder.join("out");
    let fault = if code != Some(2) {
        format!("exit code {code:?}")
    } else if !message.starts_with("error: ") || message.lines().count() != 1 {
        "not one line that begins with `error: `".to_owned()
    } else if internal_words.iter().any(|word| message.contains(word)) {
        "internal words".to_owned()
    } else if out.exists() {
        fs::remove_dir_all(out).unwrap();
        "partial output".to_owned()
    } else {
        let line = message.trim_end().trim_start_matches("error: ");
        return Ok(mask_free_memory(line));
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    Err(format!("{fault}: {arguments:?}\n{printed}{message}"))
}

/// Replaces the amount before "are available", which differs between runs, by a placeholder.
fn mask_free_memory(message: &str) -> String {
    let Some((before, after)) = message.split_once(" are available") else {
        return message.to_owned();
    };
    let words: Vec<_> = before.split(' ').collect();
    let before = words[..words.len() - 2].join(" ");
    format!("{before} FREE MEMORY are available{after}")
}

/// Compares the message of each case of a file with the line below it, or rewrites the file if `REGENERATE` is set.
///
/// A file holds titles, cases (`> input`), one message below each case, and empty lines. Any other line is stale.
fn check(file: &str, min_cases: usize, message: impl Fn(&str) -> Result<String, String>) {
    let path = workspace().join("tests/messages").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let regenerate = std::env::var_os("REGENERATE").is_some();
    let (mut rewritten, mut count, mut faults) = (String::new(), 0, Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        rewritten.push_str(line);
        rewritten.push('\n');
        let Some(case) = line.strip_prefix("> ") else {
            continue;
        };
        count += 1;
        let is_message = |line: &&str| !line.is_empty() && !line.starts_with("> ");
        let expected = lines.next_if(is_message);
        while let Some(stale) = lines.next_if(is_message) {
            if !regenerate {
                faults.push(format!("{case}\n  stale line: {stale}"));
            }
        }
        match message(case) {
            Ok(found) => {
                if !regenerate && expected != Some(found.as_str()) {
                    let expected = expected.unwrap_or("nothing");
                    faults.push(format!(
                        "{case}\n  expected: {expected}\n     found: {found}"
                    ));
                }
                rewritten.push_str(&found);
                rewritten.push('\n');
            }
            Err(fault) => faults.push(format!("{case}\n  {fault}")),
        }
    }
    if regenerate {
        fs::write(path, rewritten).unwrap();
    }
    assert!(faults.is_empty(), "{file}:\n{}", faults.join("\n"));
    assert!(count >= min_cases, "{file} has only {count} cases");
}

/// Parses a case `from => to`, with `\n` for a line break and `{N x c}` for c, N times.
fn parse_change(case: &str) -> (String, String) {
    let (from, to) = case.split_once(" => ").unwrap_or((case, ""));
    let unescape = |text: &str| text.replace("\\n", "\n");
    let to = match to
        .split_once('{')
        .map(|(a, rest)| (a, rest.split_once('}')))
    {
        Some((before, Some((repeat, after)))) if repeat.contains(" x ") => {
            let (n, text) = repeat.split_once(" x ").unwrap();
            format!("{before}{}{after}", text.repeat(n.parse().unwrap()))
        }
        _ => to.to_owned(),
    };
    (unescape(from), unescape(&to))
}

fn split_words(arguments: &str) -> Vec<String> {
    arguments.split_whitespace().map(str::to_owned).collect()
}

/// Returns a file of the workspace with one change.
fn read_with_change(path: &str, case: &str) -> String {
    let text = fs::read_to_string(workspace().join(path)).unwrap();
    let (from, to) = parse_change(case);
    assert!(text.contains(&from), "{path} has no {from:?}");
    text.replacen(&from, &to, 1)
}

#[test]
fn study_files() {
    check("study.txt", 80, |case| {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = parse_change(case);
        smoke_with(folder.path(), &[(&from, &to)]);
        let arguments = split_words("study run --study study.toml --out out");
        run_rejected(folder.path(), &arguments)
    });
}

#[test]
fn distributions() {
    check("distribution.txt", 20, |case| {
        let folder = tempfile::tempdir().unwrap();
        let text = read_with_change("data/distributions/both-size.toml", case);
        fs::write(folder.path().join("mine.toml"), text).unwrap();
        let arguments = split_words("synth --distribution mine.toml --n 4 --out out");
        run_rejected(folder.path(), &arguments)
    });
}

#[test]
fn outlines() {
    check("outlines.txt", 10, |case| {
        let folder = tempfile::tempdir().unwrap();
        let text = read_with_change("data/lidc/lidc_contours.csv", case);
        fs::write(folder.path().join("mine.csv"), text).unwrap();
        let arguments =
            split_words("synth --distribution lidc --n 4 --outlines mine.csv --out out");
        run_rejected(folder.path(), &arguments)
    });
}

#[test]
fn command_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("file"), "precious").unwrap();
    fs::write(path.join("binary.toml"), b"name = \"\xff\"").unwrap();
    fs::create_dir_all(path.join("full")).unwrap();
    fs::write(path.join("full/thesis.tex"), "precious").unwrap();
    check("command.txt", 50, |case| {
        run_rejected(path, &split_words(case))
    });
    assert_eq!(fs::read(path.join("file")).unwrap(), b"precious");
}

#[test]
fn battery_predictions() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let valid = predictions::export_smoke(path);
    let measure = split_words(
        "battery measure --battery battery --predictions predictions.npz --name mine --out out",
    );
    predictions::write(&valid, &path.join("predictions.npz"));
    // Undamaged predictions are accepted.
    let accepted = nodule().args(&measure).current_dir(path).output().unwrap();
    assert_eq!(accepted.status.code(), Some(0));
    fs::remove_dir_all(path.join("out")).unwrap();
    check("battery.txt", 20, |case| {
        write_damaged(valid.clone(), case, &path.join("predictions.npz"));
        run_rejected(path, &measure)
    });
}

/// Writes `arrays` with the damage of a case.
fn write_damaged(mut arrays: Arrays, case: &str, path: &Path) {
    let (damage, name) = case.split_once(": ").unwrap_or((case, ""));
    let mut put = |name: &str, bytes: Vec<u8>| arrays.insert(name.to_owned(), bytes);
    let ones = |n: usize| vec![1u8; n];
    match damage {
        "for another battery" => drop(put("battery", npy("|S32", "()", &[b'a'; 32]))),
        "without the battery" => drop(arrays.remove("battery")),
        "too few" => drop(put(name, numbers(31, 0))),
        "too many" => drop(put(name, numbers(33, 0))),
        "missing" => drop(arrays.remove(name)),
        "not a number" => {
            let n = 81 * 2;
            let data = [f32::NAN.to_le_bytes()].concat().repeat(n);
            put(name, npy("<f4", &format!("({n},)"), &data));
        }
        "integers" => drop(put(name, npy("<i8", "(32,)", &ones(8 * 32)))),
        "classes as bool" => drop(put(name, npy("|b1", "(32,)", &ones(32)))),
        "another shape" => drop(put(name, numbers(32, 2))),
        "of no set" | "of another kind" => {
            drop(put(case.split_once(": ").unwrap().1, numbers(32, 0)));
        }
        "labels of another set" => drop(put(
            &format!("label/{name}"),
            npy("|u1", "(32,)", &ones(32)),
        )),
        "ids in another order" => drop(put(&format!("id/{name}"), npy("<u8", "(32,)", &ones(256)))),
        "embeddings of some sets alone" => drop(put("embedding/test-both", numbers(32, 4))),
        "embeddings of two widths" => {
            put("embedding/training-both-0", numbers(64, 4));
            put("embedding/representation", numbers(32, 4));
            let scores: Vec<_> = arrays
                .keys()
                .filter(|k| k.starts_with("decision/"))
                .cloned()
                .collect();
            for (i, name) in scores.iter().enumerate() {
                let n = match name.as_str() {
                    "decision/landscape" => 162,
                    name if name.contains("/low-") || name.contains("/high-") => 16,
                    _ => 32,
                };
                arrays.insert(name.replace("decision", "embedding"), numbers(n, 4 + i % 2));
            }
        }
        "a map by no method" => drop(put("map/nonsense", numbers(4, 32 * 32))),
        "a map of another shape" => drop(put("map/gradient", numbers(4, 32 * 32))),
        "an array in Fortran order" => {
            let mut bytes = numbers(32, 1);
            let at = bytes.windows(5).position(|w| w == b"False").unwrap();
            bytes[at..at + 5].copy_from_slice(b"True,");
            put("decision/test-both", bytes);
        }
        "nothing but the battery" => arrays.retain(|name, _| name == "battery"),
        "no npz" | "cut" => {}
        other => panic!("unknown case {other:?}"),
    }
    predictions::write(&arrays, path);
    match damage {
        "no npz" => fs::write(path, "nothing").unwrap(),
        "cut" => {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }
        _ => {}
    }
}

/// Changes one file of a finished run: `file: from => to`. The checksums in `done` detect every change.
#[test]
fn changed_files_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = train_run(folder.path());
    check("changed.txt", 8, |case| {
        evaluate_damaged_run(&run_folder, case, |_| ())
    });
    let status = run(folder.path(), "study status --out trained");
    assert_eq!(status.status.code(), Some(0));
}

/// Changes one file and updates `done`, so that only the content shows the fault.
#[test]
fn wrong_files_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let run_folder = train_run(folder.path());
    check("run.txt", 15, |case| {
        evaluate_damaged_run(&run_folder, case, update_mark)
    });
}

/// Trains a run and returns its folder.
fn train_run(folder: &Path) -> PathBuf {
    let train = "train --study smoke --train both --loss ce --seed 0 --out trained";
    folder.join(succeed(folder, train).trim())
}

/// Returns the message about a copy of the run after the change of `case` and `then`.
fn evaluate_damaged_run(
    run_folder: &Path,
    case: &str,
    then: impl Fn(&Path),
) -> Result<String, String> {
    let work = tempfile::tempdir().unwrap();
    let id = run_folder
        .file_name()
        .unwrap()
        .to_string_lossy()
        .into_owned();
    let copy = work.path().join(&id);
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(run_folder).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let (file, case) = case.split_once(": ").unwrap();
    break_file(&copy.join(file), case);
    if copy.join("done").exists() {
        then(&copy);
    }
    let arguments = split_words(&format!("evaluate --run {id} --distribution both --n 4"));
    let mask_id = |text: String| text.replace(&id, "RUN");
    run_rejected(work.path(), &arguments)
        .map(mask_id)
        .map_err(mask_id)
}

fn break_file(path: &Path, case: &str) {
    match case {
        "removed" => fs::remove_file(path).unwrap(),
        "emptied" => fs::write(path, "").unwrap(),
        "not UTF-8" => {
            let mut bytes = fs::read(path).unwrap();
            bytes[20] = 0xff;
            fs::write(path, bytes).unwrap();
        }
        "cut" => {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..300]).unwrap();
        }
        "a header without end" => fs::write(path, u64::MAX.to_le_bytes()).unwrap(),
        "weights that are no numbers" => {
            let mut bytes = fs::read(path).unwrap();
            let end = bytes.len();
            bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
            fs::write(path, bytes).unwrap();
        }
        case => {
            let text = fs::read_to_string(path).unwrap();
            let (from, to) = parse_change(case);
            assert!(text.contains(&from), "{} has no {from:?}", path.display());
            fs::write(path, text.replacen(&from, &to, 1)).unwrap();
        }
    }
}
