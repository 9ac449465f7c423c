//! Descriptors of outlines and interiors, for calibration, leakage tests and comparison with real nodules.

use std::f64::consts::{PI, TAU};

use crate::polygon::{VERTICES, area_and_centroid};

/// Highest harmonic of the outline that smoothing keeps.
const MAX_HARMONIC: i32 = 12;
/// Harmonics of the radius that measure irregularity.
const MEASURED: std::ops::RangeInclusive<usize> = 4..=12;

/// Returns a smooth version of an outline: 128 equally spaced points with Fourier descriptors up to the 12th harmonic
/// (Zahn and Roskies 1972).
///
/// Real outlines follow pixel borders; smoothing makes them comparable with synthetic ones. Without points the result
/// is empty.
#[must_use]
pub fn smooth(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    if points.is_empty() {
        return Vec::new();
    }
    low_pass(&resample(points))
}

/// Returns the circularity `4 pi A / P^2` of the smoothed outline: 1 for a disc, less for other shapes, NaN without
/// points.
///
/// ```
/// use nodule_synth::descriptors::circularity;
///
/// let square = [[0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]];
/// assert!(circularity(&square) < 0.9);
/// ```
#[must_use]
pub fn circularity(points: &[[f64; 2]]) -> f64 {
    let points = smooth(points);
    let perimeter = perimeter(&points);
    4.0 * PI * area_and_centroid(&points).0.abs() / (perimeter * perimeter)
}

/// Returns the irregularity of an outline: root mean square of harmonics 4 to 12 of the distance to the centroid along
/// the smoothed outline, divided by the mean distance.
///
/// It is 0 for a disc or an ellipse of small eccentricity, and NaN without points.
#[must_use]
pub fn radial_energy(points: &[[f64; 2]]) -> f64 {
    if points.is_empty() {
        return f64::NAN;
    }
    let points = resample(&smooth(points));
    let (_, [x0, y0]) = area_and_centroid(&points);
    let distance = |[x, y]: &[f64; 2]| libm::hypot(x - x0, y - y0);
    let radii: Vec<f64> = points.iter().map(distance).collect();
    let mean = radii.iter().sum::<f64>() / radii.len() as f64;
    let energy = |k: usize| {
        let angle = |j: usize| TAU * (k * j % VERTICES) as f64 / VERTICES as f64;
        let sum = |wave: fn(f64) -> f64| -> f64 {
            radii
                .iter()
                .enumerate()
                .map(|(j, r)| r * wave(angle(j)))
                .sum::<f64>()
                * 2.0
                / VERTICES as f64
        };
        let (a, b) = (sum(libm::cos), sum(libm::sin));
        (a * a + b * b) / 2.0
    };
    libm::sqrt(MEASURED.map(energy).sum::<f64>()) / mean
}

/// Returns mean and standard deviation of the interior without its blurred edge: pixels of `image` where `mask` is 1
/// within `margin` pixels in every direction.
///
/// `image` and `mask` are `[size, size]`. `None` if they are not, or if no pixel remains.
#[must_use]
pub fn interior_moments(
    image: &[f32],
    mask: &[u8],
    size: usize,
    margin: usize,
) -> Option<(f64, f64)> {
    let pixels = size.checked_mul(size)?;
    if image.len() != pixels || mask.len() != pixels || margin > size / 2 {
        return None;
    }
    moments(image, |i| {
        let (x, y) = (i % size, i / size);
        let deep = margin..size - margin;
        let row = |y: usize| {
            mask[y * size + x - margin..=y * size + x + margin]
                .iter()
                .all(|m| *m == 1)
        };
        deep.contains(&x) && deep.contains(&y) && (y - margin..=y + margin).all(row)
    })
}

/// Returns mean and standard deviation of the pixels of `image` where `mask`, of the same length, equals `value`, or
/// `None` if it does nowhere.
#[must_use]
pub fn masked_moments(image: &[f32], mask: &[u8], value: u8) -> Option<(f64, f64)> {
    moments(image, |i| mask.get(i) == Some(&value))
}

fn moments(image: &[f32], inside: impl Fn(usize) -> bool) -> Option<(f64, f64)> {
    let values = || {
        (0..image.len())
            .filter(|i| inside(*i))
            .map(|i| f64::from(image[i]))
    };
    let n = values().count() as f64;
    let mean = values().sum::<f64>() / n;
    let variance = values().map(|v| (v - mean) * (v - mean)).sum::<f64>() / n;
    (n > 0.0).then(|| (mean, libm::sqrt(variance)))
}

fn perimeter(points: &[[f64; 2]]) -> f64 {
    let next = points.iter().cycle().skip(1);
    points
        .iter()
        .zip(next)
        .map(|(a, b)| libm::hypot(a[0] - b[0], a[1] - b[1]))
        .sum()
}

