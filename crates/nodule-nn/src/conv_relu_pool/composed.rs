//! The layer from Candle's operations: any device, any kernel size.

use candle_core::{Result, Tensor};

use crate::relu;

/// As [`super::conv_relu_pool`]. Candle's own pooling is not used: its gradient is wrong.
pub(super) fn composed(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let y = x.conv2d(weight, 0, 1, 1, 1)?;
    let y = y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?)?;
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
    // The ReLU rises, so it may as well come after the maximum, on a quarter of the values.
    relu(&larger(&top, &bottom)?)
}
