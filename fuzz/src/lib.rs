//! Fuzz targets: every parser of external input. A target must return for any bytes: no panic, no abort, and no input
//! that takes seconds.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use candle_core::Device;
use nodule_battery::{Battery, Model, Outputs};
use nodule_nn::{Architecture, LeNetConfig};
use nodule_study::plan::{RunSettings, estimate_cost};
use nodule_study::records::{Evaluation, FinishedRun, RunRecord, Showcase};
use nodule_study::{Output, Registry, Resolved, load_study, plan};
use nodule_synth::{Distribution, Generator, GeneratorSettings, Outlines};

/// Name of a target and of its corpus, and the function that consumes an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: [Target; 11] = [
    ("study", study),
    ("distribution", distribution),
    ("outlines", outlines),
    ("run_record", run_record),
    ("evaluation", evaluation),
    ("checkpoint", checkpoint),
    ("images", images),
    ("labels", labels),
    ("predictions", predictions),
    ("models", models),
    ("training_state", training_state),
];

/// Loads a study file, plans its runs and estimates their cost.
pub fn study(data: &[u8]) {
    let file = write_input("study.toml", data);
    if let Ok(resolved) = load_study(&file.to_string_lossy(), &Registry::default()) {
        let specs = plan(&resolved, "cpu");
        let pending: Vec<_> = specs.iter().collect();
        let cost = estimate_cost(&resolved, &pending, 2);
        assert!(cost.cpu_seconds.is_finite());
    }
}

/// Parses a distribution and generates four images.
pub fn distribution(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let Ok(distribution) = Distribution::parse(text, "fuzzed.toml") else {
        return;
    };
    let settings = GeneratorSettings {
        image_size: 16,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::lidc());
    // Generating from a valid distribution can fail only if a level has no outlines.
    if let Ok(data) = generator.and_then(|g| g.generate(&distribution, 1, 0..4)) {
        assert!(data.images.iter().all(|v| (0.0..=1.0).contains(v)));
    }
}

/// Reads a file of outlines.
pub fn outlines(data: &[u8]) {
    let file = write_input("outlines.csv", data);
    if let Ok(outlines) = Outlines::read(&file) {
        assert!(!outlines.digest().is_empty());
    }
}

/// Parses `run.json` and the settings in it, and writes a report with the record.
pub fn run_record(data: &[u8]) {
    let Ok(record) = serde_json::from_slice::<RunRecord>(data) else {
        return;
    };
    if let Ok(settings) = serde_json::from_value::<RunSettings>(record.settings.clone()) {
        let (name, table) = settings.loss();
        let registry = Registry::default();
        let _ = (registry.loss(name, table), settings.check_versions());
        let _ = registry.network(settings.network(), settings.generator.image_size);
    }
    write_report(FinishedRun {
        record,
        ..valid_run().clone()
    });
}

/// Parses `evaluation.json` and writes a report with the evaluation.
pub fn evaluation(data: &[u8]) {
    if let Ok(evaluation) = serde_json::from_slice::<Evaluation>(data) {
        write_report(FinishedRun {
            evaluation,
            ..valid_run().clone()
        });
    }
}

/// Loads a checkpoint of the LeNet of the smoke study and runs it.
pub fn checkpoint(data: &[u8]) {
    let config = LeNetConfig {
        image_size: 32,
        channels: [4, 8],
        hidden: 16,
        embedding: 8,
    };
    let file = write_input("model.safetensors", data);
    let architecture: &dyn Architecture = &config;
    if let Ok(network) = nodule_train::load_checkpoint(&file, architecture, &Device::Cpu) {
        let images = vec![0.5; 2 * 32 * 32];
        let _ = nodule_train::infer(network.as_ref(), &images);
    }
}

/// Reads images of a user from an npz and checks that they are valid.
pub fn images(data: &[u8]) {
    read_images(&write_input("images.npz", data));
}

/// Reads a folder of pictures with this labels.csv and checks that the images are valid.
pub fn labels(data: &[u8]) {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    let folder = FOLDER.get_or_init(|| {
        for name in ["a.png", "b.png", "c.png", "a_mask.png"] {
            write_input(&format!("labels/{name}"), include_bytes!("picture.png"));
        }
        scratch_folder().join("labels")
    });
    write_input("labels/labels.csv", data);
    read_images(folder);
}

fn read_images(path: &Path) {
    if let Ok(images) = nodule_images::read_images(path, None) {
        let (n, pixels) = (images.labels.len(), images.image_size.pow(2));
        assert!(n * pixels == images.images.len());
        assert!(images.images.iter().all(|v| (0.0..=1.0).contains(v)));
        assert!(images.masks.iter().all(|m| m.len() == n * pixels));
        assert!(images.groups.iter().all(|g| g.len() == n));
        let mut ratings = images.shape.iter().chain(&images.texture);
        assert!(ratings.all(|r| r.len() == n));
    }
}

/// Reads an external model's predictions for a battery of the smoke study and evaluates them.
pub fn predictions(data: &[u8]) {
    static BATTERY: OnceLock<Battery> = OnceLock::new();
    let battery = BATTERY.get_or_init(|| {
        let study = load_study("smoke", &Registry::default()).expect("a built-in study");
        Battery::new(study, &["both".to_owned()], 1).expect("a battery")
    });
    let file = write_input("predictions.npz", data);
    if let Ok(predictions) = nodule_battery::read_predictions(&file, battery, "both", 0, Outputs::Score) {
        let model = Model {
            name: "fuzzed".to_owned(),
            train: "both".to_owned(),
            seed: 0,
            predictions,
        };
        let _ = nodule_battery::audit(battery, &[model]);
    }
}

/// Reads a table of models.
pub fn models(data: &[u8]) {
    let _ = nodule_battery::read_models(&write_input("models.toml", data));
}

/// Reads the saved state of a training.
pub fn training_state(data: &[u8]) {
    for key in ["fuzz", "other"] {
        let _ = nodule_train::read_notes(data, key);
        let _ = nodule_train::read_history(data, key);
    }
}

/// Writes a report of one run into a scratch folder.
fn write_report(run: FinishedRun) {
    static STUDY: OnceLock<Resolved> = OnceLock::new();
    let study =
        STUDY.get_or_init(|| load_study("smoke", &Registry::default()).expect("a built-in study"));
    let output = Output::at(&scratch_folder().join("report"));
    let _ = nodule_report::summarise(study, "cpu", &output, &[run], &Showcase::default());
}

/// Returns the valid run of the corpus.
fn valid_run() -> &'static FinishedRun {
    static RUN: OnceLock<FinishedRun> = OnceLock::new();
    RUN.get_or_init(|| FinishedRun {
        record: serde_json::from_slice(include_bytes!("../corpus/run_record/smoke.json"))
            .expect("a record"),
        history: Vec::new(),
        evaluation: serde_json::from_slice(include_bytes!("../corpus/evaluation/smoke.json"))
            .expect("an evaluation"),
    })
}

/// Returns the scratch folder of this process.
pub fn scratch_folder() -> PathBuf {
    let memory = PathBuf::from("/dev/shm");
    let base = if memory.is_dir() {
        memory
    } else {
        std::env::temp_dir()
    };
    base.join(format!("nodule-fuzz.{}", std::process::id()))
}

fn write_input(name: &str, data: &[u8]) -> PathBuf {
    let path = scratch_folder().join(name);
    fs::create_dir_all(path.parent().expect("a folder")).expect("a writable folder");
    fs::write(&path, data).expect("a writable file");
    path
}
