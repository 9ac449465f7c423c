//! Leakage tests: shape is measurable only in the outline, texture only in the interior, and both clearly there.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{auroc, cross_validated_auroc};
use nodule_synth::descriptors::{circularity, interior_moments, masked_moments, radial_energy};
use nodule_synth::{Distribution, Generator, GeneratorSettings, Latents, Mode, Outlines};
use rayon::prelude::*;

/// Samples per combination of shape and texture.
const PER_COMBINATION: usize = 4000;
/// Areas under the ROC curve that count as chance.
const CHANCE: std::ops::RangeInclusive<f64> = 0.47..=0.53;

/// Descriptors of one nodule, measured without its latents.
struct Descriptors {
    irregular: bool,
    heterogeneous: bool,
    area: f64,
    position: [f64; 2],
    interior: f64,
    background: f64,
    image: f64,
    circularity: f64,
    radial_energy: f64,
    deviation: f64,
}

fn generator() -> Generator {
    Generator::new(GeneratorSettings::default(), Outlines::lidc()).unwrap()
}

fn measure(generator: &Generator, latents: &Latents) -> Descriptors {
    let rendered = generator.render(latents).unwrap();
    let (image, mask, size) = (&rendered.image, &rendered.mask, 64);
    let inside = || (0..mask.len()).filter(|i| mask[*i] == 1);
    let area = inside().count() as f64;
    let mean =
        |coordinate: fn(usize) -> usize| inside().map(|i| coordinate(i) as f64).sum::<f64>() / area;
    Descriptors {
        irregular: latents.shape > 0.5,
        heterogeneous: latents.texture > 0.5,
        area,
        position: [mean(|i| i % 64), mean(|i| i / 64)],
        interior: masked_moments(image, mask, 1).unwrap().0,
        background: masked_moments(image, mask, 0).unwrap().0,
        image: image.iter().map(|v| f64::from(*v)).sum::<f64>() / image.len() as f64,
        circularity: circularity(&rendered.contour),
        radial_energy: radial_energy(&rendered.contour),
        deviation: interior_moments(image, mask, size, 2).unwrap().1,
    }
}

fn measure_samples() -> Vec<Descriptors> {
    let (generator, factorial) = (generator(), Distribution::from_name("factorial").unwrap());
    generator
        .draw(&factorial, 11, 0..4 * PER_COMBINATION)
        .par_iter()
        .map(|sample| measure(&generator, &sample.latents))
        .collect()
}

fn features(sample: &[Descriptors], select: impl Fn(&Descriptors) -> Vec<f64>) -> Vec<Vec<f64>> {
    sample.iter().map(select).collect()
}

#[test]
fn shape_and_texture_do_not_leak() {
    let sample = measure_samples();
    let shape: Vec<bool> = sample.iter().map(|m| m.irregular).collect();
    let texture: Vec<bool> = sample.iter().map(|m| m.heterogeneous).collect();

    let leaks = [
        (
            "shape from area, interior, background and position",
            cross_validated_auroc(
                &features(&sample, |m| {
                    vec![
                        m.area,
                        m.interior,
                        m.background,
                        m.position[0],
                        m.position[1],
                    ]
                }),
                &shape,
            ),
        ),
        (
            "texture from area, interior, image and outline",
            cross_validated_auroc(
                &features(&sample, |m| {
                    vec![m.area, m.interior, m.image, m.circularity, m.radial_energy]
                }),
                &texture,
            ),
        ),
    ];
    for (name, auc) in leaks {
        eprintln!("leak: {name}: {auc:.3}");
        assert!(CHANCE.contains(&auc), "{name}: {auc}");
    }
    let column = |select: fn(&Descriptors) -> f64| sample.iter().map(select).collect::<Vec<_>>();
    let energy = column(|m| m.radial_energy);
    let roundness = column(|m| -m.circularity);
    let deviation = column(|m| m.deviation);
    for (name, values, own, other) in [
        ("radial energy", &energy, &shape, &texture),
        ("circularity", &roundness, &shape, &texture),
        ("interior deviation", &deviation, &texture, &shape),
    ] {
        let (own, other) = (auroc(values, own), auroc(values, other));
        eprintln!("visibility: {name}: own mode {own:.3}, other mode {other:.3}");
        assert!(own > 0.95, "{name}: AUROC {own} for its own mode");
        assert!(
            CHANCE.contains(&other),
            "{name}: AUROC {other} for the other mode"
        );
    }
}

