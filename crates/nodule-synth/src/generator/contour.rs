//! Contours: from latents to a closed polygon in pixels, with an area that shape does not change.

use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

use nodule_seed::stream;

use super::{Latents, recipe};
use crate::polygon::{VERTICES, area_and_centroid, extent};

/// Harmonics of the radius that make an outline irregular. The second harmonic is elongation.
const HARMONICS: std::ops::RangeInclusive<usize> = 3..=12;
/// First harmonic whose energy the shape latent sets: the band 4 to 12 is measured on real outlines.
const FIRST_MEASURED: usize = 4;
/// Harmonic k has amplitude k^-1.5 on average, as in real irregular outlines.
const DECAY: f64 = 1.5;
/// Least distance of a vertex from the centre, relative to the radius.
const MIN_RADIUS: f64 = 0.25;

/// Cosine and sine of every vertex's angle.
static CIRCLE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let angle = |j| TAU * j as f64 / VERTICES as f64;
    (0..VERTICES)
        .map(|j| (libm::cos(angle(j)), libm::sin(angle(j))))
        .collect()
});

/// Returns the contour in an image `size` pixels wide: `[x, y]` of each vertex, in pixels from the upper left corner.
///
/// `outline` is a real outline around the origin, of any scale; without one, the outline is synthetic.
pub(super) fn contour(
    latents: &Latents,
    shape_amplitude: f64,
    size: usize,
    outline: Option<&[[f64; 2]]>,
) -> Vec<[f64; 2]> {
    let points = outline.map_or_else(
        || synthetic_outline(latents, shape_amplitude),
        <[_]>::to_vec,
    );
    let width = size as f64;
    let radius = recipe::radius(latents) * width;
    let rotation = recipe::rotation(latents);
    let (sin, cos) = (libm::sin(rotation), libm::cos(rotation));
    let (area, [x0, y0]) = area_and_centroid(&points);
    let scale = radius * libm::sqrt(PI / area.abs());
    let rotated = points.iter().map(|[x, y]| {
        let (x, y) = (scale * (x - x0), scale * (y - y0));
        [cos * x - sin * y, sin * x + cos * y]
    });
    let [cx, cy] = recipe::centre(latents);
    move_into_image(rotated.collect(), [cx * width, cy * width], width)
}

/// Returns an outline whose radius has harmonics of random phase and size.
///
/// The harmonics are scaled to the energy that the shape latent sets, so that shape is a single number and chance
/// decides only the details.
fn synthetic_outline(latents: &Latents, shape_amplitude: f64) -> Vec<[f64; 2]> {
    let mut random = stream(latents.outline_seed);
    let mut harmonics: Vec<(usize, f64, f64)> = HARMONICS
        .map(|k| {
            let weight = libm::pow(k as f64, -DECAY);
            (k, weight * random.normal(), weight * random.normal())
        })
        .collect();
    let measured = harmonics.iter().filter(|(k, ..)| *k >= FIRST_MEASURED);
    let energy: f64 = measured.map(|(_, a, b)| (a * a + b * b) / 2.0).sum();
    let scale = recipe::irregularity(latents, shape_amplitude) / libm::sqrt(energy);
    for (_, a, b) in &mut harmonics {
        (*a, *b) = (*a * scale, *b * scale);
    }
    harmonics.push((2, recipe::elongation(latents), 0.0));
    let circle = &*CIRCLE;
    let vertex = |j: usize| {
        let terms = harmonics.iter().map(|(k, a, b)| {
            let (cos, sin) = circle[k * j % VERTICES];
            a * cos + b * sin
        });
        let radius = (1.0 + terms.sum::<f64>()).max(MIN_RADIUS);
        [radius * circle[j].0, radius * circle[j].1]
    };
    (0..VERTICES).map(vertex).collect()
}

/// Moves the points to `centre`, or as near to it as keeps them inside the image. Only long real outlines are affected.
fn move_into_image(mut points: Vec<[f64; 2]>, centre: [f64; 2], width: f64) -> Vec<[f64; 2]> {
    for axis in 0..2 {
        let (low, high) = extent(&points, axis);
        let (least, greatest) = (1.0 - low, width - 1.0 - high);
        let shift = if least <= greatest {
            centre[axis].clamp(least, greatest)
        } else {
            f64::midpoint(least, greatest)
        };
        points.iter_mut().for_each(|p| p[axis] += shift);
    }
    points
}
