//! Structural similarity of two maps.

use nodule_error::invalid_value;

use crate::Error;
use crate::check::check_finite;

/// Tolerance of a window's similarity beyond -1 to 1, for rounding of the moments.
const ROUNDING: f64 = 1e-6;
/// Side of the windows.
const WINDOW: usize = 7;

/// Returns the mean structural similarity index (Wang et al. 2004) of two maps `[h, w]` over all 7x7 windows; 1 for
/// equal maps. `range` is the width of the range of values. The moments are scikit-image's defaults: a uniform window
/// and sample variances.
///
/// # Errors
/// If the maps differ in size, do not consist of rows of `width`, or are smaller than a window; if `range` is not
/// positive or far smaller than the values; or if a value is not finite.
pub fn ssim(a: &[f32], b: &[f32], width: usize, range: f64) -> Result<f64, Error> {
    if a.len() != b.len()
        || width < WINDOW
        || !a.len().is_multiple_of(width)
        || a.len() / width < WINDOW
    {
        let found = format!("{} and {} pixels in rows of {width}", a.len(), b.len());
        return Err(invalid_value("maps", found, "of one size, at least 7 x 7").into());
    }
    if !(range.is_finite() && range > 0.0) {
        return Err(invalid_value("range", range, "a positive number").into());
    }
    check_finite("first map", a)?;
    check_finite("second map", b)?;
    let height = a.len() / width;
    let values: Vec<f64> = (0..=height - WINDOW)
        .flat_map(|y| (0..=width - WINDOW).map(move |x| (y, x)))
        .map(|corner| window_ssim(a, b, width, corner, range))
        .collect();
    // With a range far smaller than the values, only their rounding remains.
    if !values.iter().all(|v| v.abs() <= 1.0 + ROUNDING) {
        return Err(invalid_value("range", range, "as wide as the maps' values").into());
    }
    Ok(values.iter().sum::<f64>() / values.len() as f64)
}

/// Similarity of one window with the upper left corner `(y, x)`.
fn window_ssim(a: &[f32], b: &[f32], width: usize, (y, x): (usize, usize), range: f64) -> f64 {
    let (mut sums, mut products) = ([0.0; 2], [0.0; 3]);
    for row in y..y + WINDOW {
        for i in row * width + x..row * width + x + WINDOW {
            let (p, q) = (f64::from(a[i]), f64::from(b[i]));
            sums = [sums[0] + p, sums[1] + q];
            products = [
                products[0] + p * p,
                products[1] + q * q,
                products[2] + p * q,
            ];
        }
    }
    let n = (WINDOW * WINDOW) as f64;
    let [p, q] = sums.map(|s| s / n);
    let moment = |product: f64, square: f64| (product / n - square) * n / (n - 1.0);
    let (vp, vq) = (moment(products[0], p * p), moment(products[1], q * q));
    let covariance = moment(products[2], p * q);
    let (c1, c2) = ((0.01 * range).powi(2), (0.03 * range).powi(2));
    (2.0 * p * q + c1) * (2.0 * covariance + c2) / ((p * p + q * q + c1) * (vp + vq + c2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_maps_score_one_and_reversed_maps_less() {
        let map: Vec<f32> = (0..64).map(|i| (i * 7 % 13) as f32 / 6.0 - 1.0).collect();
        let reversed: Vec<f32> = map.iter().rev().copied().collect();
        assert!((ssim(&map, &map, 8, 2.0).unwrap() - 1.0).abs() < 1e-12);
        assert!(ssim(&map, &reversed, 8, 2.0).unwrap() < 0.5);
        let blank = [0.0; 64];
        assert_eq!(ssim(&blank, &blank, 8, 1.0).unwrap(), 1.0);
    }

    #[test]
    fn rejects_maps_that_cannot_be_compared() {
        let blank = [0.0; 64];
        let mut broken = blank;
        broken[3] = f32::NAN;
        for (a, b, width, range) in [
            (&blank[..], &blank[..63], 8, 1.0),
            (&blank, &blank, 4, 1.0),
            (&blank, &blank, 8, 0.0),
            (&blank, &blank, 8, f64::NAN),
            (&blank, &blank, 8, 1e-200),
            (&blank, &broken, 8, 1.0),
        ] {
            assert!(ssim(a, b, width, range).is_err(), "{width} {range}");
        }
    }
}
