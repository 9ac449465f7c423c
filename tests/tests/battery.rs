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
