//! Nodules of a distribution of one's own, as arrays for NumPy and as pictures:
//! `cargo run --release -p nodule-synth --example own_distribution -- FOLDER [N [DISTRIBUTION.toml]]`.

use std::error::Error;
use std::io::Write;
use std::path::Path;

use nodule_synth::export::{export_npz, export_png};
use nodule_synth::{Distribution, Generator, GeneratorSettings, Mode, audit, generate};

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// The program on these arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let own = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/own_distribution/mostly.toml"
    );
    let folder = arguments.next().ok_or("FOLDER is missing")?;
    let n = arguments.next().map_or(Ok(100), |n| n.parse())?;
    let file = arguments.next().unwrap_or_else(|| own.to_owned());

    let distribution = Distribution::read(file.as_ref())?;
    let outlines = distribution.outlines(None)?;
    let generator = Generator::new(GeneratorSettings::default(), outlines)?;
    let data = generate(&generator, &distribution, 7, n)?;

    let held = audit(&distribution, &data.labels, &data.cells);
    let verdict = if held.passes() { "yes" } else { "no" };
    writeln!(out, "{n} nodules of `{}`", distribution.name)?;
    writeln!(out, "drawn as declared: {verdict}")?;

    // The first nodule again, with nothing changed but its texture.
    let other = generator.render(&data.latents[0].with(Mode::Texture, 1.0))?;
    let pixels = other.image.len();
    let changed = data.images[..pixels].iter().zip(&other.image);
    let changed = changed.filter(|(before, after)| before != after).count();
    writeln!(out, "pixels of the first that texture changes: {changed}")?;

    let folder = Path::new(&folder);
    export_npz(&data, &folder.join("arrays"))?;
    export_png(&data, &folder.join("pictures"))?;
    writeln!(out, "{}", folder.join("arrays/nodules.npz").display())?;
    writeln!(out, "{}", folder.join("pictures/labels.csv").display())?;
    Ok(())
}
