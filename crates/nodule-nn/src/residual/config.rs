//! Sizes of the residual network, and what is allowed of them.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::refuse;
use crate::kind::Named;

/// Sizes of the residual network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResidualConfig {
    /// Width and height of the images, in pixels.
    pub image_size: usize,
    /// Channels of the three stages; the stem has as many as the first.
    pub widths: [usize; 3],
    /// Groups of channels that are normalised together, a divisor of every width.
    pub groups: usize,
    /// Pixels from one output of the stem to the next, 1 or 2: 2 costs a quarter.
    pub stem_stride: usize,
    /// Width of the embedding.
    pub embedding: usize,
}

impl Default for ResidualConfig {
    /// The ResNet-8 that is used on small images, at the study's image and embedding.
    fn default() -> Self {
        Self {
            image_size: 64,
            widths: [16, 32, 64],
            groups: 8,
            stem_stride: 1,
            embedding: 84,
        }
    }
}

/// Wider layers, or larger images, than anyone trains.
const MOST_WIDTH: usize = 4096;

impl Named for ResidualConfig {
    const NAME: &'static str = "residual";

    fn validate(&self) -> Result<(), Error> {
        let [first, second, third] = self.widths;
        let sizes = [
            ("image_size", self.image_size),
            ("widths", first),
            ("widths", second),
            ("widths", third),
            ("groups", self.groups),
            ("embedding", self.embedding),
        ];
        if let Some((field, n)) = sizes.iter().find(|(_, n)| !(1..=MOST_WIDTH).contains(n)) {
            return refuse(field, *n, &format!("from 1 to {MOST_WIDTH}"));
        }
        if !(1..=2).contains(&self.stem_stride) {
            return refuse("stem_stride", self.stem_stride, "1 or 2");
        }
        match self.widths.iter().find(|w| !w.is_multiple_of(self.groups)) {
            Some(width) => {
                let allowed = format!("a divisor of every width, and of {width}");
                refuse("groups", self.groups, &allowed)
            }
            None => Ok(()),
        }
    }
}
