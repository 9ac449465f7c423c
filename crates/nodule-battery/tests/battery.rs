//! A battery has the very images that runs share, goes through files whole, and measures models by the same
//! functions as runs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use nodule_battery::sets::{TestImages, generator, shared_sets};
use nodule_battery::{Answers, Audit, Battery, Model, Set, SetKind, audit, export, open};
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

/// A model that answers by `of` of the mean intensity of each image.
fn model(battery: &Battery, name: &str, seed: usize, of: fn(f32) -> f32) -> Model {
    let pixels = battery.image_size().pow(2);
    let sets = battery
        .asked("both", seed)
        .filter(|set| set.kind.is_decided());
    let decided = sets.map(|set| {
        let data = battery.rendered(set).unwrap();
        let mean = |image: &[f32]| image.iter().sum::<f32>() / pixels as f32;
        let values = data.images.chunks(pixels).map(|image| of(mean(image)));
        (set.name(), values.collect())
    });
    Model {
        name: name.to_owned(),
        train: "both".to_owned(),
        seed,
        answers: Answers {
            decisions: decided.collect(),
            ..Answers::default()
        },
    }
}

#[test]
fn its_images_are_those_that_runs_share() {
    let resolved = smoke();
    let generator = generator(&resolved, Split::Test).unwrap();
    let shared = shared_sets(&resolved, &generator).unwrap();
    let battery = battery();
    let of = |kind: SetKind| battery.rendered(battery.set(&kind).unwrap()).unwrap();
    for set in &shared.tests {
        let TestImages::Drawn(distribution, data) = set else {
            panic!("nothing is given")
        };
        assert_eq!(&of(SetKind::Test(distribution.name.clone())), data);
    }
    for pairs in &shared.pairs {
        assert_eq!(of(SetKind::Low(pairs.mode)).images, pairs.low);
        assert_eq!(of(SetKind::High(pairs.mode)).images, pairs.high);
    }
    let square = shared.landscape.as_ref().unwrap();
    assert_eq!(of(SetKind::Landscape).images, square.images);
    assert_eq!(&of(SetKind::Maps), shared.maps.as_ref().unwrap());
    assert_eq!(
        &of(SetKind::Representation),
        shared.representation.as_ref().unwrap()
    );
}

fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for part in ["", "images"] {
        for entry in fs::read_dir(folder.join(part)).unwrap().flatten() {
            if entry.path().is_file() {
                let name = entry.file_name().to_string_lossy().into_owned();
                files.insert(name, fs::read(entry.path()).unwrap());
            }
        }
    }
    files
}

#[test]
fn it_goes_through_files_whole_and_a_changed_one_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    let battery = battery();
    let manifest = export(&battery, &one, &|_| ()).unwrap();
    export(&battery, &two, &|_| ()).unwrap();
    assert_eq!(bytes_of(&one), bytes_of(&two));
    assert_eq!(manifest.sets.len(), battery.sets().len());
    let opened = open(&one, &Registry::default()).unwrap();
    assert_eq!(opened.id(), battery.id());
    assert_eq!(opened.sets(), battery.sets());
    // Nothing is left beside it, and nothing is written over.
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
fn ids_tell_every_image_and_seeds_apart() {
    let battery = Battery::new(smoke(), &[], 2).unwrap();
    let mut all: Vec<u64> = battery.sets().iter().flat_map(Set::ids).collect();
    let n = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), n);
    assert_ne!(battery.id(), Battery::new(smoke(), &[], 1).unwrap().id());
    let of_seed = |seed| {
        let mut asked = battery.asked("shape", seed);
        asked
            .find(|set| matches!(set.kind, SetKind::Validation(..)))
            .unwrap()
            .name()
    };
    assert_eq!(of_seed(1), "validation-shape-1");
    assert_eq!(of_seed(7), "validation-shape-0");
}

fn effect(run: &FinishedRun, mode: Mode) -> f64 {
    run.read_out(ReadOut::Head)
        .unwrap()
        .mode(mode)
        .unwrap()
        .effect
}

#[test]
fn a_model_of_brightness_relies_on_brightness_and_one_that_never_varies_is_a_control() {
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
    let lines = predictions[0].iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, 1 + 4 * 32);
}

#[test]
fn two_answers_of_one_seed_and_other_batteries_are_refused() {
    let battery = battery();
    let twice = || model(&battery, "m", 0, |mean| mean);
    let refused = |result: Result<Audit, Error>, words: &str| {
        let message = result.unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    };
    refused(audit(&battery, &[twice(), twice()]), "given once");
    refused(audit(&battery, &[]), "at least one model");
    let one = audit(&battery, &[twice()]).unwrap();
    refused(Audit::together(&[one.clone(), one.clone()]), "given once");
    let other = Battery::new(smoke(), &["both".to_owned()], 2).unwrap();
    let other = audit(&other, &[model(&other, "m", 1, |mean| mean)]).unwrap();
    refused(
        Audit::together(&[one.clone(), other]),
        "the battery of the first",
    );
    let second = audit(&battery, &[model(&battery, "m", 1, |mean| mean)]).unwrap();
    let both = Audit::together(&[one, second]).unwrap();
    assert_eq!((both.runs.len(), both.study.seeds), (2, 2));
}
