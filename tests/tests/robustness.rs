//! Studies with variants, crossed seeds and trends, end to end.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nodule_tests::{assert_same, run, succeed, workspace};

type Row = BTreeMap<String, String>;

fn rows(out: &Path, table: &str) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(out.join(format!("tables/{table}.csv"))).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn study_arguments(study: &str, out: &str) -> String {
    let study = workspace().join(format!("tests/studies/{study}.toml"));
    format!("study run --study {} --out {out}", study.display())
}

fn run_varied_study(folder: &Path) -> String {
    succeed(folder, &study_arguments("varied", "out"))
}

fn number(row: &Row, column: &str) -> f64 {
    row[column].parse().unwrap()
}

#[test]
fn tables_hold_variants_and_crossed_seeds() {
    let folder = tempfile::tempdir().unwrap();
    let printed = run_varied_study(folder.path());
    // Four variants of 2 losses and 3 seeds; 8 crossed runs, two of which are in the grid.
    assert!(printed.contains("30 of 30 runs in the report"), "{printed}");
    let out = folder.path().join("out");

    // The rows "as declared" of the table of variants equal the reliance table.
    let reliance = rows(&out, "reliance");
    let varied = rows(&out, "varied");
    let mut compared = 0;
    for row in varied.iter().filter(|r| r["variant"] == "as declared") {
        let Some(mode) = row["measure"].strip_suffix(" reliance in SD units") else {
            continue;
        };
        let same =
            |r: &&Row| ["run", "readout"].iter().all(|c| r[*c] == row[*c]) && r["mode"] == mode;
        let own = reliance.iter().find(same).unwrap();
        assert_eq!(number(own, "effect"), number(row, "value"));
        compared += 1;
    }
    assert_eq!(compared, 2 * 3 * 3 * 2);
    // A variant has other values.
    let variants: std::collections::BTreeSet<_> = varied.iter().map(|r| &r["variant"]).collect();
    assert_eq!(variants.len(), 4);
    let value_of = |variant: &str| {
        let mut found = varied.iter().filter(|r| r["variant"].contains(variant));
        number(found.next().unwrap(), "value")
    };
    assert_ne!(value_of("as declared"), value_of("shape_amplitude = 0.5"));

    let multiverse = rows(&out, "multiverse");
    let count = |id: &str| multiverse.iter().filter(|r| r["id"] == id).count();
    assert_eq!((count("T1"), count("T2")), (4 * 3, 4));
    let declared = &rows(&out, "hypotheses")[0];
    let again = multiverse
        .iter()
        .find(|r| r["variant"] == "as declared" && r["id"] == "T1" && r["readout"] == "centroid");
    assert_eq!(number(again.unwrap(), "effect"), number(declared, "effect"));

    let crossed = rows(&out, "crossed");
    let runs: std::collections::BTreeSet<_> = crossed.iter().map(|r| &r["run"]).collect();
    assert_eq!(runs.len(), 8);
    for figure in ["multiverse", "salience-both", "variance"] {
        let svg = fs::read_to_string(out.join(format!("figures/{figure}.svg"))).unwrap();
        assert!(
            svg.starts_with("<svg") && svg.contains("<title>"),
            "{figure}"
        );
    }
    let power = rows(&out, "power");
    let seeds_needed = |row: &Row| row["seeds_needed"].parse::<u64>().unwrap();
    assert!(
        power
            .chunks(4)
            .all(|of_measure| of_measure.is_sorted_by(|a, b| seeds_needed(a) >= seeds_needed(b)))
    );
    let page = fs::read_to_string(out.join("report/index.html")).unwrap();
    assert!(page.contains("The study and its 3 variants have 24 of 24 runs."));
    assert!(page.contains("8 of 8 runs are finished"));
}

#[test]
fn a_varied_study_resumes_with_the_same_results() {
    let folder = tempfile::tempdir().unwrap();
    run_varied_study(folder.path());
    succeed(folder.path(), &study_arguments("varied", "again"));
    let again = folder.path().join("again");
    // Delete half of the runs; the same command restores them.
    let runs = fs::read_dir(again.join("runs")).unwrap();
    let runs: Vec<_> = runs.map(|e| e.unwrap().path()).collect();
    for run in runs.iter().step_by(2) {
        fs::remove_dir_all(run).unwrap();
    }
    let status = succeed(folder.path(), "study status --out again");
    assert!(status.contains("15 of 30 runs done"), "{status}");
    assert!(
        status.contains("generator.shape_amplitude = 0.5"),
        "{status}"
    );
    succeed(folder.path(), &study_arguments("varied", "again"));
    assert_same(&folder.path().join("out"), &again);
}

