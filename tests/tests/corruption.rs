//! Damaged files of finished runs: commands name each file, and `study run` repeats the run.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_tests::{assert_same, run, succeed};

const FILES: [&str; 6] = [
    "run.json",
    "history.csv",
    "model.safetensors",
    "evaluation.json",
    "predictions.csv",
    "done",
];

#[derive(Debug, Clone, Copy)]
enum Damage {
    Emptied,
    Cut,
    Flipped,
    Swapped,
    Removed,
}

fn smoke(folder: &Path) -> PathBuf {
    succeed(folder, "study run --study smoke --out out");
    folder.join("out")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

fn ids(out: &Path) -> Vec<String> {
    let names = fs::read_dir(out.join("runs")).unwrap();
    let names = names.map(|e| e.unwrap().file_name().into_string().unwrap());
    let mut ids: Vec<_> = names.collect();
    ids.sort();
    ids
}

fn damage(file: &Path, other: &Path, how: Damage) {
    let mut bytes = fs::read(file).unwrap();
    match how {
        Damage::Emptied => bytes.clear(),
        Damage::Cut => bytes.truncate(bytes.len() / 2),
        Damage::Flipped => {
            let middle = bytes.len() / 2;
            bytes[middle] ^= 1;
        }
        Damage::Swapped => bytes = fs::read(other).unwrap(),
        Damage::Removed => return fs::remove_file(file).unwrap(),
    }
    fs::write(file, bytes).unwrap();
}

/// Asserts the exit code of a command; returns its standard output and standard error.
fn run_expecting(folder: &Path, arguments: &str, code: i32) -> String {
    let output = run(folder, arguments);
    let text = [&output.stdout, &output.stderr].map(|t| String::from_utf8_lossy(t).into_owned());
    let text = text.concat();
    assert_eq!(output.status.code(), Some(code), "{arguments}\n{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Returns whether one line contains both.
fn names(text: &str, id: &str, file: &str) -> bool {
    text.lines()
        .any(|line| line.contains(id) && line.contains(file))
}

#[test]
fn every_damage_of_every_file_is_detected_and_repaired() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let ids = ids(&out);
    let all = [
        Damage::Emptied,
        Damage::Cut,
        Damage::Flipped,
        Damage::Swapped,
        Damage::Removed,
    ];
    let damages: Vec<_> = FILES
        .iter()
        .flat_map(|file| all.map(|how| (*file, how)))
        .collect();
    // One damage per run; three runs per folder stay intact.
    for (n, part) in damages.chunks(ids.len() - 3).enumerate() {
        let name = format!("damaged-{n}");
        let damaged = folder.path().join(&name);
        copy(&out, &damaged);
        let whole = out.join("runs").join(ids.last().unwrap());
        for ((file, how), id) in part.iter().zip(&ids) {
            let path = damaged.join("runs").join(id).join(file);
            damage(&path, &whole.join(file), *how);
        }
        let verified = run_expecting(folder.path(), &format!("study verify --out {name}"), 1);
        let reported = run_expecting(folder.path(), &format!("study report --out {name}"), 1);
        let markdown = fs::read_to_string(damaged.join("report.md")).unwrap();
        let page = fs::read_to_string(damaged.join("report/index.html")).unwrap();
        let is_gone =
            |(file, how): (&str, Damage)| file == "done" && matches!(how, Damage::Removed);
        // A file `done` of another run does not match any file.
        let is_swapped =
            |(file, how): (&str, Damage)| file == "done" && matches!(how, Damage::Swapped);
        for (way, id) in part.iter().zip(&ids) {
            let file = if is_swapped(*way) { "" } else { way.0 };
            if is_gone(*way) {
                assert!(names(&verified, "unfinished", id), "{way:?}: {verified}");
                continue;
            }
            assert!(names(&verified, id, file), "{way:?}: {verified}");
            assert!(names(&reported, id, file), "{way:?}: {reported}");
            assert!(
                markdown.contains(id.as_str()) && page.contains(id.as_str()),
                "{way:?}"
            );
        }
        let printed = run_expecting(
            folder.path(),
            &format!("study run --study smoke --out {name}"),
            0,
        );
        for (way, id) in part.iter().zip(&ids).filter(|(way, _)| !is_gone(**way)) {
            assert!(names(&printed, id, "was not whole"), "{way:?}: {printed}");
            let aside = damaged.join("runs").join(format!("{id}.broken-1"));
            assert!(aside.is_dir(), "{way:?}");
            fs::remove_dir_all(aside).unwrap();
        }
        succeed(folder.path(), &format!("study verify --out {name}"));
        assert_same(&out, &damaged);
    }
}

#[test]
fn names_a_run_in_the_folder_of_another() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let ids = ids(&out);
    let [one, other] = [0, 1].map(|i| out.join("runs").join(&ids[i]));
    fs::remove_dir_all(&one).unwrap();
    copy(&other, &one);
    let status = succeed(folder.path(), "study status --out out");
    assert!(status.contains("17 of 18 runs done"), "{status}");
    assert!(names(&status, "broken", &ids[0]), "{status}");
    let evaluate = format!(
        "evaluate --run out/runs/{} --distribution both --n 4",
        ids[0]
    );
    assert!(run_expecting(folder.path(), &evaluate, 2).contains(&ids[1]));
}

#[test]
fn commands_reject_a_damaged_network() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let id = &ids(&out)[0];
    let model = out.join("runs").join(id).join("model.safetensors");
    damage(&model, &model, Damage::Flipped);
    for arguments in [
        format!("evaluate --run out/runs/{id} --distribution both --n 4"),
        format!("explain --run out/runs/{id} --method gradient --n 2 --out maps"),
        format!("sanity --run out/runs/{id} --n 2 --out sanity"),
    ] {
        let printed = run_expecting(folder.path(), &arguments, 2);
        assert!(
            printed.contains("model.safetensors") && printed.lines().count() == 1,
            "{printed}"
        );
    }
    assert!(!folder.path().join("maps").exists() && !folder.path().join("sanity").exists());
}

