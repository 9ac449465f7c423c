//! Runs the example program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/summary/main.rs"]
#[allow(dead_code, reason = "the program has its own main function")]
mod summary;

use std::fs;

#[test]
fn summary_prints_classes_groups_and_ratings() {
    let folder = tempfile::tempdir().unwrap();
    for (name, value) in [("a.png", 10), ("b.png", 20), ("c.png", 30)] {
        let picture = image::GrayImage::from_pixel(8, 8, image::Luma([value]));
        picture.save(folder.path().join(name)).unwrap();
    }
    let table = "file,label,group,shape\na.png,0,p1,1\nb.png,1,p2,4\nc.png,1,p2,5\n";
    fs::write(folder.path().join("labels.csv"), table).unwrap();
    let path = folder.path().to_string_lossy().into_owned();

    let mut output = Vec::new();
    summary::run([path].into_iter(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    for line in [
        "3 images of 8 by 8 pixels",
        "1 normal, 2 abnormal",
        "2 groups",
        "shape: mean rating 3.33",
    ] {
        assert!(output.contains(line), "{output}");
    }
}

#[test]
fn summary_rejects_a_missing_file() {
    let error = summary::run(["absent.npz".to_owned()].into_iter(), &mut Vec::new());
    let message = error.unwrap_err().to_string();
    assert!(message.contains("cannot read absent.npz"), "{message}");
}
