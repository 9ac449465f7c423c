//! Every message about wrong input, as the real binary says it. The files of `tests/messages` hold a wrong
//! input a line, behind `> `, and below it what is said. To add one, add its line and run
//! `REGENERATE=1 cargo test -p nodule-tests --test messages`; then read what changed.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_tests::answers::{self, Arrays, npy, numbers};
use nodule_tests::{nodule, run, smoke_with, succeed, update_mark, workspace};

/// What a wrong input is answered with: one line, or what is wrong with the answer.
fn said(folder: &Path, arguments: &[String]) -> Result<String, String> {
    let mut command = nodule();
    let output = command
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    let message = String::from_utf8(output.stderr).unwrap();
    let of_program = ["panicked", "RUST_BACKTRACE", "Some(", "unwrap", "Error {"];
    let code = output.status.code();
    let left = folder.join("out");
    let fault = if code != Some(2) {
        format!("exit code {code:?}")
    } else if !message.starts_with("error: ") || message.lines().count() != 1 {
        "not one line that begins with `error: `".to_owned()
    } else if of_program.iter().any(|word| message.contains(word)) {
        "words of the program".to_owned()
    } else if left.exists() {
        fs::remove_dir_all(left).unwrap();
        "something is left behind".to_owned()
    } else {
        let line = message.trim_end().trim_start_matches("error: ");
        return Ok(without_what_is_free(line));
    };
    let printed = String::from_utf8_lossy(&output.stdout);
    Err(format!("{fault}: {arguments:?}\n{printed}{message}"))
}

/// How much memory is free differs from minute to minute.
fn without_what_is_free(message: &str) -> String {
    let Some((before, after)) = message.split_once("can be had") else {
        return message.to_owned();
    };
    let before = before.trim_end_matches(", which ").trim_end();
    let words: Vec<_> = before.split(' ').collect();
    let kept = words[..words.len() - 2].join(" ");
    format!("{kept} WHAT IS FREE can be had{after}")
}

/// Compares the answers to the cases of a file with those in it, or writes them into it.
fn check(file: &str, least: usize, answer: impl Fn(&str) -> Result<String, String>) {
    let path = workspace().join("tests/messages").join(file);
    let text = fs::read_to_string(&path).unwrap();
    let regenerate = std::env::var_os("REGENERATE").is_some();
    let (mut made, mut count, mut faults) = (String::new(), 0, Vec::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        made.push_str(line);
        made.push('\n');
        let Some(case) = line.strip_prefix("> ") else {
            continue;
        };
        count += 1;
        let expected = lines.next_if(|next| !next.is_empty() && !next.starts_with("> "));
        match answer(case) {
            Ok(found) => {
                if !regenerate && expected != Some(found.as_str()) {
                    let expected = expected.unwrap_or("nothing");
                    faults.push(format!(
                        "{case}\n  expected: {expected}\n     found: {found}"
                    ));
                }
                made.push_str(&found);
                made.push('\n');
            }
            Err(fault) => faults.push(format!("{case}\n  {fault}")),
        }
    }
    if regenerate {
        fs::write(path, made).unwrap();
    }
    assert!(faults.is_empty(), "{file}:\n{}", faults.join("\n"));
    assert!(count >= least, "{file} has lost cases: {count}");
}

/// A change as a case spells it: `from => to`, with `\n` for a line break and `{N x c}` for c, N times.
fn change(case: &str) -> (String, String) {
    let (from, to) = case.split_once(" => ").unwrap_or((case, ""));
    let spelled = |text: &str| text.replace("\\n", "\n");
    let to = match to
        .split_once('{')
        .map(|(a, rest)| (a, rest.split_once('}')))
    {
        Some((before, Some((repeat, after)))) if repeat.contains(" x ") => {
            let (n, what) = repeat.split_once(" x ").unwrap();
            format!("{before}{}{after}", what.repeat(n.parse().unwrap()))
        }
        _ => to.to_owned(),
    };
    (spelled(from), spelled(&to))
}

fn words(arguments: &str) -> Vec<String> {
    arguments.split_whitespace().map(str::to_owned).collect()
}

/// A text of the workspace with one thing changed in it.
fn changed(path: &str, case: &str) -> String {
    let text = fs::read_to_string(workspace().join(path)).unwrap();
    let (from, to) = change(case);
    assert!(text.contains(&from), "{path} has no {from:?}");
    text.replacen(&from, &to, 1)
}

#[test]
fn wrong_study_files() {
    check("study.txt", 80, |case| {
        let folder = tempfile::tempdir().unwrap();
        let (from, to) = change(case);
        smoke_with(folder.path(), &[(&from, &to)]);
        let arguments = words("study run --study study.toml --out out");
        said(folder.path(), &arguments)
    });
}

