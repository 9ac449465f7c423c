//! The smoke study end to end: every file of the documented output, read with standard libraries.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_tests::{assert_same, run, smoke_with, succeed};

/// 3 training distributions, 3 losses, 2 seeds.
const RUNS: usize = 18;

fn run_smoke() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    folder
}

fn run_folders(out: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(out.join("runs")).unwrap();
    entries.map(|e| e.unwrap().path()).collect()
}

fn rows(path: &Path) -> (String, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader
        .headers()
        .unwrap()
        .iter()
        .collect::<Vec<_>>()
        .join(",");
    (header, reader.records().map(Result::unwrap).collect())
}

/// Checks the tables of maps (one read-out, completeness for integrated gradients only) and of states.
fn check_maps_and_states(out: &Path) {
    let (header, maps) = rows(&out.join("tables/maps.csv"));
    assert_eq!(
        header,
        "run,train,loss,seed,readout,method,n,blank,contour,interior,background,pointing,deletion,insertion,completeness_gap"
    );
    assert_eq!(maps.len(), RUNS * 6);
    assert!(maps.iter().all(|row| &row[4] == "centroid"));
    let has_gap = |row: &csv::StringRecord| row[14].parse::<f64>().is_ok_and(|gap| gap >= 0.0);
    assert!(
        maps.iter()
            .all(|row| has_gap(row) == (&row[5] == "integrated-gradients"))
    );
    let (header, states) = rows(&out.join("tables/states.csv"));
    assert_eq!(header, "run,train,loss,seed,state,reason,control");
    assert_eq!(states.len(), RUNS);
    assert!(
        states
            .iter()
            .all(|row| (&row[6] == "yes") == (&row[1] == "random-labels"))
    );
}

/// Checks that the worst-group accuracy is the least of the combinations in `cells.csv`.
fn check_worst_groups(out: &Path, results: &[csv::StringRecord]) {
    let (header, cells) = rows(&out.join("tables/cells.csv"));
    assert!(header.starts_with("run,train,loss,seed,readout,test,label,shape,texture,n,accuracy"));
    for row in results {
        let same_test = cells
            .iter()
            .filter(|cell| (0..6).all(|i| cell[i] == row[i]));
        let accuracies = same_test.map(|cell| cell[10].parse::<f64>().unwrap());
        let worst = accuracies.fold(f64::INFINITY, f64::min);
        assert_eq!(row[12].parse::<f64>().unwrap(), worst, "{row:?}");
        assert!(worst <= row[7].parse().unwrap(), "{row:?}");
    }
}

#[test]
fn the_smoke_study_writes_every_documented_file() {
    let folder = run_smoke();
    let out = folder.path().join("out");
    let runs = run_folders(&out);
    assert_eq!(runs.len(), RUNS);
    for run in &runs {
        for file in [
            "run.json",
            "history.csv",
            "model.safetensors",
            "evaluation.json",
            "predictions.csv",
            "done",
        ] {
            assert!(run.join(file).is_file(), "{file} is missing");
        }
        let (header, _) = rows(&run.join("predictions.csv"));
        assert_eq!(
            header,
            "run,test,index,label,shape,texture,readout,score,predicted"
        );
        let bytes = fs::read(run.join("model.safetensors")).unwrap();
        let model = safetensors::SafeTensors::deserialize(&bytes).unwrap();
        assert_eq!(model.tensor("conv1.weight").unwrap().shape(), [4, 1, 5, 5]);
        assert_eq!(model.len(), 10);
    }
    let (header, results) = rows(&out.join("tables/results.csv"));
    assert_eq!(
        header,
        "run,train,loss,seed,readout,test,n,accuracy,sensitivity,specificity,balanced_accuracy,auroc,worst_group_accuracy"
    );
    // Two losses have four read-outs and one has three; one of four tests has two label rules.
    assert_eq!(results.len(), 3 * 2 * (4 + 4 + 3) * 5);
    check_worst_groups(&out, &results);
    let (header, reliance) = rows(&out.join("tables/reliance.csv"));
    assert_eq!(header, "run,train,loss,seed,readout,mode,effect,flipped");
    assert!(reliance.iter().any(|row| &row[5] == "shape"));
    for (table, count) in [
        ("layers", 18 * 4),
        ("separation", 18),
        ("timeline", 18 * 3),
        ("embedding", 18 * 32),
        ("sanity", 3 * 6 * 5),
    ] {
        let (_, rows) = rows(&out.join(format!("tables/{table}.csv")));
        assert_eq!(rows.len(), count, "{table}");
    }
    let (header, landscape) = rows(&out.join("tables/landscape.csv"));
    assert_eq!(
        header,
        "run,train,loss,seed,readout,shape,texture,score,abnormal"
    );
    assert_eq!(landscape.len(), 3 * 2 * (4 + 4 + 3) * 81);
    check_maps_and_states(&out);
    let (header, hypotheses) = rows(&out.join("tables/hypotheses.csv"));
    assert_eq!(
        header,
        "id,claim,effect,ci_low,ci_high,p,p_holm,n,verdict,runs,not_learned,verdict_learned_only,p_equivalence,equivalence_power"
    );
    // Two seeds cannot support a claim.
    assert!(
        hypotheses.iter().all(|row| &row[8] != "supported"),
        "{hypotheses:?}"
    );
    assert!(fs::read_dir(out.join("figures")).unwrap().count() >= 3);
}

