//! The residual network up to the means of its feature maps, packed for the kernels, and its activations.

use super::conv_norm::ConvNorm;
use super::packed_unit::PackedUnit;
use super::workspace::{Pool, Workspace};
use super::{Block, ResidualNetwork};
use crate::Error;
use crate::kernels::channel_lanes::{
    Addend, Channels, Filter, Map, Statistics, activate, fill_patches,
};

/// Indices of a block's units.
#[derive(Clone, Copy)]
pub(super) struct BlockUnits {
    pub(super) first: usize,
    pub(super) second: usize,
    pub(super) shortcut: Option<usize>,
}

/// The network up to the means of its feature maps, with packed weights.
pub(super) struct Body<'a> {
    pub(super) pool: &'a Pool,
    /// In the order of [`ResidualNetwork::units`]. The stem takes the patches of an image.
    pub(super) units: Vec<PackedUnit>,
    pub(super) blocks: Vec<BlockUnits>,
    image_size: usize,
    stem_stride: usize,
    patches: Map,
}

/// Results of one image's forward pass, saved for backward. The activations are computed again, which takes less time
/// than writing and reading them.
#[derive(Default)]
pub(super) struct Saved {
    /// Output of each unit's convolution, in the order of units.
    pub(super) convolved: Vec<Vec<Channels>>,
    /// Statistics of each unit's normalisation.
    pub(super) statistics: Vec<Statistics>,
    /// Means of the last block's feature maps.
    pub(super) means: Vec<f32>,
}

impl<'a> Body<'a> {
    /// Packs the weights.
    pub(super) fn new(network: &'a ResidualNetwork) -> Result<Self, Error> {
        let (image_size, stem_stride) = (network.config.image_size, network.config.stem_stride);
        let size = image_size.div_ceil(stem_stride);
        let patches = Map::new(9, size, size);
        let stem = Filter {
            channels: 9,
            outputs: network.stem.weight.dims()[0],
            kernel: 1,
            stride: 1,
        };
        let mut units = vec![PackedUnit::new(&network.stem, &stem, &patches, false)?];
        let mut blocks = Vec::new();
        for Block {
            first,
            second,
            shortcut,
            ..
        } in &network.blocks
        {
            let (index, input) = (units.len(), units[units.len().saturating_sub(1)].output);
            let input = blocks
                .last()
                .map_or(input, |block: &BlockUnits| units[block.second].output);
            units.push(PackedUnit::new(first, &filter(first)?, &input, true)?);
            let hidden = units[index].output;
            units.push(PackedUnit::new(second, &filter(second)?, &hidden, true)?);
            if let Some(shortcut) = shortcut {
                units.push(PackedUnit::new(shortcut, &filter(shortcut)?, &input, true)?);
            }
            blocks.push(BlockUnits {
                first: index,
                second: index + 1,
                shortcut: shortcut.as_ref().map(|_| index + 2),
            });
        }
        Ok(Self {
            pool: &network.pool,
            units,
            blocks,
            image_size,
            stem_stride,
            patches,
        })
    }

    /// Pixels of an image.
    pub(super) fn image_len(&self) -> usize {
        self.image_size * self.image_size
    }

    /// Feature maps of the last block.
    pub(super) fn channels(&self) -> usize {
        self.output_map(self.blocks.len()).channels()
    }

    /// Sizes of the stem's output (0), or of that of block `i - 1`.
    pub(super) fn output_map(&self, i: usize) -> &Map {
        let unit = i
            .checked_sub(1)
            .map_or(0, |block| self.blocks[block].second);
        &self.units[unit].output
    }

    /// Allocates the buffers of one task.
    pub(super) fn workspace(&self) -> Workspace {
        let zeros = |map: &Map| vec![Channels::ZERO; map.bordered_len()];
        let outputs = || {
            (0..=self.blocks.len())
                .map(|i| zeros(self.output_map(i)))
                .collect()
        };
        let hidden = || {
            let blocks = self.blocks.iter();
            blocks
                .map(|block| zeros(&self.units[block.first].output))
                .collect()
        };
        Workspace {
            patches: zeros(&self.patches),
            outputs: outputs(),
            hidden: hidden(),
            gradients: outputs(),
            hidden_gradients: hidden(),
            scratch: self
                .units
                .iter()
                .map(|unit| unit.convolution.scratch())
                .collect(),
            sums: self.units.iter().map(PackedUnit::zero_sums).collect(),
        }
    }

    /// Writes the stem's input.
    pub(super) fn fill_patches(&self, image: &[f32], workspace: &mut Workspace) {
        let size = [self.image_size; 2];
        fill_patches(
            image,
            size,
            self.stem_stride,
            &self.patches,
            &mut workspace.patches,
        );
    }

    /// Writes the output of the stem.
    pub(super) fn activate_stem(&self, saved: &Saved, output: &mut [Channels]) {
        activate(self.output_map(0), saved.unit(0), Addend::None, output);
    }

    /// Writes the input of the second convolution of block `b`.
    pub(super) fn activate_hidden(&self, b: usize, saved: &Saved, hidden: &mut [Channels]) {
        let first = self.blocks[b].first;
        activate(
            &self.units[first].output,
            saved.unit(first),
            Addend::None,
            hidden,
        );
    }

    /// Writes the output of block `b` to `outputs[b + 1]`.
    pub(super) fn activate_output(&self, b: usize, saved: &Saved, outputs: &mut [Vec<Channels>]) {
        let BlockUnits {
            second, shortcut, ..
        } = self.blocks[b];
        let (x, output) = outputs.split_at_mut(b + 1);
        let addend = match shortcut.map(|unit| saved.unit(unit)) {
            Some((statistics, convolved)) => Addend::Normalised(statistics, convolved),
            None => Addend::Map(&x[b]),
        };
        activate(
            &self.units[second].output,
            saved.unit(second),
            addend,
            &mut output[0],
        );
    }
}

impl Saved {
    fn unit(&self, i: usize) -> (&Statistics, &[Channels]) {
        (&self.statistics[i], &self.convolved[i])
    }
}

fn filter(unit: &ConvNorm) -> Result<Filter, Error> {
    let (outputs, channels, kernel, _) = unit.weight.dims4()?;
    Ok(Filter {
        channels,
        outputs,
        kernel,
        stride: unit.convolution.stride,
    })
}
