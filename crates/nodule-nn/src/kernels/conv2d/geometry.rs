//! Sizes of one convolution.

/// Sizes of one convolution over a batch.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Geometry {
    pub(crate) images: usize,
    pub(crate) channels: usize,
    pub(crate) height: usize,
    pub(crate) width: usize,
    /// Output channels.
    pub(crate) outputs: usize,
    /// Width and height of a filter.
    pub(crate) kernel: usize,
    pub(crate) stride: usize,
    pub(crate) padding: usize,
    pub(crate) out_height: usize,
    pub(crate) out_width: usize,
}

impl Geometry {
    /// Returns the sizes for `x` `[n, c, h, w]` and `weight` `[o, c, k, k]`, or `None` if they do not fit together.
    pub(crate) fn new(
        [images, channels, height, width]: [usize; 4],
        [outputs, weight_channels, kernel, kernel_width]: [usize; 4],
        stride: usize,
        padding: usize,
    ) -> Option<Self> {
        let fits = channels == weight_channels
            && kernel == kernel_width
            && kernel > 0
            && stride > 0
            && padding < kernel
            && height.min(width) + 2 * padding >= kernel;
        let out = |pixels: usize| (pixels + 2 * padding - kernel) / stride + 1;
        fits.then(|| Self {
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

    /// `[n, o, out height, out width]`.
    pub(crate) fn output_shape(&self) -> [usize; 4] {
        [self.images, self.outputs, self.out_height, self.out_width]
    }

    /// Values of one input image.
    pub(crate) fn input_len(&self) -> usize {
        self.channels * self.height * self.width
    }

    /// Values of one output image.
    pub(crate) fn output_len(&self) -> usize {
        self.outputs * self.out_height * self.out_width
    }

    /// Weights of one output channel.
    pub(crate) fn filter_len(&self) -> usize {
        self.channels * self.kernel * self.kernel
    }
}
