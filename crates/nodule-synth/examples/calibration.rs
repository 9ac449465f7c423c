//! Compares synthetic with real outlines: the figures and numbers of docs/generator.md.
//!
//! `cargo run --release -p nodule-synth --example calibration -- docs/figures`

use std::fmt::Write;
use std::path::PathBuf;

use nodule_synth::descriptors::{circularity, radial_energy};
use nodule_synth::export::contact_sheet;
use nodule_synth::{Distribution, Error, Generator, GeneratorSettings, Outlines, ShapeLevel};

/// Synthetic outlines per level.
const SAMPLES: usize = 1000;
/// Nodules per row of the contact sheet.
const COLUMNS: usize = 10;

/// Values of one descriptor for one kind of outline.
struct Group {
    name: &'static str,
    colour: &'static str,
    values: Vec<f64>,
}

/// Name, axis label, range of the axis, and the function.
type Descriptor = (
    &'static str,
    &'static str,
    (f64, f64),
    fn(&[[f64; 2]]) -> f64,
);

const DESCRIPTORS: [Descriptor; 2] = [
    (
        "circularity",
        "circularity, 4πA/P² (1: a disc)",
        (0.2, 1.0),
        circularity,
    ),
    (
        "radial energy",
        "radial energy, harmonics 4 to 12 (share of the mean radius)",
        (0.0, 0.24),
        radial_energy,
    ),
];

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = PathBuf::from(
        std::env::args()
            .nth(1)
            .unwrap_or_else(|| "docs/figures".into()),
    );
    std::fs::create_dir_all(&folder)?;
    let generator = Generator::new(GeneratorSettings::default(), Outlines::lidc())?;
    println!(
        "| descriptor | outlines | n | 5% | 25% | median | 75% | 95% | inside the real 5% to 95% |"
    );
    println!("|---|---|---|---|---|---|---|---|---|");
    let mut panels = Vec::new();
    for descriptor in DESCRIPTORS {
        let groups = groups(&generator, descriptor.3)?;
        print_rows(descriptor.0, &groups);
        panels.push((descriptor, groups));
    }
    std::fs::write(folder.join("generator-calibration.svg"), figure(&panels))?;
    nodules(&generator)?.save(folder.join("nodules.png"))?;
    Ok(())
}

fn groups(generator: &Generator, measure: fn(&[[f64; 2]]) -> f64) -> Result<Vec<Group>, Error> {
    let real = |level| {
        let outlines = generator.outlines();
        let rows = outlines
            .rows(level)
            .iter()
            .filter_map(|row| outlines.points(*row));
        sort(rows.map(measure).collect())
    };
    let synthetic = |irregular: bool| {
        let shape = Distribution::resolve("shape")?;
        generator
            .draw(&shape, 1, 0..4 * SAMPLES)
            .iter()
            .filter(|sample| (sample.latents.shape > 0.5) == irregular)
            .take(SAMPLES)
            .map(|sample| Ok(measure(&generator.render(&sample.latents)?.contour)))
            .collect::<Result<_, Error>>()
            .map(sort)
    };
    Ok(vec![
        Group {
            name: "real, rated smooth",
            colour: "#56b4e9",
            values: real(ShapeLevel::Regular),
        },
        Group {
            name: "synthetic, regular",
            colour: "#0072b2",
            values: synthetic(false)?,
        },
        Group {
            name: "real, rated irregular",
            colour: "#e69f00",
            values: real(ShapeLevel::Irregular),
        },
        Group {
            name: "synthetic, irregular",
            colour: "#d55e00",
            values: synthetic(true)?,
        },
    ])
}

fn sort(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn quantile(sorted: &[f64], share: f64) -> f64 {
    sorted[((sorted.len() - 1) as f64 * share).round() as usize]
}

fn print_rows(descriptor: &str, groups: &[Group]) {
    for (i, group) in groups.iter().enumerate() {
        let q = [0.05, 0.25, 0.5, 0.75, 0.95]
            .map(|share| format!("{:.3}", quantile(&group.values, share)));
        let real = &groups[i - i % 2].values;
        let (low, high) = (quantile(real, 0.05), quantile(real, 0.95));
        let inside = group
            .values
            .iter()
            .filter(|v| (low..=high).contains(*v))
            .count();
        let share = 100.0 * inside as f64 / group.values.len() as f64;
        println!(
            "| {descriptor} | {} | {} | {} | {share:.0}% |",
            group.name,
            group.values.len(),
            q.join(" | ")
        );
    }
}

/// Returns the figure: one panel per descriptor, one histogram per group, as lines.
fn figure(panels: &[(Descriptor, Vec<Group>)]) -> String {
    let mut body = String::new();
    for (column, (descriptor, groups)) in panels.iter().enumerate() {
        panel(
            &mut body,
            LEFT + column as f64 * (WIDTH + 70.0),
            descriptor,
            groups,
        );
    }
    let groups = panels.iter().flat_map(|(_, groups)| groups);
    for (i, group) in groups.take(4).enumerate() {
        let x = LEFT + 230.0 * i as f64;
        let _ = writeln!(
            body,
            r##"<line x1="{x}" y1="26" x2="{}" y2="26" stroke="{}" stroke-width="3"/>"##,
            x + 24.0,
            group.colour
        );
        let _ = writeln!(
            body,
            r##"<text x="{}" y="30" font-size="13">{} (n = {})</text>"##,
            x + 30.0,
            group.name,
            group.values.len()
        );
    }
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 1010 350\" width=\"1010\" height=\"350\" font-family=\"Helvetica, Arial, sans-serif\" font-size=\"11\">\n<title>Synthetic outlines beside real ones</title>\n<rect width=\"1010\" height=\"350\" fill=\"#fff\"/>\n{body}</svg>\n"
    )
}

