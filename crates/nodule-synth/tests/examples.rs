//! Runs the example program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/own_distribution/main.rs"]
#[allow(dead_code, reason = "the program has its own main function")]
mod own_distribution;

use std::fs;

use nodule_synth::Distribution;

#[test]
fn own_distribution_writes_arrays_and_pictures() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_string_lossy().into_owned();
    let mut output = Vec::new();
    own_distribution::run([path.clone(), "50".into()].into_iter(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    assert!(output.contains("50 nodules of `mostly`"), "{output}");
    assert!(output.contains("drawn as declared: yes"), "{output}");
    let arrays = fs::metadata(folder.path().join("arrays/nodules.npz")).unwrap();
    assert!(arrays.len() > 50 * 64 * 64 * 5);
    let pictures = fs::read_dir(folder.path().join("pictures/images")).unwrap();
    assert_eq!(pictures.count(), 50);
    let table = fs::read_to_string(folder.path().join("pictures/labels.csv")).unwrap();
    assert_eq!(table.lines().count(), 51);

    // A second run does not overwrite the files.
    let error = own_distribution::run([path, "50".into()].into_iter(), &mut Vec::new());
    assert!(error.unwrap_err().to_string().contains("is not empty"));
}

#[test]
fn a_bad_distribution_is_rejected_with_its_file() {
    let text = include_str!("../examples/own_distribution/mostly.toml");
    let bad = text.replacen("probability = 0.1", "probability = 0.2", 1);
    let message = Distribution::parse(&bad, "mostly.toml").unwrap_err();
    assert!(message.to_string().starts_with("mostly.toml"), "{message}");
}
