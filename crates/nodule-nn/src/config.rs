//! The sizes of the network, and which of them fit together.

use serde::{Deserialize, Serialize};

use crate::Error;
use crate::error::refuse;

/// Kernel width and height of both convolutions (LeCun et al. 1998).
pub(crate) const KERNEL: usize = 5;
/// Normal and abnormal.
pub(crate) const CLASSES: usize = 2;
/// Width of a layer, or of an image.
const MOST_WIDTH: usize = 65_536;
/// Parameters in all: these are 2 GB, and training holds several times as much.
const MOST_PARAMETERS: u128 = 500_000_000;
/// The smallest image that two convolutions and two poolings leave a pixel of.
const SMALLEST_IMAGE: usize = 16;

/// Sizes of a LeNet (LeCun et al. 1998: *paper*; the numbers below are LeNet-5's, except for the
/// image, the pooling by maximum and the two classes: *ours*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeNetConfig {
    /// Width and height of the images, in pixels; 16 at least.
    pub image_size: usize,
    /// Output channels of the two convolutions.
    pub channels: [usize; 2],
    /// Width of the first dense layer.
    pub hidden: usize,
    /// Width of the second dense layer: the embedding.
    pub embedding: usize,
}

impl Default for LeNetConfig {
    fn default() -> Self {
        Self {
            image_size: 64,
            channels: [6, 16],
            hidden: 120,
            embedding: 84,
        }
    }
}

impl LeNetConfig {
    /// Checks that the layers fit the image and that none is empty.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the field, its value and what is allowed.
    pub fn validate(&self) -> Result<(), Error> {
        let check = |field, value: usize, least: usize, allowed: &str| {
            if (least..=MOST_WIDTH).contains(&value) {
                return Ok(());
            }
            let above = format!("at most {MOST_WIDTH}");
            refuse(field, value, if value < least { allowed } else { &above })
        };
        let image = "at least 16: two 5x5 convolutions and 2x2 poolings leave nothing of less";
        check("image_size", self.image_size, SMALLEST_IMAGE, image)?;
        check("channels[0]", self.channels[0], 1, "at least 1")?;
        check("channels[1]", self.channels[1], 1, "at least 1")?;
        check("hidden", self.hidden, 1, "at least 1")?;
        check("embedding", self.embedding, 1, "at least 1")?;
        let parameters = self.parameters();
        if parameters > MOST_PARAMETERS {
            let found = format!("{parameters} parameters");
            let allowed = format!("at most {MOST_PARAMETERS} in all layers");
            return refuse("channels x hidden x embedding", found, &allowed);
        }
        Ok(())
    }

    /// How many weights there are, without biases: counted where no product can overflow.
    fn parameters(&self) -> u128 {
        let [first, second] = self.channels.map(|n| n as u128);
        let (hidden, embedding) = (self.hidden as u128, self.embedding as u128);
        let (pooled, kernel) = (self.pooled_size() as u128, (KERNEL * KERNEL) as u128);
        first * kernel
            + first * second * kernel
            + second * pooled * pooled * hidden
            + hidden * embedding
            + embedding * CLASSES as u128
    }

    /// Width and height of the second pooled map.
    pub(crate) fn pooled_size(&self) -> usize {
        let pooled = |size: usize| (size - (KERNEL - 1)) / 2;
        pooled(pooled(self.image_size))
    }

    /// Every parameter's layer, weight shape in PyTorch's layout, in forward order.
    pub(crate) fn layers(&self) -> [(&'static str, Vec<usize>); 5] {
        let [first, second] = self.channels;
        let features = second * self.pooled_size().pow(2);
        [
            ("conv1", vec![first, 1, KERNEL, KERNEL]),
            ("conv2", vec![second, first, KERNEL, KERNEL]),
            ("fc1", vec![self.hidden, features]),
            ("fc2", vec![self.embedding, self.hidden]),
            ("fc3", vec![CLASSES, self.embedding]),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lenet_on_64_pixels_flattens_to_2704_features() {
        let config = LeNetConfig::default();
        assert_eq!(config.pooled_size(), 13);
        assert_eq!(config.layers()[2].1, [120, 2704]);
        assert!(config.validate().is_ok());
    }

    #[test]
    fn the_smallest_image_leaves_one_pixel_and_less_is_refused() {
        let sized = |image_size| LeNetConfig {
            image_size,
            ..LeNetConfig::default()
        };
        assert!(sized(16).validate().is_ok());
        assert_eq!(sized(16).pooled_size(), 1);
        let message = sized(15).validate().unwrap_err().to_string();
        assert!(message.contains("image_size = 15"), "{message}");
        assert!(message.contains("at least 16"), "{message}");
    }

    #[test]
    fn an_empty_layer_is_named() {
        for (field, config) in [
            (
                "channels[0]",
                LeNetConfig {
                    channels: [0, 16],
                    ..LeNetConfig::default()
                },
            ),
            (
                "channels[1]",
                LeNetConfig {
                    channels: [6, 0],
                    ..LeNetConfig::default()
                },
            ),
            (
                "hidden",
                LeNetConfig {
                    hidden: 0,
                    ..LeNetConfig::default()
                },
            ),
            (
                "embedding",
                LeNetConfig {
                    embedding: 0,
                    ..LeNetConfig::default()
                },
            ),
        ] {
            let message = config.validate().unwrap_err().to_string();
            assert!(message.contains(&format!("{field} = 0")), "{message}");
        }
    }
}
