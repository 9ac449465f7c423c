//! External models through files: export of a battery, import of predictions, and the report.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

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
    succeed(
        path,
        "battery export --study smoke --train both --out battery",
    );
    let one = predictions::valid(&path.join("battery"));
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
    succeed(
        path,
        "battery export --study smoke --train both --out battery",
    );
    let mut predictions = predictions::valid(&path.join("battery"));
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
