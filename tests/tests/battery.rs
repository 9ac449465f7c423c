//! External models through files: export of a battery, import of predictions, and the report.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::Path;

use nodule_tests::predictions::{self, numbers};
use nodule_tests::{assert_same, succeed};

const CLAIMS: &str = r#"
[[hypothesis]]
id = "A1"
claim = "One and two rely on shape differently."
train = "both"
smallest_effect = 0.1
[hypothesis.contrast]
kind = "paired-difference"
endpoint = { measure = "effect", mode = "shape" }
a = { loss = "one", read_out = "head" }
b = { loss = "two", read_out = "head" }
"#;

const MODELS: &str = r#"
[[model]]
name = "one"
answers = ["one.npz", "two.npz"]
train = "both"
[[model]]
name = "two"
answers = ["two.npz", "one.npz"]
"#;

#[test]
fn evaluates_several_models_and_tests_claims_reproducibly() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let one = predictions::export_smoke(path);
    let mut two = one.clone();
    // Scores may have the shape [n, 1].
    two.insert("decision/high-shape".into(), numbers(16, 1));
    two.insert("map/gradient".into(), {
        let values: Vec<u8> = (0..4 * 32 * 32)
            .flat_map(|i| (i as f32).to_le_bytes())
            .collect();
        predictions::npy("<f4", "(4, 32, 32)", &values)
    });
    predictions::write(&one, &path.join("one.npz"));
    predictions::write(&two, &path.join("two.npz"));
    fs::write(path.join("models.toml"), MODELS).unwrap();
    fs::write(path.join("claims.toml"), CLAIMS).unwrap();
    let measure =
        "battery measure --battery battery --models models.toml --claims claims.toml --out";
    let printed = succeed(path, &format!("{measure} first"));
    assert!(
        printed.contains("A1   inconclusive") && printed.contains("4 models evaluated"),
        "{printed}"
    );
    succeed(path, &format!("{measure} second"));
    assert_same(&path.join("first"), &path.join("second"));

    let read = |name: &str| fs::read_to_string(path.join("first").join(name)).unwrap();
    let lines = |name: &str| read(name).lines().count() - 1;
    // 4 runs, 11 modes; 5 scored tests; 81 points.
    assert_eq!(lines("tables/reliance.csv"), 4 * 11);
    assert_eq!(lines("tables/results.csv"), 4 * 5);
    assert_eq!(lines("tables/landscape.csv"), 4 * 81);
    assert_eq!(lines("tables/maps.csv"), 2);
    assert_eq!(fs::read_dir(path.join("first/runs")).unwrap().count(), 4);
    let page = read("report/index.html");
    assert!(
        page.contains("Features used by external models") && !page.contains("nodule study run")
    );
}

#[test]
fn probabilities_are_noted_and_converted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut predictions = predictions::export_smoke(path);
    for (name, array) in &mut predictions {
        if name.starts_with("decision/") {
            let header = 10 + usize::from(u16::from_le_bytes([array[8], array[9]]));
            let n = (array.len() - header) / 4;
            let values: Vec<u8> = (0..n)
                .flat_map(|i| (0.02 + 0.96 * (i as f64 / n as f64)).to_le_bytes())
                .collect();
            *array = predictions::npy("<f8", &format!("({n},)"), &values);
        }
    }
    predictions::write(&predictions, &path.join("p.npz"));
    let measure = "battery measure --battery battery --predictions p.npz --name cnn";
    let noted = succeed(path, &format!("{measure} --out noted"));
    assert!(
        noted.contains("cnn (seed 0): all scores lie between 0 and 1, like probabilities"),
        "{noted}"
    );
    let converted = succeed(
        path,
        &format!("{measure} --outputs probability --out converted"),
    );
    assert!(!converted.contains("like probabilities"), "{converted}");
    let flips = |folder: &str| {
        let table = fs::read_to_string(path.join(folder).join("tables/landscape.csv")).unwrap();
        let last = |line: &str| line.rsplit(',').next().and_then(|cell| cell.parse().ok());
        table.lines().filter(|line| last(line) == Some(1.0)).count()
    };
    // Against the threshold 0, every probability counts as abnormal.
    assert!(flips("noted") > flips("converted"));
}

/// Words about training and studies that are false of a model of which only predictions are known.
const UNKNOWN: [&str; 32] = [
    "each loss",
    "by loss",
    "losses",
    "1 loss",
    "declared before",
    "before training",
    "before the runs",
    "training seed",
    "initial weights",
    "batch order",
    "same network architecture",
    "same networks",
    "networks trained",
    "trained on",
    "training set",
    "training distribution",
    "each network",
    "untrained",
    "learning rate",
    "kernels",
    "root seed",
    "epoch",
    "single runs",
    "run that",
    "one seed gives",
    "the study declares",
    "no run is finished",
    "not finished",
    "are finished",
    "network's own head",
    "the networks",
    "same models",
];

/// Returns the text of a page in lower case, without scripts, styles, tags, and the names of columns.
fn text_of(page: &str) -> String {
    let mut text = String::new();
    for (i, part) in page.split('<').enumerate() {
        let is_hidden = part.starts_with("script") || part.starts_with("style");
        match part.split_once('>') {
            Some((_, shown)) if i > 0 && !is_hidden => text += shown,
            None if i == 0 => text += part,
            _ => {}
        }
    }
    let sentences = text.split(". ").filter(|s| !s.starts_with("Data: "));
    sentences.collect::<Vec<_>>().join(". ").to_lowercase()
}

