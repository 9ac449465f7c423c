//! What must not tell: shape shows in nothing but the outline, texture in nothing but the interior.
//! And what must: each mode is plainly visible where it belongs.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{cross_validated_auc, separation};
use nodule_synth::descriptors::{circularity, interior_moments, masked_moments, radial_energy};
use nodule_synth::{Distribution, Generator, GeneratorSettings, Latents, Mode, Outlines, draw};
use rayon::prelude::*;

/// Samples of each of the four cells.
const PER_CELL: u64 = 4000;
/// An area under the ROC curve that nobody could use.
const NOTHING: std::ops::RangeInclusive<f64> = 0.47..=0.53;

/// What can be measured on one nodule without knowing its latents.
struct Measured {
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
    Generator::new(GeneratorSettings::default(), Outlines::embedded()).unwrap()
}

fn measured(generator: &Generator, latents: &Latents) -> Measured {
    let rendered = generator.render(latents).unwrap();
    let (image, mask, size) = (&rendered.image, &rendered.mask, 64);
    let inside = || (0..mask.len()).filter(|i| mask[*i] == 1);
    let area = inside().count() as f64;
    let mean =
        |coordinate: fn(usize) -> usize| inside().map(|i| coordinate(i) as f64).sum::<f64>() / area;
    Measured {
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

fn sample() -> Vec<Measured> {
    let (generator, factorial) = (generator(), Distribution::named("factorial").unwrap());
    let one = |i| {
        measured(
            &generator,
            &draw(&factorial, generator.outlines(), 11, i).latents,
        )
    };
    (0..4 * PER_CELL).into_par_iter().map(one).collect()
}

fn features(sample: &[Measured], of: impl Fn(&Measured) -> Vec<f64>) -> Vec<Vec<f64>> {
    sample.iter().map(of).collect()
}

#[test]
fn modes_show_where_they_belong_and_nowhere_else() {
    let sample = sample();
    let shape: Vec<bool> = sample.iter().map(|m| m.irregular).collect();
    let texture: Vec<bool> = sample.iter().map(|m| m.heterogeneous).collect();

    let leaks = [
        (
            "shape from area, interior, background and position",
            cross_validated_auc(
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
            cross_validated_auc(
                &features(&sample, |m| {
                    vec![m.area, m.interior, m.image, m.circularity, m.radial_energy]
                }),
                &texture,
            ),
        ),
    ];
    for (what, auc) in leaks {
        eprintln!("leak: {what}: {auc:.3}");
        assert!(NOTHING.contains(&auc), "{what}: {auc}");
    }
    let column = |of: fn(&Measured) -> f64| sample.iter().map(of).collect::<Vec<_>>();
    let energy = column(|m| m.radial_energy);
    let roundness = column(|m| -m.circularity);
    let deviation = column(|m| m.deviation);
    for (what, values, own, other) in [
        ("radial energy", &energy, &shape, &texture),
        ("circularity", &roundness, &shape, &texture),
        ("interior deviation", &deviation, &texture, &shape),
    ] {
        let (seen, unseen) = (separation(values, own), separation(values, other));
        eprintln!("visibility: {what}: own mode {seen:.3}, other mode {unseen:.3}");
        assert!(seen > 0.95, "{what} sees its own mode with {seen}");
        assert!(
            NOTHING.contains(&unseen),
            "{what} sees the other mode with {unseen}"
        );
    }
}

#[test]
fn a_change_of_shape_keeps_area_and_centre_exactly() {
    let generator = generator();
    let factorial = Distribution::named("factorial").unwrap();
    for i in 0..200 {
        let latents = draw(&factorial, generator.outlines(), 3, i).latents;
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

/// By the shoelace formula, written out here once more.
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
    let factorial = Distribution::named("factorial").unwrap();
    let (mut worst, mut total) = (0.0f64, 0.0);
    for i in 0..200 {
        let latents = draw(&factorial, generator.outlines(), 5, i).latents;
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
    // Cutting to [0, 1] and the blurred edge leave a little; it has no direction.
    assert!(worst < 0.006, "{worst}");
    assert!((total / 200.0).abs() < 0.0005, "{}", total / 200.0);
}

#[test]
fn counterfactuals_change_nothing_but_their_mode() {
    let generator = generator();
    let both = Distribution::named("both").unwrap();
    let latents = draw(&both, generator.outlines(), 9, 4).latents;
    let base = generator.render(&latents).unwrap();
    for mode in Mode::ALL {
        let changed = latents.with(mode, 0.9);
        assert_ne!(
            generator.render(&changed).unwrap().image,
            base.image,
            "{mode} changes nothing"
        );
        let mut back = changed.with(mode, 0.0);
        // Put the one latent back where it was: everything else must be as before.
        back = match mode {
            Mode::Shape => back.with(mode, latents.shape),
            Mode::Texture => back.with(mode, latents.texture),
            Mode::Size => back.with(mode, latents.size),
            Mode::Elongation => back.with(mode, latents.elongation),
            Mode::Rotation => back.with(mode, latents.rotation),
            Mode::Contrast => back.with(mode, latents.contrast),
            Mode::Brightness => back.with(mode, latents.brightness),
            Mode::BackgroundTexture => back.with(mode, latents.background_texture),
            Mode::Noise => back.with(mode, latents.noise),
            Mode::Blur => back.with(mode, latents.blur),
            Mode::Position => {
                let (x, y) = (latents.position_x, latents.position_y);
                Latents {
                    position_x: x,
                    position_y: y,
                    ..back
                }
            }
        };
        assert_eq!(back, latents, "{mode}");
    }
}