#[test]
fn a_number_in_the_report_is_the_mean_of_the_rows_that_its_caption_names() {
    let folder = run_smoke();
    let out = folder.path().join("out");
    let text = fs::read_to_string(out.join("tables/results.csv")).unwrap();
    let lines: Vec<Vec<&str>> = text.lines().map(|l| l.split(',').collect()).collect();
    let column = |name: &str| lines[0].iter().position(|other| *other == name).unwrap();
    let page = fs::read_to_string(out.join("report/index.html")).unwrap();
    let (_, table) = page.split_once("class=\"table accuracy-both\"").unwrap();
    let (table, _) = table.split_once("</table>").unwrap();
    let source = "href=\"../tables/results.csv\">results.csv</a>, rows with the same train, test, readout and loss.";
    assert!(table.contains(source), "{table}");
    let cells = |row: &str, tag: &str| -> Vec<String> {
        let begin = format!("<{tag}");
        let parts = row.split(&begin).skip(1);
        parts
            .map(|part| part.split_once('>').unwrap().1)
            .map(|part| part.split('<').next().unwrap().to_owned())
            .collect()
    };
    let rows: Vec<&str> = table.split("<tr>").skip(1).collect();
    let losses = cells(rows[0], "th ").split_off(2);
    let mut compared = 0;
    for row in &rows[1..] {
        let cells = cells(row, "td");
        for (loss, cell) in losses.iter().zip(&cells[2..]) {
            let keys = [
                ("train", "both"),
                ("test", &cells[0]),
                ("readout", &cells[1]),
                ("loss", loss),
            ];
            let numbers: Vec<f64> = lines[1..]
                .iter()
                .filter(|line| {
                    keys.iter()
                        .all(|(name, value)| line[column(name)] == *value)
                })
                .map(|line| line[column("accuracy")].parse().unwrap())
                .collect();
            if numbers.is_empty() {
                assert_eq!(cell, "\u{2013}");
                continue;
            }
            assert_eq!(numbers.len(), 2, "one per seed");
            let mean = numbers.iter().sum::<f64>() / 2.0;
            let shown: f64 = cell.split(' ').next().unwrap().parse().unwrap();
            assert!((mean - shown).abs() < 6e-4, "{cell}");
            compared += 1;
        }
    }
    // Five tests; two losses with four classifiers and one with three.
    assert_eq!(compared, 5 * (4 + 4 + 3));
}

#[test]
fn accuracy_in_the_table_agrees_with_the_predictions() {
    let folder = run_smoke();
    let out = folder.path().join("out");
    let (_, results) = rows(&out.join("tables/results.csv"));
    let mut compared = 0;
    for row in results.iter().filter(|row| &row[5] == "shape-only") {
        let (_, predictions) = rows(&out.join("runs").join(&row[0]).join("predictions.csv"));
        let matching: Vec<_> = predictions
            .iter()
            .filter(|p| p[1] == row[5] && p[6] == row[4])
            .collect();
        let correct = matching.iter().filter(|p| p[3] == p[8]).count();
        assert_eq!(matching.len(), 32);
        let accuracy: f64 = row[7].parse().unwrap();
        assert!((accuracy - correct as f64 / 32.0).abs() < 1e-6, "{row:?}");
        compared += 1;
    }
    assert_eq!(compared, 3 * 2 * (4 + 4 + 3));
}

#[test]
fn the_report_loads_no_other_file() {
    let folder = run_smoke();
    let page = fs::read_to_string(folder.path().join("out/report/index.html")).unwrap();
    for outside in [
        "src=\"http",
        "href=\"http://",
        "<link",
        "@import",
        "url(http",
        "<script src",
    ] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("inconclusive"));
    assert!(page.contains("data:image/png;base64,"));
    // Encoded pictures may contain any letters.
    let words = page.split("data:image/png;base64,");
    let mut words = words.map(|part| part.trim_start_matches(|c: char| c != '"'));
    assert!(!words.any(|part| part.contains("NaN")));
}