#[test]
fn a_change_of_shape_keeps_area_and_centre_exactly() {
    let generator = generator();
    let factorial = Distribution::from_name("factorial").unwrap();
    for (i, sample) in generator.draw(&factorial, 3, 0..200).iter().enumerate() {
        let latents = &sample.latents;
        let geometry = |level: f64| {
            area_and_centre(
                &generator
                    .render(&latents.with(Mode::Shape, level))
                    .unwrap()
                    .contour,
            )
        };
        let (area, centre) = geometry(0.0);
        for level in [0.3, 0.7, 1.0] {
            let (other, moved) = geometry(level);
            assert!(
                (area - other).abs() < 1e-9 * area,
                "sample {i}: {area} and {other}"
            );
            for axis in 0..2 {
                assert!(
                    (centre[axis] - moved[axis]).abs() < 1e-9,
                    "sample {i} moved"
                );
            }
        }
    }
}

/// Area and centroid by the shoelace formula, implemented independently of the crate.
fn area_and_centre(points: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let n = points.len();
    let cross =
        |i: usize| points[i][0] * points[(i + 1) % n][1] - points[(i + 1) % n][0] * points[i][1];
    let area = (0..n).map(cross).sum::<f64>() / 2.0;
    let centre = |axis: usize| {
        let sum = |i: usize| (points[i][axis] + points[(i + 1) % n][axis]) * cross(i);
        (0..n).map(sum).sum::<f64>() / (6.0 * area)
    };
    (area, [centre(0), centre(1)])
}

#[test]
fn a_change_of_texture_keeps_the_outline_and_the_mean() {
    let generator = generator();
    let factorial = Distribution::from_name("factorial").unwrap();
    let (mut worst, mut total) = (0.0f64, 0.0);
    for sample in generator.draw(&factorial, 5, 0..200) {
        let latents = sample.latents;
        let [low, high] = [0.0, 1.0].map(|level| {
            generator
                .render(&latents.with(Mode::Texture, level))
                .unwrap()
        });
        assert_eq!((&low.mask, &low.contour), (&high.mask, &high.contour));
        let mean = |r: &nodule_synth::Rendered| masked_moments(&r.image, &r.mask, 1).unwrap().0;
        let change = mean(&high) - mean(&low);
        worst = worst.max(change.abs());
        total += change;
    }
    // Clipping to [0, 1] and the blurred edge leave a small difference without direction.
    assert!(worst < 0.006, "{worst}");
    assert!((total / 200.0).abs() < 0.0005, "{}", total / 200.0);
}

#[test]
fn counterfactuals_change_nothing_but_their_mode() {
    let generator = generator();
    let both = Distribution::from_name("both").unwrap();
    let latents = generator.draw(&both, 9, 4..5)[0].latents.clone();
    let base = generator.render(&latents).unwrap();
    for mode in Mode::ALL {
        let changed = latents.with(mode, 0.9);
        assert_ne!(
            generator.render(&changed).unwrap().image,
            base.image,
            "{mode} changes nothing"
        );
        let mut restored = changed.with(mode, 0.0);
        // Restore the changed latent; all others must be unchanged.
        restored = match mode {
            Mode::Shape => restored.with(mode, latents.shape),
            Mode::Texture => restored.with(mode, latents.texture),
            Mode::Size => restored.with(mode, latents.size),
            Mode::Elongation => restored.with(mode, latents.elongation),
            Mode::Rotation => restored.with(mode, latents.rotation),
            Mode::Contrast => restored.with(mode, latents.contrast),
            Mode::Brightness => restored.with(mode, latents.brightness),
            Mode::BackgroundTexture => restored.with(mode, latents.background_texture),
            Mode::Noise => restored.with(mode, latents.noise),
            Mode::Blur => restored.with(mode, latents.blur),
            Mode::Position => {
                let (x, y) = (latents.position_x, latents.position_y);
                Latents {
                    position_x: x,
                    position_y: y,
                    ..restored
                }
            }
        };
        assert_eq!(restored, latents, "{mode}");
    }
}
