//! Cross-validation over the folds of the user's images: every patient is held out once, and the page shows all folds.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::Path;

use ndarray::{Array1, Array3};
use ndarray_npy::NpzWriter;
use nodule_tests::{assert_rejected, succeed, workspace};

const SIZE: usize = 32;
/// Images of each patient, 1 to 4.
const IMAGES: [usize; 7] = [3, 1, 4, 2, 3, 2, 1];
const PATIENTS: usize = 28;

/// Writes images of patients with names such as 7, 14, 21; every second patient is abnormal.
fn write_images(path: &Path) {
    let patients: Vec<usize> = (0..PATIENTS)
        .flat_map(|p| vec![p; IMAGES[p % IMAGES.len()]])
        .collect();
    let n = patients.len();
    let images = Array3::from_shape_fn((n, SIZE, SIZE), |(i, y, x)| {
        let is_inside = (10..22).contains(&y) && (10..22).contains(&x);
        let abnormal = (patients[i] % 2) as f32;
        let noise = ((i * 31 + y * 17 + x * 7 + i * y) % 23) as f32 / 60.0;
        noise
            + if is_inside {
                0.2 + 0.1 * abnormal
            } else {
                i as f32 / 1000.0
            }
    });
    let mut file = NpzWriter::new(File::create(path).unwrap());
    file.add_array("images", &images).unwrap();
    let labels: Array1<u8> = patients.iter().map(|p| (p % 2) as u8).collect();
    file.add_array("labels", &labels).unwrap();
    let groups: Array1<f64> = patients.iter().map(|p| 7.0 * *p as f64).collect();
    file.add_array("group", &groups).unwrap();
    file.finish().unwrap();
}

/// Writes a study of these images without claims, with `tables` at its end.
fn write_study(here: &Path, tables: &str) {
    let smoke = fs::read_to_string(workspace().join("data/studies/smoke.toml")).unwrap();
    let (text, _) = smoke.split_once("# The claims").unwrap();
    let mut text = text.to_owned();
    for (from, to) in [
        (
            "train = [\"both\", \"shape\", \"random-labels\"]",
            "train = [\"both\", { images = \"own.npz\" }]",
        ),
        (
            "test = [\"both\", \"conflict\", \"shape-only\", \"lidc\"]",
            "test = [{ images = \"own.npz\", name = \"clinic\" }, \"both\"]",
        ),
        (
            "losses = [\"ce\", \"contrastive\", \"ce+contrastive\"]",
            "losses = [\"ce\"]",
        ),
        ("margin = 1.0", "# margin = 1.0"),
        ("weight = 1.0", "# weight = 1.0"),
    ] {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    fs::write(here.join("study.toml"), text + tables).unwrap();
}

/// Returns the rows of a table as maps from column to cell.
fn rows(path: &Path) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader.headers().unwrap().clone();
    let rows = reader.records().map(|record| {
        let record = record.unwrap();
        let cells = header.iter().zip(&record);
        cells.map(|(h, c)| (h.to_owned(), c.to_owned())).collect()
    });
    rows.collect()
}

const FOLDS: &str = "\n[held_out]\nfolds = 4\nfold = 2\n[vary]\nhow = \"one-at-a-time\"\nvalues = { \"held_out.fold\" = [0, 1, 3] }\n";

/// Checks the table against predictions of the runs of all folds.
fn check_table(here: &Path) {
    let (correct, tested) = count_predictions(here);
    let images: usize = (0..PATIENTS).map(|p| IMAGES[p % IMAGES.len()]).sum();
    let table = rows(&here.join("out/tables/cross_validation.csv"));
    let accuracies: Vec<_> = table
        .iter()
        .filter(|row| row["metric"] == "accuracy")
        .collect();
    assert_eq!(accuracies.len(), 4);
    for row in accuracies {
        let n = tested[&row["readout"]];
        assert_eq!(n, 2 * images);
        let expected = f64::from(correct[&row["readout"]] as u32) / f64::from(n as u32);
        let number = |column: &str| row[column].parse::<f64>().unwrap();
        assert!((number("value") - expected).abs() < 1e-12);
        assert!(number("ci_low") < expected && expected < number("ci_high"));
        assert_eq!(
            (row["train"].as_str(), row["test"].as_str()),
            ("own", "clinic")
        );
        for (column, value) in [
            ("folds", 4),
            ("all_folds", 4),
            ("seeds", 2),
            ("images", images),
            ("groups", PATIENTS),
        ] {
            assert_eq!(row[column], value.to_string());
        }
    }
}

/// Returns the numbers of correct and of all predictions on `clinic` by classifier, over the runs of all folds.
fn count_predictions(here: &Path) -> (BTreeMap<String, usize>, BTreeMap<String, usize>) {
    // Count correct predictions over the runs of all folds.
    let (mut correct, mut tested, mut runs) = (BTreeMap::new(), BTreeMap::new(), 0);
    let mut sizes = Vec::new();
    for run in fs::read_dir(here.join("out/runs")).unwrap() {
        let run = run.unwrap().path();
        let record = fs::read_to_string(run.join("run.json")).unwrap();
        runs += 1;
        if !record.contains("\"train\": \"own\"") {
            continue;
        }
        let predictions = rows(&run.join("predictions.csv"));
        let on_clinic: Vec<_> = predictions
            .iter()
            .filter(|row| row["test"] == "clinic")
            .collect();
        sizes.push(on_clinic.len() / 4);
        for row in on_clinic {
            *tested.entry(row["readout"].clone()).or_insert(0) += 1;
            *correct.entry(row["readout"].clone()).or_insert(0) +=
                usize::from(row["label"] == row["predicted"]);
        }
    }
    // 2 seeds of 4 folds, and 2 runs on generated images, which the folds do not change.
    assert_eq!((sizes.len(), runs), (8, 10));
    assert!(
        sizes.iter().max().unwrap() - sizes.iter().min().unwrap() <= 2,
        "{sizes:?}"
    );
    (correct, tested)
}

#[test]
fn folds_are_pooled_with_intervals_over_patients() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_images(&here.join("own.npz"));
    write_study(here, FOLDS);
    succeed(here, "study run --study study.toml --out out --jobs 2");

    check_table(here);
    let page = fs::read_to_string(here.join("out/report/index.html")).unwrap();
    assert!(page.contains("Cross-validated over 4 folds on <code>own</code>"));
    assert!(page.contains("28 groups") && !page.contains("varies no design choice"));
    // Names of patients are in the folder's study file, and not on the page.
    let study = fs::read_to_string(here.join("out/study.toml")).unwrap();
    assert!(study.contains("[held_out.groups]") && study.contains("\n189 = "));
    assert!(!page.contains("held_out.groups") && !page.contains("189 = "));
    let varied = rows(&here.join("out/tables/varied.csv"));
    let on_both = varied.iter().filter(|row| row["train"] == "both");
    assert!(
        on_both
            .map(|row| row["variant"].as_str())
            .all(|variant| variant == "as declared")
    );

    // The report needs no images, since the study file lists the fold of each group.
    fs::remove_file(here.join("own.npz")).unwrap();
    succeed(here, "study report --out out");
    assert_eq!(
        fs::read_to_string(here.join("out/report/index.html")).unwrap(),
        page
    );
}

#[test]
fn the_number_of_folds_does_not_vary() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    write_images(&here.join("own.npz"));
    write_study(
        here,
        &FOLDS.replace("held_out.fold\" = [0, 1, 3]", "held_out.folds\" = [3, 5]"),
    );
    assert_rejected(
        here,
        "study plan --study study.toml",
        "folds are assigned to the groups of training images once per study",
    );
}
