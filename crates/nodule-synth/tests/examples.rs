//! The example program, run as its reader would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/own_distribution/main.rs"]
#[allow(dead_code, reason = "the program has a main of its own")]
mod own_distribution;

use std::fs;

use nodule_synth::Distribution;

#[test]
fn a_distribution_of_ones_own_becomes_arrays_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_string_lossy().into_owned();
    let mut said = Vec::new();
    own_distribution::run([path.clone(), "50".into()].into_iter(), &mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    assert!(said.contains("50 nodules of `mostly`"), "{said}");
    assert!(said.contains("drawn as declared: yes"), "{said}");
    let arrays = fs::metadata(folder.path().join("arrays/nodules.npz")).unwrap();
    assert!(arrays.len() > 50 * 64 * 64 * 5);
    let pictures = fs::read_dir(folder.path().join("pictures/images")).unwrap();
    assert_eq!(pictures.count(), 50);
    let table = fs::read_to_string(folder.path().join("pictures/labels.csv")).unwrap();
    assert_eq!(table.lines().count(), 51);

    // Nothing that lies there is written over.
    let again = own_distribution::run([path, "50".into()].into_iter(), &mut Vec::new());
    assert!(again.unwrap_err().to_string().contains("is not empty"));
}

#[test]
fn a_wrong_distribution_is_refused_by_name() {
    let text = include_str!("../examples/own_distribution/mostly.toml");
    let wrong = text.replacen("probability = 0.1", "probability = 0.2", 1);
    let message = Distribution::parse(&wrong, "mostly.toml").unwrap_err();
    assert!(message.to_string().starts_with("mostly.toml"), "{message}");
}
