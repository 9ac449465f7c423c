//! A loss and a network of an outside program: the example `own_study`, executed up to its report, and messages about
//! its settings.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/own_study/focal.rs"]
mod focal;
#[path = "../examples/own_study/perceptron.rs"]
mod perceptron;

use std::fs;
use std::path::Path;

use candle_core::{Device, Tensor, Var};
use nodule_nn::losses::cross_entropy;
use nodule_nn::{Loss, Output, Settings};
use nodule_report::summarise;
use nodule_run::{Execution, Models, build_showcase, execute};
use nodule_study::{Error, Resolved, load_study, open_output, plan, plan_grid};

use focal::Focal;
use perceptron::Perceptron;

fn models() -> Models {
    Models::default()
        .with_loss::<Focal>()
        .with_network::<Perceptron>()
}

/// Loads the example's study with some text replaced.
fn load_changed_study(folder: &Path, replacements: &[(&str, &str)]) -> Result<Resolved, Error> {
    let file = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_study/study.toml");
    let mut text = fs::read_to_string(file).unwrap();
    for (from, to) in replacements {
        assert!(text.contains(from), "{from}");
        text = text.replacen(from, to, 1);
    }
    let path = folder.join("study.toml");
    fs::write(&path, text).unwrap();
    load_study(&path.to_string_lossy(), models().registry())
}

#[test]
fn the_grid_is_executed_and_reported() {
    let folder = tempfile::tempdir().unwrap();
    let smaller = [
        ("seeds = 3", "seeds = 2"),
        ("train = 512", "train = 64"),
        ("epochs = 6", "epochs = 1"),
    ];
    let study = load_changed_study(folder.path(), &smaller).unwrap();
    let out = folder.path().join("out");
    let output = open_output(&out, &study, models().registry()).unwrap();
    let specs = plan(&study, "cpu");
    assert_eq!(specs.len(), 2 * 2 * 2);
    execute(&study, &specs, &output, &models(), &Execution::default()).unwrap();

    let specs = plan_grid(&study, "cpu");
    let runs = output.read_complete_runs(&study, &specs).unwrap();
    let showcase = build_showcase(&study, &specs, &runs, &output, &models()).unwrap();
    let summary = summarise(&study, "cpu", &output, &runs, &showcase).unwrap();
    assert_eq!((summary.finished, summary.planned), (8, 8));
    let page = fs::read_to_string(summary.report).unwrap();
    assert!(page.contains("focal"));
    let read = |name: &str| fs::read_to_string(out.join(name)).unwrap();
    assert!(read("tables/results.csv").contains(",focal,"));
    // A perceptron has no feature maps, so every method but Grad-CAM applies.
    let maps = read("tables/maps.csv");
    assert!(maps.contains("occlusion") && !maps.contains("grad-cam"));
    // Layers are randomised from the last that the read-out uses to the first.
    let sanity = read("tables/sanity.csv");
    assert!(sanity.contains("hidden") && !sanity.contains("head"));
    assert!(read("study.toml").contains("kind = \"perceptron\""));
    let record = &runs[0].record;
    assert_eq!(record.settings["network"]["kind"], "perceptron");
}

#[test]
fn settings_of_loss_and_network_change_run_ids() {
    let folder = tempfile::tempdir().unwrap();
    let ids = |replacements: &[(&str, &str)]| {
        let study = load_changed_study(folder.path(), replacements).unwrap();
        let specs = plan(&study, "cpu").into_iter();
        specs.map(|s| (s.loss.name, s.id)).collect::<Vec<_>>()
    };
    let before = ids(&[]);
    for (loss, id) in ids(&[("gamma = 3.0", "gamma = 2.0")]) {
        let same = before.contains(&(loss.clone(), id));
        assert_eq!(same, loss == "ce", "only the loss whose setting changed");
    }
    for changed in ids(&[("hidden = 48", "hidden = 47")]) {
        assert!(!before.contains(&changed));
    }
}

#[test]
fn rejects_invalid_settings_by_name() {
    let folder = tempfile::tempdir().unwrap();
    for (from, to, words) in [
        ("gamma = 3.0", "gamma = -1", "loss.focal.gamma = -1"),
        ("gamma = 3.0", "gamma = nan", "loss.focal.gamma = NaN"),
        (
            "gamma = 3.0",
            "gamma = \"big\"",
            "loss.focal.gamma = \"big\"",
        ),
        (
            "gamma = 3.0",
            "gama = 3.0",
            "loss.focal.gama = 3.0: must be one of gamma",
        ),
        ("[loss.focal]", "[loss.focl]", "loss.focl"),
        (
            "\"focal\"]",
            "\"focl\"]",
            "losses = focl: must be one of ce",
        ),
        (
            "kind = \"perceptron\"",
            "kind = \"percepton\"",
            "network.kind = percepton",
        ),
        (
            "hidden = 48",
            "hidden = 0",
            "network.hidden = 0: must be from 1 to 4096",
        ),
        (
            "hidden = 48",
            "hiden = 48",
            "network.hiden = 48: must be one of",
        ),
        (
            "hidden = 48",
            "image_size = 64",
            "network.image_size = 64: the network follows generator.image_size = 32",
        ),
    ] {
        let error = load_changed_study(folder.path(), &[(from, to)]).unwrap_err();
        assert!(error.is_input());
        let message = error.to_string();
        assert!(
            message.contains("study.toml") && message.contains(words),
            "{to}: {message}"
        );
    }
    let duplicate = models().with_loss::<Focal>();
    let study = folder.path().join("study.toml");
    let message = load_study(&study.to_string_lossy(), duplicate.registry())
        .unwrap_err()
        .to_string();
    assert!(message.contains("two have the name focal"), "{message}");
}

/// Focal loss with gamma 0 is cross-entropy; gradients equal finite differences.
#[test]
fn focal_loss_has_correct_values_and_gradients() {
    let labels = Tensor::new(&[0u32, 1, 1], &Device::Cpu).unwrap();
    let at = |rows: &[[f32; 2]; 3]| Var::new(rows, &Device::Cpu).unwrap();
    let value = |gamma: f64, logits: &Var| {
        let settings = [("gamma".to_owned(), gamma.into())].into_iter().collect();
        let loss = Focal::from_table(&settings).unwrap();
        let output = Output {
            embedding: logits.as_tensor().clone(),
            logits: logits.as_tensor().clone(),
        };
        loss.compute(&output, &labels).unwrap()
    };
    let rows = [[0.3f32, -0.4], [1.0, 0.2], [-0.5, 0.9]];
    let plain = cross_entropy(&at(&rows), &labels).unwrap();
    let scalar = |t: Tensor| t.to_scalar::<f32>().unwrap();
    assert!((scalar(plain) - scalar(value(0.0, &at(&rows)))).abs() < 1e-5);

    let x = at(&rows);
    let gradients = value(2.0, &x).backward().unwrap();
    let gradient = gradients.get(&x).unwrap().to_vec2::<f32>().unwrap();
    for (i, j) in [(0, 0), (1, 1), (2, 0)] {
        let (mut up, mut down) = (rows, rows);
        up[i][j] += 1e-2;
        down[i][j] -= 1e-2;
        let slope = (scalar(value(2.0, &at(&up))) - scalar(value(2.0, &at(&down)))) / 2e-2;
        assert!(
            (slope - gradient[i][j]).abs() < 2e-3,
            "{slope} {}",
            gradient[i][j]
        );
    }
}
