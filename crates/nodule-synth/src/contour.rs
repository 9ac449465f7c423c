//! Contours: from latents to a closed polygon in pixels, of an area that its shape cannot move.

use std::f64::consts::{PI, TAU};
use std::sync::LazyLock;

use nodule_seed::stream;

use crate::latents::{Latents, physical};

/// Vertices of every contour.
pub(crate) const VERTICES: usize = 128;
/// Harmonics of the radius that make an outline irregular. The second is elongation.
const HARMONICS: std::ops::RangeInclusive<usize> = 3..=12;
/// Those whose energy the shape latent sets: the band that is measured on real outlines.
const MEASURED: usize = 4;
/// Harmonic k has amplitude k^-1.5 on average, as real irregular outlines have.
const DECAY: f64 = 1.5;
/// No vertex comes nearer to the centre than this part of the radius.
const NEAREST: f64 = 0.25;

/// Cosine and sine of every vertex's angle.
static CIRCLE: LazyLock<Vec<(f64, f64)>> = LazyLock::new(|| {
    let angle = |j| TAU * j as f64 / VERTICES as f64;
    (0..VERTICES)
        .map(|j| (libm::cos(angle(j)), libm::sin(angle(j))))
        .collect()
});

/// The contour of `latents` in an image `size` pixels wide: `[x, y]` of each vertex, in pixels from
/// the upper left corner. `outline` is a real one, of area 1 about the origin.
pub(crate) fn contour(
    latents: &Latents,
    shape_amplitude: f64,
    size: usize,
    outline: Option<&[[f64; 2]]>,
) -> Vec<[f64; 2]> {
    let points = outline.map_or_else(|| synthetic(latents, shape_amplitude), <[_]>::to_vec);
    let width = size as f64;
    let radius = physical::radius(latents) * width;
    let (sin, cos) = (
        libm::sin(physical::rotation(latents)),
        libm::cos(physical::rotation(latents)),
    );
    let (area, [x0, y0]) = area_and_centroid(&points);
    let scale = radius * libm::sqrt(PI / area.abs());
    let turned = points.iter().map(|[x, y]| {
        let (x, y) = (scale * (x - x0), scale * (y - y0));
        [cos * x - sin * y, sin * x + cos * y]
    });
    let [cx, cy] = physical::centre(latents);
    inside(turned.collect(), [cx * width, cy * width], width)
}

/// A radius function with harmonics of random phase and size, scaled to the energy that the shape
/// latent asks for: only their directions are left to chance, so that shape is one number.
fn synthetic(latents: &Latents, shape_amplitude: f64) -> Vec<[f64; 2]> {
    let mut random = stream(latents.outline_seed);
    let mut harmonics: Vec<(usize, f64, f64)> = HARMONICS
        .map(|k| {
            let weight = libm::pow(k as f64, -DECAY);
            (k, weight * random.normal(), weight * random.normal())
        })
        .collect();
    let measured = harmonics.iter().filter(|(k, ..)| *k >= MEASURED);
    let energy: f64 = measured.map(|(_, a, b)| (a * a + b * b) / 2.0).sum();
    let scale = physical::irregularity(latents, shape_amplitude) / libm::sqrt(energy);
    for (_, a, b) in &mut harmonics {
        (*a, *b) = (*a * scale, *b * scale);
    }
    harmonics.push((2, physical::elongation(latents), 0.0));
    let circle = &*CIRCLE;
    let vertex = |j: usize| {
        let terms = harmonics.iter().map(|(k, a, b)| {
            let (cos, sin) = circle[k * j % VERTICES];
            a * cos + b * sin
        });
        let radius = (1.0 + terms.sum::<f64>()).max(NEAREST);
        [radius * circle[j].0, radius * circle[j].1]
    };
    (0..VERTICES).map(vertex).collect()
}

/// Signed area (shoelace formula) and centroid of a closed polygon.
pub(crate) fn area_and_centroid(points: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for (i, [x0, y0]) in points.iter().enumerate() {
        let [x1, y1] = points[(i + 1) % points.len()];
        let cross = x0 * y1 - x1 * y0;
        area += cross / 2.0;
        x += (x0 + x1) * cross;
        y += (y0 + y1) * cross;
    }
    (area, [x / (6.0 * area), y / (6.0 * area)])
}

/// Moves the points to `centre`, and from there into the image where they would leave it. Only
/// long real outlines ever do.
fn inside(mut points: Vec<[f64; 2]>, centre: [f64; 2], width: f64) -> Vec<[f64; 2]> {
    for axis in 0..2 {
        let low = points.iter().map(|p| p[axis]).fold(f64::INFINITY, f64::min);
        let high = points
            .iter()
            .map(|p| p[axis])
            .fold(f64::NEG_INFINITY, f64::max);
        let (least, most) = (1.0 - low, width - 1.0 - high);
        let shift = if least <= most {
            centre[axis].clamp(least, most)
        } else {
            f64::midpoint(least, most)
        };
        points.iter_mut().for_each(|p| p[axis] += shift);
    }
    points
}
