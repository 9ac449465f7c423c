//! Tests of batteries: images equal to those of runs, export and open, and evaluation of external models.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use nodule_battery::sets::{TestImages, build_generator, render_shared_sets};
use nodule_battery::{Audit, Battery, Model, Predictions, Set, SetKind, audit, export, open};
use nodule_eval::ReadOut;
use nodule_study::records::FinishedRun;
use nodule_study::{Error, Registry, Resolved, load_study};
use nodule_synth::{Mode, Split};

fn smoke() -> Resolved {
    load_study("smoke", &Registry::default()).unwrap()
}

fn battery() -> Battery {
    Battery::new(smoke(), &["both".to_owned()], 1).unwrap()
}

/// Returns a model whose score is a function of the mean intensity of each image.
fn model(battery: &Battery, name: &str, seed: usize, score: fn(f32) -> f32) -> Model {
    let pixels = battery.image_size().pow(2);
    let sets = battery
        .sets_for_model("both", seed)
        .filter(|set| set.kind.needs_scores());
    let scores = sets.map(|set| {
        let data = battery.render(set).unwrap();
        let mean = |image: &[f32]| image.iter().sum::<f32>() / pixels as f32;
        let values = data.images.chunks(pixels).map(|image| score(mean(image)));
        (set.name(), values.collect())
    });
    Model {
        name: name.to_owned(),
        train: "both".to_owned(),
        seed,
        predictions: Predictions {
            scores: scores.collect(),
            ..Predictions::default()
        },
    }
}

#[test]
fn example_prints_a_large_effect_of_brightness() {
    // This program is target/PROFILE/deps/NAME; examples are built into target/PROFILE/examples.
    let test = std::env::current_exe().unwrap();
    let profile = test.ancestors().nth(2).unwrap();
    let example = profile.join("examples").join("external_model");
    let output = Command::new(example).output().unwrap();
    assert!(output.status.success());
    let text = String::from_utf8(output.stdout).unwrap();
    let line = text.lines().find(|line| line.starts_with("brightness"));
    let effect: f64 = line
        .unwrap()
        .split_whitespace()
        .nth(1)
        .unwrap()
        .parse()
        .unwrap();
    assert!(effect > 1.0, "{text}");
}

#[test]
fn battery_images_equal_those_of_runs() {
    let resolved = smoke();
    let generator = build_generator(&resolved, Split::Test).unwrap();
    let shared = render_shared_sets(&resolved, &generator).unwrap();
    let battery = battery();
    let render = |kind: SetKind| battery.render(battery.set(&kind).unwrap()).unwrap();
    for set in &shared.tests {
        let TestImages::Generated(distribution, data) = set else {
            panic!("the smoke study has no external images")
        };
        assert_eq!(&render(SetKind::Test(distribution.name.clone())), data);
    }
    for pairs in &shared.pairs {
        assert_eq!(render(SetKind::Low(pairs.mode)).images, pairs.low);
        assert_eq!(render(SetKind::High(pairs.mode)).images, pairs.high);
    }
    let plane = shared.plane.as_ref().unwrap();
    assert_eq!(render(SetKind::Plane).images, plane.images);
    assert_eq!(&render(SetKind::Maps), shared.maps.as_ref().unwrap());
    assert_eq!(
        &render(SetKind::Representation),
        shared.representation.as_ref().unwrap()
    );
}

