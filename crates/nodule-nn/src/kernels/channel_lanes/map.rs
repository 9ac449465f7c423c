//! Sizes of a feature map, its first layer's input, and the means of its channels.

use super::channels::{Channels, LANES};

/// Width and height of the output tiles of minimal filtering, to a multiple of which maps are padded.
pub(super) const TILE: usize = 4;

/// Sizes of a feature map.
///
/// Stored with a border, it has one zero pixel on each side, and more at the end for whole tiles.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Map {
    pub(super) channels: usize,
    pub(super) height: usize,
    pub(super) width: usize,
}

/// Where one row of pixels begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Row {
    pub(super) block: usize,
    /// In a map with a border.
    pub(super) bordered: usize,
    /// In a dense map.
    pub(super) dense: usize,
}

impl Map {
    pub(crate) fn new(channels: usize, height: usize, width: usize) -> Self {
        Self {
            channels,
            height,
            width,
        }
    }

    /// Blocks of sixteen channels.
    pub(crate) fn blocks(&self) -> usize {
        self.channels.div_ceil(LANES)
    }

    pub(crate) fn channels(&self) -> usize {
        self.channels
    }

    pub(super) fn pixels(&self) -> usize {
        self.height * self.width
    }

    /// Pixels of all blocks of a dense map.
    pub(crate) fn dense_len(&self) -> usize {
        self.blocks() * self.pixels()
    }

    /// Pixels of all blocks of a map with a border.
    pub(crate) fn bordered_len(&self) -> usize {
        self.blocks() * self.plane_len()
    }

    /// Pixels from one row to the next, with a border.
    pub(super) fn row_len(&self) -> usize {
        self.width.next_multiple_of(TILE) + 2
    }

    /// Pixels from one block to the next, with a border.
    pub(super) fn plane_len(&self) -> usize {
        (self.height.next_multiple_of(TILE) + 2) * self.row_len()
    }

    /// Position of a pixel in a map with a border.
    pub(super) fn bordered_position(&self, block: usize, y: usize, x: usize) -> usize {
        block * self.plane_len() + (y + 1) * self.row_len() + x + 1
    }

    /// The rows of all blocks.
    pub(super) fn rows(self) -> impl Iterator<Item = Row> {
        (0..self.blocks()).flat_map(move |block| {
            (0..self.height).map(move |y| Row {
                block,
                bordered: self.bordered_position(block, y, 0),
                dense: (block * self.height + y) * self.width,
            })
        })
    }
}

/// Writes the 3x3 patches around the pixels of one image `[height][width]`, every `stride`-th in both directions, as nine
/// channels of `patches`, a map with a border. A convolution of the image is a 1x1 convolution of these.
pub(crate) fn fill_patches(
    image: &[f32],
    [height, width]: [usize; 2],
    stride: usize,
    map: &Map,
    patches: &mut [Channels],
) {
    for (y, row) in map.rows().enumerate() {
        for tap in 0..9 {
            let (dy, dx) = (tap / 3, tap % 3);
            let source = (y * stride + dy).checked_sub(1).filter(|y| *y < height);
            let source = source.map(|y| &image[y * width..][..width]);
            let pixels = &mut patches[row.bordered..][..map.width];
            for (x, pixel) in pixels.iter_mut().enumerate() {
                let column = (x * stride + dx).wrapping_sub(1);
                let value = source.and_then(|source| source.get(column));
                pixel.0[tap] = value.copied().unwrap_or(0.0);
            }
        }
    }
}

/// Returns the mean of each channel of a map with a border.
pub(crate) fn means(map: &Map, values: &[Channels]) -> Vec<f32> {
    let mut sums = vec![Channels::ZERO; map.blocks()];
    for row in map.rows() {
        for pixel in &values[row.bordered..][..map.width] {
            let sums = &mut sums[row.block].0;
            sums.iter_mut().zip(pixel.0).for_each(|(s, v)| *s += v);
        }
    }
    let sums = sums.iter().flat_map(|sums| sums.0).take(map.channels);
    sums.map(|sum| sum / map.pixels() as f32).collect()
}

/// Writes the gradient of a map with a border, given that of its [`means`].
pub(crate) fn spread_means(map: &Map, means_gradient: &[f32], gradient: &mut [Channels]) {
    for row in map.rows() {
        let mut pixel = Channels::ZERO;
        let means = &means_gradient[row.block * LANES..];
        for (to, mean) in pixel.0.iter_mut().zip(means) {
            *to = mean / map.pixels() as f32;
        }
        gradient[row.bordered..][..map.width].fill(pixel);
    }
}