const BINS: usize = 32;
const LEFT: f64 = 60.0;
const TOP: f64 = 60.0;
const WIDTH: f64 = 430.0;
const HEIGHT: f64 = 230.0;

/// Adds the histograms of one descriptor.
fn panel(body: &mut String, x0: f64, descriptor: &Descriptor, groups: &[Group]) {
    let (_, label, (low, high), _) = *descriptor;
    let bin = |v: f64| (((v - low) / (high - low) * BINS as f64) as usize).min(BINS - 1);
    let counts = |group: &Group| {
        let mut counts = [0.0; BINS];
        let each = 100.0 / group.values.len() as f64;
        group.values.iter().for_each(|v| counts[bin(*v)] += each);
        counts
    };
    let highest = groups.iter().flat_map(counts).fold(0.0, f64::max);
    let top_share = (highest / 20.0).ceil() * 20.0;
    grid(body, x0, (low, high), top_share);
    for group in groups {
        let mut path = String::new();
        for (i, count) in counts(group).iter().enumerate() {
            let x = |i: usize| x0 + WIDTH * i as f64 / BINS as f64;
            let y = TOP + HEIGHT * (1.0 - count / top_share);
            let start = if i == 0 { "M" } else { "L" };
            let _ = write!(path, "{start}{:.1},{y:.1} L{:.1},{y:.1} ", x(i), x(i + 1));
        }
        let _ = writeln!(
            body,
            r##"<path d="{path}" fill="none" stroke="{}" stroke-width="2"/>"##,
            group.colour
        );
    }
    let _ = writeln!(
        body,
        r##"<text x="{}" y="{}" text-anchor="middle" font-size="13">{label}</text>"##,
        x0 + WIDTH / 2.0,
        TOP + HEIGHT + 42.0
    );
    let y = TOP + HEIGHT / 2.0;
    let _ = writeln!(
        body,
        r##"<text x="{0}" y="{y}" text-anchor="middle" font-size="13" transform="rotate(-90 {0} {y})">outlines (%)</text>"##,
        x0 - 40.0
    );
}

/// Adds grid lines and axis numbers.
fn grid(body: &mut String, x0: f64, (low, high): (f64, f64), top_share: f64) {
    for i in 0..=4 {
        let (share, value) = (f64::from(i) / 4.0, low + (high - low) * f64::from(i) / 4.0);
        let (x, y) = (x0 + WIDTH * share, TOP + HEIGHT * (1.0 - share));
        let _ = writeln!(
            body,
            r##"<line x1="{x0}" y1="{y}" x2="{}" y2="{y}" stroke="#e5e5e5"/>"##,
            x0 + WIDTH
        );
        let _ = writeln!(
            body,
            r##"<text x="{x}" y="{}" text-anchor="middle">{value:.2}</text>"##,
            TOP + HEIGHT + 18.0
        );
        let _ = writeln!(
            body,
            r##"<text x="{}" y="{}" text-anchor="end">{:.0}</text>"##,
            x0 - 6.0,
            y + 4.0,
            top_share * share
        );
    }
}

/// Returns a contact sheet. Rows: the four combinations of shape and texture, then real outlines rated smooth and
/// irregular.
fn nodules(generator: &Generator) -> Result<image::GrayImage, Box<dyn std::error::Error>> {
    let mut rows: Vec<Vec<Vec<f32>>> = Vec::new();
    for name in ["factorial", "lidc"] {
        let data = generator.generate(&Distribution::resolve(name)?, 3, 0..200)?;
        let mut combinations = data.levels.clone();
        combinations.sort_unstable();
        combinations.dedup();
        for combination in combinations {
            let chosen = (0..data.levels.len())
                .filter(|i| data.levels[*i] == combination)
                .take(COLUMNS);
            let pixels = data.image_size * data.image_size;
            rows.push(
                chosen
                    .map(|i| data.images[i * pixels..][..pixels].to_vec())
                    .collect(),
            );
        }
    }
    let views: Vec<Vec<&[f32]>> = rows
        .iter()
        .map(|r| r.iter().map(Vec::as_slice).collect())
        .collect();
    Ok(contact_sheet(&views, generator.settings().image_size))
}
