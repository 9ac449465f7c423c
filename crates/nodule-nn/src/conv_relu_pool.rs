//! Convolution, ReLU and 2x2 maximum pooling as one layer.

use candle_core::{Result, Tensor};

use crate::relu;

/// `max_pool2d(relu(conv2d(x, weight) + bias), 2)`.
pub fn conv_relu_pool(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    let y = x.conv2d(weight, 0, 1, 1, 1)?;
    let y = y.broadcast_add(&bias.reshape((1, bias.elem_count(), 1, 1))?)?;
    let (n, o, h, w) = y.dims4()?;
    let (h, w) = (h / 2, w / 2);
    let y = y
        .narrow(2, 0, 2 * h)?
        .narrow(3, 0, 2 * w)?
        .contiguous()?
        .reshape((n, o, h, 2, w, 2))?;
    let at = |i, j| {
        y.narrow(3, i, 1)?
            .narrow(5, j, 1)?
            .contiguous()?
            .reshape((n, o, h, w))
    };
    let first = |a: &Tensor, b: &Tensor| a.ge(b)?.where_cond(a, b);
    let top = first(&at(0, 0)?, &at(0, 1)?)?;
    let bottom = first(&at(1, 0)?, &at(1, 1)?)?;
    relu(&first(&top, &bottom)?)
}