#[test]
fn wrong_distributions() {
    check("distribution.txt", 20, |case| {
        let folder = tempfile::tempdir().unwrap();
        let text = changed("data/distributions/both-size.toml", case);
        fs::write(folder.path().join("mine.toml"), text).unwrap();
        let arguments = words("synth --distribution mine.toml --n 4 --out out");
        said(folder.path(), &arguments)
    });
}

#[test]
fn wrong_outlines() {
    check("outlines.txt", 10, |case| {
        let folder = tempfile::tempdir().unwrap();
        let text = changed("data/lidc/lidc_contours.csv", case);
        fs::write(folder.path().join("mine.csv"), text).unwrap();
        let arguments = words("synth --distribution lidc --n 4 --outlines mine.csv --out out");
        said(folder.path(), &arguments)
    });
}

#[test]
fn wrong_command_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    fs::write(path.join("file"), "precious").unwrap();
    fs::write(path.join("binary.toml"), b"name = \"\xff\"").unwrap();
    fs::create_dir_all(path.join("full")).unwrap();
    fs::write(path.join("full/thesis.tex"), "precious").unwrap();
    check("command.txt", 50, |case| said(path, &words(case)));
    assert_eq!(fs::read(path.join("file")).unwrap(), b"precious");
}

#[test]
fn wrong_answers_to_a_battery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    succeed(
        path,
        "battery export --study smoke --train both --out battery",
    );
    let good = answers::good(&path.join("battery"));
    let measure =
        words("battery measure --battery battery --answers answers.npz --name mine --out out");
    answers::write(&good, &path.join("answers.npz"));
    // What is spoiled below is whole here.
    let whole = nodule().args(&measure).current_dir(path).output().unwrap();
    assert_eq!(whole.status.code(), Some(0));
    fs::remove_dir_all(path.join("out")).unwrap();
    check("battery.txt", 20, |case| {
        spoiled(good.clone(), case, &path.join("answers.npz"));
        said(path, &measure)
    });
}

/// Writes `arrays` with one thing wrong.
fn spoiled(mut arrays: Arrays, case: &str, path: &Path) {
    let (what, name) = case.split_once(": ").unwrap_or((case, ""));
    let mut put = |name: &str, bytes: Vec<u8>| arrays.insert(name.to_owned(), bytes);
    let ones = |n: usize| vec![1u8; n];
    match what {
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
            let decided: Vec<_> = arrays
                .keys()
                .filter(|k| k.starts_with("decision/"))
                .cloned()
                .collect();
            for (i, name) in decided.iter().enumerate() {
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
        other => panic!("there is no case {other:?}"),
    }
    answers::write(&arrays, path);
    match what {
        "no npz" => fs::write(path, "nothing").unwrap(),
        "cut" => {
            let bytes = fs::read(path).unwrap();
            fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
        }
        _ => {}
    }
}

/// A finished run with one thing wrong in one of its files: `file: from => to`. Its mark lists what its
/// files were, so every change is noticed.
#[test]
fn changed_files_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let trained = trained(folder.path());
    check("changed.txt", 8, |case| {
        of_broken_run(&trained, case, |_| ())
    });
    let status = run(folder.path(), "study status --out trained");
    assert_eq!(status.status.code(), Some(0));
}

/// The same, with a mark that fits the wrong files: only their content shows the fault.
#[test]
fn wrong_files_of_a_run() {
    let folder = tempfile::tempdir().unwrap();
    let trained = trained(folder.path());
    check("run.txt", 15, |case| {
        of_broken_run(&trained, case, update_mark)
    });
}

/// The folder of a finished run in `folder`.
fn trained(folder: &Path) -> PathBuf {
    let train = "train --study smoke --train both --loss ce --seed 0 --out trained";
    folder.join(succeed(folder, train).trim())
}

/// Returns the message about a copy of the run after `case` and `then`.
fn of_broken_run(trained: &Path, case: &str, then: impl Fn(&Path)) -> Result<String, String> {
    let work = tempfile::tempdir().unwrap();
    let id = trained.file_name().unwrap().to_string_lossy().into_owned();
    let copy = work.path().join(&id);
    fs::create_dir(&copy).unwrap();
    for entry in fs::read_dir(trained).unwrap() {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let (file, case) = case.split_once(": ").unwrap();
    break_file(&copy.join(file), case);
    if copy.join("done").exists() {
        then(&copy);
    }
    let arguments = words(&format!("evaluate --run {id} --distribution both --n 4"));
    let unnamed = |text: String| text.replace(&id, "RUN");
    said(work.path(), &arguments).map(unnamed).map_err(unnamed)
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
            let (from, to) = change(case);
            assert!(text.contains(&from), "{} has no {from:?}", path.display());
            fs::write(path, text.replacen(&from, &to, 1)).unwrap();
        }
    }
}
