//! Files of finished runs, damaged one by one: every way is noticed by name, and mended by `study run`.

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
    OfAnotherRun,
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
        Damage::OfAnotherRun => bytes = fs::read(other).unwrap(),
        Damage::Removed => return fs::remove_file(file).unwrap(),
    }
    fs::write(file, bytes).unwrap();
}

/// Standard output and standard error of a command that ends with that exit code.
fn ends(folder: &Path, arguments: &str, code: i32) -> String {
    let output = run(folder, arguments);
    let text = [&output.stdout, &output.stderr].map(|t| String::from_utf8_lossy(t).into_owned());
    let text = text.concat();
    assert_eq!(output.status.code(), Some(code), "{arguments}\n{text}");
    assert!(!text.contains("panicked"), "{text}");
    text
}

/// Whether one line names both.
fn names(text: &str, id: &str, file: &str) -> bool {
    text.lines()
        .any(|line| line.contains(id) && line.contains(file))
}

#[test]
fn every_file_damaged_in_every_way_is_noticed_and_mended() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let ids = ids(&out);
    let all = [
        Damage::Emptied,
        Damage::Cut,
        Damage::Flipped,
        Damage::OfAnotherRun,
        Damage::Removed,
    ];
    let ways = FILES.iter().flat_map(|file| all.map(|how| (*file, how)));
    let ways: Vec<_> = ways.collect();
    // Each in a run of its own, as many at once as leave some runs whole.
    for (n, part) in ways.chunks(ids.len() - 3).enumerate() {
        let name = format!("damaged-{n}");
        let damaged = folder.path().join(&name);
        copy(&out, &damaged);
        let whole = out.join("runs").join(ids.last().unwrap());
        for ((file, how), id) in part.iter().zip(&ids) {
            let path = damaged.join("runs").join(id).join(file);
            damage(&path, &whole.join(file), *how);
        }
        let verified = ends(folder.path(), &format!("study verify --out {name}"), 1);
        let reported = ends(folder.path(), &format!("study report --out {name}"), 1);
        let markdown = fs::read_to_string(damaged.join("report.md")).unwrap();
        let page = fs::read_to_string(damaged.join("report/index.html")).unwrap();
        let is_gone =
            |(file, how): (&str, Damage)| file == "done" && matches!(how, Damage::Removed);
        // Whatever a mark of another run says, the files are not as it lists them.
        let is_swapped =
            |(file, how): (&str, Damage)| file == "done" && matches!(how, Damage::OfAnotherRun);
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
        let said = ends(
            folder.path(),
            &format!("study run --study smoke --out {name}"),
            0,
        );
        for (way, id) in part.iter().zip(&ids).filter(|(way, _)| !is_gone(**way)) {
            assert!(names(&said, id, "was not whole"), "{way:?}: {said}");
            let aside = damaged.join("runs").join(format!("{id}.broken-1"));
            assert!(aside.is_dir(), "{way:?}");
            fs::remove_dir_all(aside).unwrap();
        }
        succeed(folder.path(), &format!("study verify --out {name}"));
        assert_same(&out, &damaged);
    }
}

#[test]
fn a_run_in_the_folder_of_another_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let ids = ids(&out);
    let [one, other] = [0, 1].map(|i| out.join("runs").join(&ids[i]));
    fs::remove_dir_all(&one).unwrap();
    copy(&other, &one);
    let status = succeed(folder.path(), "study status --out out");
    assert!(status.contains("17 of 18 runs done"), "{status}");
    assert!(names(&status, "broken", &ids[0]), "{status}");
    let asked = format!(
        "evaluate --run out/runs/{} --distribution both --n 4",
        ids[0]
    );
    assert!(ends(folder.path(), &asked, 2).contains(&ids[1]));
}

#[test]
fn a_flipped_network_is_not_asked() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let id = &ids(&out)[0];
    let model = out.join("runs").join(id).join("model.safetensors");
    damage(&model, &model, Damage::Flipped);
    for asked in [
        format!("evaluate --run out/runs/{id} --distribution both --n 4"),
        format!("explain --run out/runs/{id} --method gradient --n 2 --out maps"),
        format!("sanity --run out/runs/{id} --n 2 --out sanity"),
    ] {
        let said = ends(folder.path(), &asked, 2);
        assert!(
            said.contains("model.safetensors") && said.lines().count() == 1,
            "{said}"
        );
    }
    assert!(!folder.path().join("maps").exists() && !folder.path().join("sanity").exists());
}

#[test]
fn verify_says_what_is_there_and_what_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let ids = ids(&out);
    fs::create_dir(out.join("runs/0123456789abcdef")).unwrap();
    let said = succeed(folder.path(), "study verify --out out");
    assert!(names(&said, "foreign", "0123456789abcdef"), "{said}");
    fs::remove_file(out.join("runs").join(&ids[0]).join("done")).unwrap();
    let said = ends(folder.path(), "study verify --out out --json", 1);
    let json = said.split("error:").next().unwrap();
    assert!(
        json.trim_end().ends_with('}') && json.contains("\"is_whole\": false"),
        "{said}"
    );
    // The claims are not part of any id: only the list of the study's files knows them.
    let study = out.join("study.toml");
    let text = fs::read_to_string(&study).unwrap();
    fs::write(&study, text.replacen("rely on shape", "relY on shape", 1)).unwrap();
    let said = ends(folder.path(), "study verify --out out", 1);
    assert!(names(&said, "broken", "study.toml"), "{said}");
    fs::write(&study, &text.as_bytes()[..text.len() / 2]).unwrap();
    let said = ends(folder.path(), "study verify --out out", 1);
    assert!(said.contains("study"), "{said}");
    ends(folder.path(), "study verify --out nowhere", 2);
}

#[test]
fn the_report_holds_exactly_its_own_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = smoke(folder.path());
    let whole = folder.path().join("whole");
    copy(&out, &whole);
    fs::write(out.join("tables/results.csv"), "edited").unwrap();
    fs::remove_file(out.join("figures/training.svg")).unwrap();
    fs::write(out.join("tables/mine.csv"), "mine").unwrap();
    // What an earlier report wrote and this one does not.
    fs::write(out.join("figures/gone.svg"), "old").unwrap();
    let list = out.join("report/files.json");
    let text = fs::read_to_string(&list).unwrap();
    fs::write(&list, text.replacen('[', "[\n  \"figures/gone.svg\",", 1)).unwrap();
    let said = ends(folder.path(), "study report --out out", 0);
    assert!(names(&said, "left as it is", "mine.csv"), "{said}");
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
    let said = ends(folder.path(), "study report --out out", 2);
    assert!(said.contains("18 others are"), "{said}");
    fs::remove_dir_all(out.join("runs")).unwrap();
    let said = ends(folder.path(), "study report --out out", 2);
    assert!(said.contains("there is a report"), "{said}");
    assert_eq!(page, fs::read(out.join("report/index.html")).unwrap());
}