#[test]
fn verify_names_foreign_unfinished_and_broken_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let ids = ids(&out);
    fs::create_dir(out.join("runs/0123456789abcdef")).unwrap();
    let printed = succeed(folder.path(), "study verify --out out");
    assert!(names(&printed, "foreign", "0123456789abcdef"), "{printed}");
    fs::remove_file(out.join("runs").join(&ids[0]).join("done")).unwrap();
    let printed = run_expecting(folder.path(), "study verify --out out --json", 1);
    let json = printed.split("error:").next().unwrap();
    assert!(
        json.trim_end().ends_with('}') && json.contains("\"is_whole\": false"),
        "{printed}"
    );
    // Claims are not part of any run id; only the checksum of the study detects a change.
    let study = out.join("study.toml");
    let text = fs::read_to_string(&study).unwrap();
    fs::write(&study, text.replacen("rely on shape", "relY on shape", 1)).unwrap();
    let printed = run_expecting(folder.path(), "study verify --out out", 1);
    assert!(names(&printed, "broken", "study.toml"), "{printed}");
    fs::write(&study, &text.as_bytes()[..text.len() / 2]).unwrap();
    let printed = run_expecting(folder.path(), "study verify --out out", 1);
    assert!(printed.contains("study"), "{printed}");
    run_expecting(folder.path(), "study verify --out nowhere", 2);
}

#[test]
fn the_report_replaces_its_own_files_and_keeps_others() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let whole = folder.path().join("whole");
    copy(&out, &whole);
    fs::write(out.join("tables/results.csv"), "edited").unwrap();
    fs::remove_file(out.join("figures/training.svg")).unwrap();
    fs::write(out.join("tables/mine.csv"), "mine").unwrap();
    // A file of an earlier report that this one does not write.
    fs::write(out.join("figures/gone.svg"), "old").unwrap();
    let list = out.join("report/files.json");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replacen('[', "[\n  \"figures/gone.svg\",", 1)).unwrap();
    let printed = run_expecting(folder.path(), "study report --out out", 0);
    assert!(names(&printed, "left unchanged", "mine.csv"), "{printed}");
    assert_eq!(fs::read(out.join("tables/mine.csv")).unwrap(), b"mine");
    fs::remove_file(out.join("tables/mine.csv")).unwrap();
    assert_same(&out, &whole);
}

#[test]
fn an_empty_report_never_replaces_a_full_one() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let page = fs::read(out.join("report/index.html")).unwrap();
    // Runs of another version have other ids.
    let ids = ids(&out);
    for id in &ids {
        let other = format!("{}{}", &id[8..], &id[..8]);
        fs::rename(out.join("runs").join(id), out.join("runs").join(other)).unwrap();
    }
    let printed = run_expecting(folder.path(), "study report --out out", 2);
    assert!(
        printed.contains("the folder has 18 other runs"),
        "{printed}"
    );
    fs::remove_dir_all(out.join("runs")).unwrap();
    let printed = run_expecting(folder.path(), "study report --out out", 2);
    assert!(printed.contains("the folder has a report"), "{printed}");
    assert_eq!(page, fs::read(out.join("report/index.html")).unwrap());
}
