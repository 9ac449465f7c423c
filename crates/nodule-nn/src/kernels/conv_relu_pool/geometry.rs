//! Sizes of one fused layer.

/// Width and height of a filter.
pub(crate) const KERNEL: usize = 5;

/// Width and height of the input patch of one pooling window: what its four convolution outputs cover together.
pub(super) const PATCH: usize = KERNEL + 1;

/// Sizes of one fused layer over a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Geometry {
    pub(crate) images: usize,
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
    /// Output channels.
    pub(crate) outputs: usize,
    pub(super) pooled_height: usize,
    pub(super) pooled_width: usize,
}

impl Geometry {
    /// Returns the sizes for `x` `[n, c, h, w]` and `outputs` filters `[c, 5, 5]`.
    pub(crate) fn new([images, channels, height, width]: [usize; 4], outputs: usize) -> Self {
        Self {
            images,
            channels,
            height,
            width,
            outputs,
            pooled_height: (height + 1 - KERNEL) / 2,
            pooled_width: (width + 1 - KERNEL) / 2,
        }
    }

    /// `[n, o, pooled height, pooled width]`.
    pub(crate) fn output_shape(&self) -> [usize; 4] {
        [
            self.images,
            self.outputs,
            self.pooled_height,
            self.pooled_width,
        ]
    }

    /// Values of one input image.
    pub(super) fn input_len(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Values of one output channel: its pooling windows.
    pub(super) fn windows(&self) -> usize {
        self.pooled_height * self.pooled_width
    }

    /// Values of one output image.
    pub(super) fn output_len(&self) -> usize {
        self.outputs * self.windows()
    }

    /// Weights of one output channel.
    pub(super) fn filter_len(&self) -> usize {
        self.channels * KERNEL * KERNEL
    }
}
