//! 2x2 maximum pooling with PyTorch's gradient.

use candle_core::{Result, Tensor};

/// Returns the maximum of each 2x2 window of `x` `[n, c, h, w]`: `[n, c, h / 2, w / 2]`, rounded down.
///
/// The first of equal maxima, row by row, gets the whole gradient; a row or column that is left over gets none. Replaces
/// [`Tensor::max_pool2d`], whose gradient is a quarter of the right one in Candle 0.11, and misaligned for odd sizes.
///
/// # Errors
/// If `x` does not have four dimensions or the device fails.
pub fn max_pool2(x: &Tensor) -> Result<Tensor> {
    let (n, c, h, w) = x.dims4()?;
    let (h, w) = (h / 2, w / 2);
    let x = x
        .narrow(2, 0, 2 * h)?
        .narrow(3, 0, 2 * w)?
        .contiguous()?
        .reshape((n, c, h, 2, w, 2))?;
    let corner = |i, j| {
        x.narrow(3, i, 1)?
            .narrow(5, j, 1)?
            .contiguous()?
            .reshape((n, c, h, w))
    };
    // Selects the first of two equal values, and thereby its gradient.
    let larger = |a: &Tensor, b: &Tensor| a.ge(b)?.where_cond(a, b);
    let top = larger(&corner(0, 0)?, &corner(0, 1)?)?;
    let bottom = larger(&corner(1, 0)?, &corner(1, 1)?)?;
    larger(&top, &bottom)
}
