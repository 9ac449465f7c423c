//! Prints size, classes, groups and ratings of labelled images:
//! `cargo run -p nodule-images --example summary -- FILE.npz|FOLDER`.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use nodule_images::read_images;

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// Runs the program with these arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let path = arguments.next().ok_or("FILE.npz or FOLDER is missing")?;
    let images = read_images(Path::new(&path), None)?;
    let (n, size) = (images.labels.len(), images.image_size);
    writeln!(
        out,
        "{}: {n} images of {size} by {size} pixels",
        images.name
    )?;

    let abnormal = images.labels.iter().filter(|label| **label == 1).count();
    writeln!(out, "{} normal, {abnormal} abnormal", n - abnormal)?;
    if images.groups.is_some() {
        writeln!(out, "{} groups", images.group_names.len())?;
    }
    for (name, ratings) in [("shape", &images.shape), ("texture", &images.texture)] {
        if let Some(ratings) = ratings {
            let mean = ratings.iter().sum::<f64>() / n as f64;
            writeln!(out, "{name}: mean rating {mean:.2}")?;
        }
    }
    writeln!(out, "SHA-256 {}", images.sha256)?;
    Ok(())
}
