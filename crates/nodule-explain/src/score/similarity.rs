//! Structural similarity of two maps.

use crate::Error;
use crate::error::setting;

/// Side of the windows.
const WINDOW: usize = 7;

/// Mean structural similarity (Wang et al. 2004) of two maps `[h, w]` over all 7x7 windows inside
/// them, for values in a range as wide as `range`: 1 for equal maps. The moments are scikit-image's
/// defaults: a flat window, variances of samples.
///
/// # Errors
/// [`Error::Setting`] if the maps are not of one size, not rows of `width`, smaller than a window,
/// or if `range` is not positive.
pub fn similarity(a: &[f32], b: &[f32], width: usize, range: f64) -> Result<f64, Error> {
    if a.len() != b.len()
        || width < WINDOW
        || !a.len().is_multiple_of(width)
        || a.len() / width < WINDOW
    {
        let found = format!("{} and {} pixels in rows of {width}", a.len(), b.len());
        return Err(setting("maps", found, "of one size, at least 7 x 7"));
    }
    if !(range.is_finite() && range > 0.0) {
        return Err(setting("range", range, "a positive number"));
    }
    let height = a.len() / width;
    let places = (0..=height - WINDOW).flat_map(|y| (0..=width - WINDOW).map(move |x| (y, x)));
    let values = places.map(|(y, x)| of_window(a, b, width, (y, x), range));
    let count = (height - WINDOW + 1) * (width - WINDOW + 1);
    Ok(values.sum::<f64>() / count as f64)
}

fn of_window(a: &[f32], b: &[f32], width: usize, (y, x): (usize, usize), range: f64) -> f64 {
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