#[test]
fn a_trend_is_the_slope_of_the_differences_in_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let printed = succeed(folder.path(), &study_arguments("trend", "out"));
    assert!(printed.contains("18 of 18 runs in the report"), "{printed}");
    let out = folder.path().join("out");

    // Expected slope: the difference of each seed at each size, per doubling.
    let varied = rows(&out, "varied");
    let value = |variant: &str, loss: &str, seed: usize| {
        let found = varied.iter().find(|r| {
            r["variant"].contains(variant)
                && (r["loss"].as_str(), r["seed"].as_str()) == (loss, seed.to_string().as_str())
                && r["readout"] == "centroid"
                && r["measure"] == "shape reliance in SD units"
        });
        number(found.unwrap(), "value")
    };
    let sizes = ["samples.train = 64,", "as declared", "samples.train = 256,"];
    let slope = |seed: usize| {
        let [low, _, high] = sizes.map(|v| value(v, "ce", seed) - value(v, "contrastive", seed));
        // Three equidistant sizes: the middle one does not change the slope.
        (high - low) / 2.0
    };
    let expected = (0..3).map(slope).sum::<f64>() / 3.0;
    let trend = &rows(&out, "trends")[0];
    assert!(
        (number(trend, "slope") - expected).abs() < 1e-9,
        "{expected} {trend:?}"
    );
    assert_eq!(
        (trend["n"].as_str(), trend["verdict"].as_str()),
        ("3", "inconclusive")
    );

    let mut along = rows(&out, "along");
    along.retain(|row| row["id"] == "D1");
    let at_end: Vec<_> = along.iter().filter(|r| r["compared_at"] == "end").collect();
    assert_eq!(at_end.len(), 3);
    assert_eq!(number(at_end[0], "value"), 64.0);
    assert_eq!(
        along.len(),
        9,
        "each size at the end, at equal loss and at equal accuracy"
    );
    // Flat after two windows of four steps: 4 epochs of 2, 2 of 4, 2 of 8 (a window is a whole epoch).
    let epochs = |run: &str| {
        let history = fs::read_to_string(out.join("runs").join(run).join("history.csv"));
        history.unwrap().lines().count() - 2
    };
    let mut counted: Vec<_> = varied.iter().map(|r| epochs(&r["run"])).collect();
    counted.sort_unstable();
    counted.dedup();
    assert_eq!(counted, [2, 4]);
    for figure in ["along-samples.train", "levels-samples.train"] {
        let svg = fs::read_to_string(out.join(format!("figures/{figure}.svg"))).unwrap();
        assert!(
            svg.contains("samples.train, training set: both"),
            "{figure}"
        );
    }
    for table in [
        "foretold-samples.train",
        "held-samples.train",
        "costs-samples.train",
        "trends",
        "along-samples.train",
    ] {
        assert!(out.join(format!("tables/{table}.md")).exists(), "{table}");
    }
}

#[test]
fn costs_of_shape_agree_with_the_tables_of_layers_and_decisions() {
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), &study_arguments("trend", "out"));
    let out = folder.path().join("out");
    let (layers, decided) = (rows(&out, "layers"), rows(&out, "separation"));
    let costs = |loss: &str, seed: usize| {
        let seed = seed.to_string();
        let matches = |row: &&Row| row["loss"] == loss && row["seed"] == seed;
        let embedding = layers.iter().rfind(matches).unwrap();
        assert_eq!(embedding["layer"], "embedding");
        let balanced = number(embedding, "shape");
        let own = number(decided.iter().find(matches).unwrap(), "decided_shape");
        [1.0 - balanced, balanced - own]
    };
    let claims = rows(&out, "hypotheses");
    for (k, id) in ["K1", "K2"].into_iter().enumerate() {
        let difference = |seed| costs("ce", seed)[k] - costs("contrastive", seed)[k];
        let expected = (0..3).map(difference).sum::<f64>() / 3.0;
        let judged = claims.iter().find(|row| row["id"] == id).unwrap();
        let effect = number(judged, "effect");
        assert!(
            (effect - expected).abs() < 1e-9,
            "{id}: {effect} {expected}"
        );
    }
    let figure = fs::read_to_string(out.join("figures/costs.svg")).unwrap();
    assert!(figure.contains("shape, both"));
}

#[test]
fn rejects_a_setting_that_cannot_be_varied() {
    let folder = tempfile::tempdir().unwrap();
    let text = fs::read_to_string(workspace().join("tests/studies/varied.toml")).unwrap();
    let wrong = text.replace("generator.shape_amplitude", "generator.size");
    fs::write(folder.path().join("wrong.toml"), wrong).unwrap();
    let output = run(folder.path(), "study run --study wrong.toml --out out");
    assert_eq!(output.status.code(), Some(2));
    let message = String::from_utf8(output.stderr).unwrap();
    assert!(message.contains("generator.size"), "{message}");
    assert!(!folder.path().join("out").exists());
}