fn read_files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for folder_name in ["", "images"] {
        for entry in fs::read_dir(folder.join(folder_name)).unwrap().flatten() {
            if entry.path().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

#[test]
fn large_numbers_are_text_in_the_description_of_a_battery() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("battery");
    export(&battery(), &path, &|_| ()).unwrap();
    let croissant = fs::read_to_string(path.join("croissant.json")).unwrap();
    let croissant: serde_json::Value = serde_json::from_str(&croissant).unwrap();
    let fields = croissant["recordSet"][0]["field"].as_array().unwrap();
    for field in fields {
        let name = field["name"].as_str().unwrap();
        if name == "id" || name.ends_with("_seed") {
            assert_eq!(field["dataType"], "sc:Text", "{name}");
        }
    }
}

#[test]
fn export_and_open_preserve_a_battery_and_name_a_changed_file() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let battery = battery();
    let manifest = export(&battery, &one, &|_| ()).unwrap();
    export(&battery, &two, &|_| ()).unwrap();
    assert_eq!(read_files(&one), read_files(&two));
    assert_eq!(manifest.sets.len(), battery.sets().len());
    let opened = open(&one, &Registry::default()).unwrap();
    assert_eq!(opened.id(), battery.id());
    assert_eq!(opened.sets(), battery.sets());
    // No temporary folder remains, and a second export does not overwrite the first.
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
    assert!(export(&battery, &one, &|_| ()).is_err());

    let path = one.join("images/maps.npz");
    let mut bytes = fs::read(&path).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&path, bytes).unwrap();
    let message = open(&one, &Registry::default()).unwrap_err().to_string();
    assert!(message.contains("maps.npz: was changed"), "{message}");
    fs::remove_file(path).unwrap();
    let message = open(&one, &Registry::default()).unwrap_err().to_string();
    assert!(message.contains("maps.npz: is missing"), "{message}");
}

#[test]
fn ids_are_unique_and_depend_on_the_number_of_seeds() {
    let battery = Battery::new(smoke(), &[], 2).unwrap();
    let mut all: Vec<u64> = battery.sets().iter().flat_map(Set::ids).collect();
    let n = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), n);
    assert_ne!(battery.id(), Battery::new(smoke(), &[], 1).unwrap().id());
    let validation_set = |seed| {
        battery
            .sets_for_model("shape", seed)
            .find(|set| matches!(set.kind, SetKind::Validation(..)))
            .unwrap()
            .name()
    };
    assert_eq!(validation_set(1), "validation-shape-1");
    assert_eq!(validation_set(7), "validation-shape-0");
}

fn effect(run: &FinishedRun, mode: Mode) -> f64 {
    run.read_out(ReadOut::Head)
        .unwrap()
        .mode(mode)
        .unwrap()
        .effect
}

#[test]
fn brightness_model_relies_on_brightness_and_constant_model_is_a_control() {
    let battery = battery();
    let models = [
        model(&battery, "brightness", 0, |mean| mean - 0.3),
        model(&battery, "constant", 0, |_| 0.25),
    ];
    let Audit {
        runs,
        notes,
        study,
        predictions,
        ..
    } = audit(&battery, &models).unwrap();
    assert!(effect(&runs[0], Mode::Brightness) > 1.0);
    assert!(effect(&runs[0], Mode::Rotation).abs() < 0.1);
    assert_eq!(effect(&runs[1], Mode::Brightness), 0.0);
    assert_eq!(notes.len(), 1);
    assert!(notes[0].contains("constant (seed 0)") && !notes[0].contains("brightness"));
    assert_eq!(study.losses, ["brightness", "constant"]);
    assert_eq!(study.read_outs, [ReadOut::Head]);
    let lines = predictions[0].lines().count();
    assert_eq!(lines, 1 + 4 * 32);
}

#[test]
fn rejects_duplicate_models_and_other_batteries() {
    let battery = battery();
    let twice = || model(&battery, "m", 0, |mean| mean);
    let assert_rejected = |result: Result<Audit, Error>, words: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    };
    assert_rejected(audit(&battery, &[twice(), twice()]), "given twice");
    assert_rejected(audit(&battery, &[]), "at least one model");
    let one = audit(&battery, &[twice()]).unwrap();
    assert_rejected(Audit::merge(&[one.clone(), one.clone()]), "given twice");
    let other = Battery::new(smoke(), &["both".to_owned()], 2).unwrap();
    let other = audit(&other, &[model(&other, "m", 1, |mean| mean)]).unwrap();
    assert_rejected(
        Audit::merge(&[one.clone(), other]),
        "the battery of the first",
    );
    let second = audit(&battery, &[model(&battery, "m", 1, |mean| mean)]).unwrap();
    let both = Audit::merge(&[one, second]).unwrap();
    assert_eq!((both.runs.len(), both.study.seeds), (2, 2));
}
