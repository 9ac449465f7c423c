//! The sizes of one convolution.

use candle_core::{Result, Shape, bail};

use super::Stride;

#[derive(Debug, Clone, Copy)]
pub(crate) struct Sizes {
    pub(crate) images: usize,
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    pub(crate) outputs: usize,
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
    pub(crate) out_height: usize,
    pub(crate) out_width: usize,
}

impl Sizes {
    /// Of x `[n, c, h, w]` under a weight `[o, c, k, k]`.
    pub(crate) fn new(x: &[usize], weight: &[usize], how: Stride) -> Result<Self> {
        let (
            &[images, channels, height, width],
            &[outputs, of_weight, kernel, other],
            Stride { stride, padding },
        ) = (x, weight, how)
        else {
            bail!("conv2d: x {x:?} and weight {weight:?}: both must have four dimensions");
        };
        let fits = channels == of_weight
            && kernel == other
            && kernel > 0
            && stride > 0
            && padding < kernel
            && height.min(width) + 2 * padding >= kernel;
        if !fits {
            bail!("conv2d: x {x:?}, weight {weight:?} and {how:?} do not fit together");
        }
        let out = |pixels: usize| (pixels + 2 * padding - kernel) / stride + 1;
        Ok(Self {
            images,
            channels,
            height,
            width,
            outputs,
            kernel,
            stride,
            padding,
            out_height: out(height),
            out_width: out(width),
        })
    }

    /// `[images, outputs, out height, out width]`.
    pub(crate) fn output_shape(&self) -> Shape {
        (self.images, self.outputs, self.out_height, self.out_width).into()
    }

    /// Values of one input image.
    pub(crate) fn input(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Values of one output image.
    pub(crate) fn output(&self) -> usize {
        self.outputs * self.out_height * self.out_width
    }

    /// Weights of one output.
    pub(crate) fn filter(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }
}
