//! The sizes of one fused layer, and how its scratch memory is laid out.

use candle_core::{Result, Shape};

use crate::config::KERNEL;

/// The widest vector of any instruction set, in f32: buffers end with room for one, so that a load that
/// begins inside them ends there too.
pub(super) const WIDEST: usize = 16;

/// Sizes of one layer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Geometry {
    pub(super) images: usize,
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) outputs: usize,
    pub(super) pooled_height: usize,
    pub(super) pooled_width: usize,
}

impl Geometry {
    pub(crate) fn new(x: &Shape, weight: &Shape) -> Result<Self> {
        let (images, channels, height, width) = x.dims4()?;
        let (outputs, ..) = weight.dims4()?;
        Ok(Self {
            images,
            channels,
            height,
            width,
            outputs,
            pooled_height: (height + 1 - KERNEL) / 2,
            pooled_width: (width + 1 - KERNEL) / 2,
        })
    }

    /// `[images, outputs, pooled height, pooled width]`.
    pub(crate) fn output_shape(&self) -> Shape {
        (
            self.images,
            self.outputs,
            self.pooled_height,
            self.pooled_width,
        )
            .into()
    }

    /// Values of one input image.
    pub(super) fn input(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Values of one output channel.
    pub(super) fn pooled(&self) -> usize {
        self.pooled_height * self.pooled_width
    }

    /// Values of one output image.
    pub(super) fn output(&self) -> usize {
        self.outputs * self.pooled()
    }

    /// Values of one filter.
    pub(super) fn filter(&self) -> usize {
        self.channels * KERNEL * KERNEL
    }
}
