//! Generates nodules of a distribution in TOML and exports them as NumPy arrays and pictures:
//! `cargo run --release -p nodule-synth --example own_distribution -- FOLDER [N [DISTRIBUTION.toml]]`.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use nodule_synth::export::{export_npz, export_png};
use nodule_synth::{Audit, Distribution, Generator, GeneratorSettings, Mode};

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// Runs the program with these arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let default_file = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/own_distribution/mostly.toml"
    );
    let folder = arguments.next().ok_or("FOLDER is missing")?;
    let n = arguments.next().map_or(Ok(100), |n| n.parse())?;
    let file = arguments.next().unwrap_or_else(|| default_file.to_owned());

    let distribution = Distribution::read(file.as_ref())?;
    let outlines = distribution.load_outlines(None)?;
    let generator = Generator::new(GeneratorSettings::default(), outlines)?;
    let data = generator.generate(&distribution, 7, 0..n)?;

    let audit = Audit::new(&distribution, &data.labels, &data.levels);
    let verdict = if audit.passes() { "yes" } else { "no" };
    writeln!(out, "{n} nodules of `{}`", distribution.name)?;
    writeln!(out, "drawn as declared: {verdict}")?;

    // The first nodule with another texture and everything else unchanged.
    let other = generator.render(&data.latents[0].with(Mode::Texture, 1.0))?;
    let first = &data.images[..other.image.len()];
    let changed = first.iter().zip(&other.image).filter(|(a, b)| a != b);
    writeln!(
        out,
        "pixels of the first nodule changed by texture: {}",
        changed.count()
    )?;

    let folder = Path::new(&folder);
    export_npz(&data, &folder.join("arrays"))?;
    export_png(&data, &folder.join("pictures"))?;
    writeln!(out, "{}", folder.join("arrays/nodules.npz").display())?;
    writeln!(out, "{}", folder.join("pictures/labels.csv").display())?;
    Ok(())
}
