//! Maximum pooling with the gradient of PyTorch: that of Candle 0.11 is a quarter of it.

use candle_core::{Result, Tensor};

/// The largest of each 2x2 window of y `[n, c, h, w]`, `[n, c, h / 2, w / 2]` rounded down. Of equal ones
/// the first, row by row, gets the gradient; a row or column that is left over has none.
///
/// # Errors
/// If y has other dimensions or the device fails.
pub fn max_pool2(y: &Tensor) -> Result<Tensor> {
    let (n, o, h, w) = y.dims4()?;
    let (h, w) = (h / 2, w / 2);
    let y = y.narrow(2, 0, 2 * h)?.narrow(3, 0, 2 * w)?;
    let y = y.contiguous()?.reshape((n, o, h, 2, w, 2))?;
    let corner = |i, j| {
        y.narrow(3, i, 1)?
            .narrow(5, j, 1)?
            .contiguous()?
            .reshape((n, o, h, w))
    };
    // Where two are equal the first one is taken, and with it the gradient.
    let larger = |a: &Tensor, b: &Tensor| a.ge(b)?.where_cond(a, b);
    let top = larger(&corner(0, 0)?, &corner(0, 1)?)?;
    let bottom = larger(&corner(1, 0)?, &corner(1, 1)?)?;
    larger(&top, &bottom)
}