/// Returns [`VERTICES`] points at equal distances along a closed polygon.
fn resample(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let step = perimeter(points) / VERTICES as f64;
    let mut spaced = Vec::with_capacity(VERTICES);
    let (mut edge, mut travelled) = (0, 0.0);
    for i in 0..VERTICES {
        let target = step * i as f64;
        loop {
            let (a, b) = (
                points[edge % points.len()],
                points[(edge + 1) % points.len()],
            );
            let length = libm::hypot(b[0] - a[0], b[1] - a[1]);
            if travelled + length >= target && length > 0.0 || edge > points.len() {
                let share = if length > 0.0 {
                    (target - travelled) / length
                } else {
                    0.0
                };
                spaced.push([a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])]);
                break;
            }
            travelled += length;
            edge += 1;
        }
    }
    spaced
}

/// Returns the points with only the Fourier descriptors of harmonics -12 to 12.
fn low_pass(points: &[[f64; 2]]) -> Vec<[f64; 2]> {
    let n = points.len() as i32;
    let table: Vec<(f64, f64)> = (0..n)
        .map(|j| TAU * f64::from(j) / f64::from(n))
        .map(|angle| (libm::cos(angle), libm::sin(angle)))
        .collect();
    let rotation = |k: i32, j: usize| table[(k * j as i32).rem_euclid(n) as usize];
    let mut filtered = vec![[0.0, 0.0]; points.len()];
    for k in -MAX_HARMONIC..=MAX_HARMONIC {
        let (mut re, mut im) = (0.0, 0.0);
        for (j, [x, y]) in points.iter().enumerate() {
            let (cos, sin) = rotation(k, j);
            re += x * cos + y * sin;
            im += y * cos - x * sin;
        }
        (re, im) = (re / f64::from(n), im / f64::from(n));
        for (j, point) in filtered.iter_mut().enumerate() {
            let (cos, sin) = rotation(k, j);
            point[0] += re * cos - im * sin;
            point[1] += re * sin + im * cos;
        }
    }
    filtered
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curve(radius: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
        let point = |i: i32| {
            let angle = TAU * f64::from(i) / 500.0;
            [
                3.0 + radius(angle) * angle.cos(),
                radius(angle) * angle.sin() - 1.0,
            ]
        };
        (0..500).map(point).collect()
    }

    fn assert_near(value: f64, expected: f64, error: f64) {
        assert!((value - expected).abs() < error, "{value}");
    }

    #[test]
    fn a_disc_is_circular_and_has_no_radial_energy() {
        let disc = curve(|_| 7.0);
        assert_near(circularity(&disc), 1.0, 1e-3);
        assert_near(radial_energy(&disc), 0.0, 1e-3);
    }

    #[test]
    fn an_ellipse_has_its_known_circularity() {
        let ellipse: Vec<_> = curve(|_| 1.0)
            .iter()
            .map(|[x, y]| [2.0 * (x - 3.0), y + 1.0])
            .collect();
        // Perimeter of the ellipse with axes 2 and 1: 9.68845.
        let known = 4.0 * PI * 2.0 * PI / 9.688_448_220_547_675_f64.powi(2);
        assert_near(circularity(&ellipse), known, 2e-3);
    }

    #[test]
    fn a_small_wave_has_the_energy_of_its_amplitude() {
        let wave = curve(|a| 10.0 + 0.5 * (7.0 * a).cos());
        let expected = 0.05 / 2f64.sqrt();
        assert_near(radial_energy(&wave) / expected, 1.0, 0.1);
    }

    #[test]
    fn moments_use_the_selected_pixels_only() {
        let image = [0.0, 1.0, 1.0, 3.0, 5.0, 1.0, 1.0, 1.0, 1.0f32];
        let all = [1u8; 9];
        assert_eq!(interior_moments(&image, &all, 3, 1), Some((5.0, 0.0)));
        let two = [0, 0, 0, 1, 1, 0, 0, 0, 0];
        assert_eq!(masked_moments(&image, &two, 1), Some((4.0, 1.0)));
        assert_eq!(masked_moments(&image, &all, 0), None);
    }

    #[test]
    fn unmeasurable_input_gives_nan_or_none() {
        assert!(smooth(&[]).is_empty());
        for points in [&[][..], &[[f64::NAN, 0.0], [1.0, 1.0]]] {
            assert!(circularity(points).is_nan() && radial_energy(points).is_nan());
        }
        // The value of a single point is undefined, but it must not panic.
        let _ = (circularity(&[[1.0, 2.0]]), radial_energy(&[[1.0, 2.0]]));
        let (image, mask) = ([0.5f32; 9], [1u8; 9]);
        for (size, margin) in [(3, 2), (3, usize::MAX), (4, 0), (0, 0), (usize::MAX, 0)] {
            assert_eq!(interior_moments(&image, &mask, size, margin), None);
        }
        assert_eq!(interior_moments(&image, &mask[..4], 3, 0), None);
        assert_eq!(masked_moments(&image, &mask[..4], 1), Some((0.5, 0.0)));
    }
}