#[test]
fn an_audit_tells_only_what_is_known_of_the_models() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let mut arrays = predictions::export_smoke(path);
    predictions::write(&arrays, &path.join("a.npz"));
    let manifest = fs::read_to_string(path.join("battery/manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    for set in manifest["sets"].as_array().unwrap() {
        if set["embedding"] == true {
            let n = set["n"].as_u64().unwrap() as usize;
            arrays.insert(
                format!("embedding/{}", set["name"].as_str().unwrap()),
                numbers(n, 3),
            );
        }
    }
    predictions::write(&arrays, &path.join("b.npz"));
    let claims = CLAIMS
        .replace("\"one\"", "\"cnn\"")
        .replace("\"two\"", "\"vit\"");
    fs::write(path.join("claims.toml"), claims).unwrap();
    let one = "--predictions a.npz --name cnn";
    for (models, out) in [
        (one.to_owned(), "one"),
        (
            format!("{one} {one} --predictions b.npz --name vit"),
            "unequal",
        ),
        (
            format!("{one} {one} --predictions a.npz --name vit"),
            "three",
        ),
    ] {
        succeed(
            path,
            &format!("battery measure --battery battery {models} --out {out}"),
        );
        let out = path.join(out);
        let mut files = vec![out.join("report/index.html"), out.join("report.md")];
        let figures = fs::read_dir(out.join("figures")).unwrap();
        let figures = figures.map(|entry| entry.unwrap().path());
        files.extend(figures.filter(|file| file.extension().is_some_and(|e| e == "txt")));
        for file in files {
            let text = text_of(&fs::read_to_string(&file).unwrap());
            assert!(text.len() > 40, "{}", file.display());
            for words in UNKNOWN {
                let at = text.find(words);
                let around = at.map(|at| {
                    text.chars()
                        .skip(at.saturating_sub(80))
                        .take(200)
                        .collect::<String>()
                });
                assert_eq!(at, None, "{words} in {}: {around:?}", file.display());
            }
        }
        let cited = fs::read_to_string(out.join("report/cite.bib")).unwrap();
        let own = cited.split("\n\n").next().unwrap();
        assert!(
            own.contains("external models") && !own.contains("loss"),
            "{own}"
        );
    }
    check_intervals(path);
    check_mixed_models(path);
}

/// Checks that two models, of which one has no embeddings, are shown by their own scores, also in the states.
fn check_mixed_models(path: &Path) {
    let one = "--predictions a.npz --name cnn";
    succeed(
        path,
        &format!(
            "battery measure --battery battery {one} --predictions b.npz --name vit --claims claims.toml --out mixed"
        ),
    );
    let mixed = text_of(&fs::read_to_string(path.join("mixed/report/index.html")).unwrap());
    let finding = mixed.split("in sd units: on shape ").nth(1).unwrap();
    let finding = finding.split(';').next().unwrap();
    assert!(
        finding.contains("cnn ") && finding.contains("vit "),
        "{finding}"
    );
    for words in [
        "network's own head",
        "runs learned",
        "its run",
        " runs are",
        " of 2 runs",
        "finished runs",
    ] {
        assert!(!mixed.contains(words), "{words}");
    }
    let states = fs::read_to_string(path.join("mixed/tables/states.csv")).unwrap();
    assert_eq!(states.matches("head read-out").count(), 2, "{states}");
}

/// Checks the interval columns of the audits `one` and `three`.
fn check_intervals(path: &Path) {
    let rows = fs::read_to_string(path.join("one/tables/reliance.csv")).unwrap();
    assert!(rows.starts_with(
        "run,train,loss,seed,readout,mode,effect,flipped,effect_low,effect_high,flipped_low,flipped_high\n"
    ));
    let results = fs::read_to_string(path.join("one/tables/results.csv")).unwrap();
    assert!(
        results.contains(",auroc,worst_group_accuracy,accuracy_low,accuracy_high,"),
        "{results}"
    );
    for row in rows.lines().skip(1) {
        let numbers: Vec<f64> = row
            .split(',')
            .skip(6)
            .map(|cell| cell.parse().unwrap())
            .collect();
        let [
            effect,
            flipped,
            effect_low,
            effect_high,
            flipped_low,
            flipped_high,
        ] = numbers[..]
        else {
            panic!("{row}");
        };
        assert!(effect_low <= effect && effect <= effect_high, "{row}");
        assert!(flipped_low <= flipped && flipped <= flipped_high, "{row}");
        assert!(flipped_low < flipped_high, "{row}");
    }
    for (file, columns) in [
        (
            "flips",
            "mode,became_abnormal,became_normal,became_abnormal_low,became_abnormal_high,became_normal_low,became_normal_high",
        ),
        (
            "landscape",
            "shape,texture,score,abnormal,score_low,score_high,abnormal_low,abnormal_high",
        ),
    ] {
        let rows = fs::read_to_string(path.join(format!("one/tables/{file}.csv"))).unwrap();
        let (header, rows) = rows.split_once('\n').unwrap();
        assert!(header.ends_with(columns), "{header}");
        assert!(rows.lines().count() > 5, "{rows}");
        for row in rows.lines() {
            // Two numbers, then the ends of each interval.
            let numbers: Vec<f64> = row
                .rsplit(',')
                .take(6)
                .map(|cell| cell.parse().unwrap())
                .collect();
            let [high_2, low_2, high_1, low_1, second, first] = numbers[..] else {
                panic!("{row}");
            };
            assert!(
                low_1 <= first && first <= high_1 && low_2 <= second && second <= high_2,
                "{row}"
            );
            // Wilson's interval has a width for shares of 0 and 1 too.
            assert!(low_2 < high_2, "{row}");
        }
    }
    let together = fs::read_to_string(path.join("three/tables/reliance.csv")).unwrap();
    // The interval of a model does not depend on the others.
    assert!(together.starts_with(&rows));
}