#[test]
fn finished_runs_are_skipped_and_the_report_is_reproducible() {
    let folder = run_smoke();
    let out = folder.path().join("out");
    let page = fs::read(out.join("report/index.html")).unwrap();
    let records = || {
        let mut all = run_folders(&out);
        all.sort();
        all.iter()
            .map(|run| {
                fs::metadata(run.join("run.json"))
                    .unwrap()
                    .modified()
                    .unwrap()
            })
            .collect::<Vec<_>>()
    };
    let before = records();
    fs::remove_dir_all(out.join("tables")).unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    assert_eq!(before, records());
    fs::remove_dir_all(out.join("report")).unwrap();
    succeed(folder.path(), "study report --out out");
    assert_eq!(page, fs::read(out.join("report/index.html")).unwrap());
    assert!(out.join("tables/results.csv").is_file());
    assert!(succeed(folder.path(), "study status --out out").contains("18 of 18 runs done"));
}

#[test]
fn a_single_run_equals_the_run_of_the_study() {
    let folder = run_smoke();
    let printed = succeed(
        folder.path(),
        "train --study smoke --train shape --loss contrastive --seed 1 --out alone",
    );
    let alone = folder.path().join(printed.trim());
    let same = folder
        .path()
        .join("out/runs")
        .join(alone.file_name().unwrap());
    assert_same(&alone, &same);
    let table = succeed(
        folder.path(),
        &format!(
            "evaluate --run {} --distribution texture-only --n 40",
            alone.display()
        ),
    );
    for read_out in ["centroid", "probe", "knn"] {
        assert!(table.contains(read_out), "{table}");
    }
    assert!(!table.contains("head"), "{table}");
}

#[test]
fn a_study_with_other_distributions_and_outlines_runs() {
    let folder = tempfile::tempdir().unwrap();
    let copy = |from: &str, to: &str| {
        fs::copy(nodule_tests::workspace().join(from), folder.path().join(to)).unwrap();
    };
    copy("data/distributions/both.toml", "mine.toml");
    copy("data/lidc/lidc_contours.csv", "outlines.csv");
    smoke_with(
        folder.path(),
        &[
            (
                "name = \"smoke\"",
                "name = \"mine\"\noutlines = \"outlines.csv\"",
            ),
            ("seeds = 2", "seeds = 1"),
            ("\"conflict\"", "\"conflict\", \"spurious-0.9\""),
        ],
    );
    let mine = fs::read_to_string(folder.path().join("mine.toml")).unwrap();
    fs::write(
        folder.path().join("mine.toml"),
        mine.replace("\"both\"", "\"mine\""),
    )
    .unwrap();
    let study = fs::read_to_string(folder.path().join("study.toml")).unwrap();
    let study = study.replace(
        "train = [\"both\", \"shape\", \"random-labels\"]",
        "train = [\"both\", \"mine.toml\"]",
    );
    fs::write(folder.path().join("study.toml"), study).unwrap();
    succeed(folder.path(), "study run --study study.toml");
    // The output folder has copies of the user's files.
    fs::remove_file(folder.path().join("mine.toml")).unwrap();
    fs::remove_file(folder.path().join("outlines.csv")).unwrap();
    succeed(folder.path(), "study report --out results/mine");
    let (_, results) = rows(&folder.path().join("results/mine/tables/results.csv"));
    assert!(
        results
            .iter()
            .any(|row| &row[1] == "mine" && &row[5] == "spurious-0.9")
    );
}

#[test]
fn a_plan_runs_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let table = succeed(folder.path(), "study plan --study quick");
    assert!(table.contains("18 runs, 0 done"), "{table}");
    let table = succeed(folder.path(), "study run --study smoke --dry-run");
    assert!(table.contains("18 runs, 0 done"), "{table}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    assert_eq!(
        run(folder.path(), "study status --out nowhere")
            .status
            .code(),
        Some(2)
    );
}

#[test]
fn a_current_report_is_not_written_again() {
    let folder = tempfile::tempdir().unwrap();
    let run = "study run --study smoke --out out";
    let first = succeed(folder.path(), run);
    let page = folder.path().join("out/report/index.html");
    let page_time = || fs::metadata(&page).unwrap().modified().unwrap();
    let before = page_time();
    assert_eq!(succeed(folder.path(), run), first);
    assert_eq!(page_time(), before);
    // A changed table, a removed figure and a missing cache are written again.
    let table = folder.path().join("out/tables/results.csv");
    let content = fs::read(&table).unwrap();
    fs::write(&table, "edited").unwrap();
    assert_eq!(succeed(folder.path(), run), first);
    assert_eq!(fs::read(&table).unwrap(), content);
    let figure = folder.path().join("out/figures/result.svg");
    fs::remove_file(&figure).unwrap();
    succeed(folder.path(), run);
    assert!(figure.is_file());
    let before = page_time();
    succeed(folder.path(), "study report --out out");
    assert!(page_time() > before);
}
