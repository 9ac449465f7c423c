//! Settings of the networks: sizes, and which of them fit together. `nodule-nn` builds the networks.

use nodule_error::{InvalidInput, invalid_value};
use serde::{Deserialize, Serialize};

use crate::{Schema, Settings};

/// The networks of `nodule-nn`; the first is the default of a study.
pub const NETWORKS: &[Schema] = &[
    Schema::new::<LeNetConfig>(),
    Schema::new::<LinearConfig>(),
    Schema::new::<ResidualConfig>(),
];

/// Largest width of a layer or an image, for the LeNet.
const MAX_LENET_WIDTH: usize = 65_536;
/// Largest width of a layer or an image, for the other networks.
const MAX_WIDTH: usize = 4096;
/// Most weights of a LeNet: 2 GB, of which training holds several copies.
const MAX_WEIGHTS: u128 = 500_000_000;
/// Smallest image for which two convolutions and two poolings leave a pixel.
const MIN_IMAGE_SIZE: usize = 16;

/// Sizes of a LeNet (LeCun et al. 1998: *paper*; the defaults are LeNet-5's, except for the image, maximum pooling
/// and two classes: *ours*).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LeNetConfig {
    /// Width and height of the images, in pixels; at least 16.
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
    /// Kernel width and height of both convolutions (LeCun et al. 1998).
    pub const KERNEL: usize = 5;
    /// Number of classes: normal and abnormal.
    pub const CLASSES: usize = 2;

    /// Returns width and height of the second pooled feature map.
    #[must_use]
    pub fn pooled_size(&self) -> usize {
        let pool = |size: usize| (size - (Self::KERNEL - 1)) / 2;
        pool(pool(self.image_size))
    }

    /// Returns the number of weights without biases, in a type that no product of valid sizes overflows.
    fn count_weights(&self) -> u128 {
        let [first, second] = self.channels.map(|n| n as u128);
        let (hidden, embedding) = (self.hidden as u128, self.embedding as u128);
        let pooled = self.pooled_size() as u128;
        let kernel = (Self::KERNEL * Self::KERNEL) as u128;
        first * kernel
            + first * second * kernel
            + second * pooled * pooled * hidden
            + hidden * embedding
            + embedding * Self::CLASSES as u128
    }
}

impl Settings for LeNetConfig {
    const NAME: &'static str = "lenet";

    fn validate(&self) -> Result<(), InvalidInput> {
        let check = |field: &str, value: usize, least: usize, allowed: &str| {
            if (least..=MAX_LENET_WIDTH).contains(&value) {
                return Ok(());
            }
            let above = format!("at most {MAX_LENET_WIDTH}");
            let allowed = if value < least { allowed } else { &above };
            Err(invalid_value(field, value, allowed))
        };
        let image = "at least 16: two 5x5 convolutions and 2x2 poolings leave nothing of less";
        check("image_size", self.image_size, MIN_IMAGE_SIZE, image)?;
        check("channels[0]", self.channels[0], 1, "at least 1")?;
        check("channels[1]", self.channels[1], 1, "at least 1")?;
        check("hidden", self.hidden, 1, "at least 1")?;
        check("embedding", self.embedding, 1, "at least 1")?;
        let weights = self.count_weights();
        if weights > MAX_WEIGHTS {
            let found = format!("{weights} parameters");
            let allowed = format!("at most {MAX_WEIGHTS} in all layers");
            return Err(invalid_value(
                "channels x hidden x embedding",
                found,
                allowed,
            ));
        }
        Ok(())
    }
}

/// Sizes of the linear network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LinearConfig {
    /// Width and height of the images, in pixels.
    pub image_size: usize,
    /// Width of the embedding.
    pub embedding: usize,
}

impl Default for LinearConfig {
    /// The image and the embedding of the LeNet.
    fn default() -> Self {
        Self {
            image_size: 64,
            embedding: 84,
        }
    }
}

impl Settings for LinearConfig {
    const NAME: &'static str = "linear";

    fn validate(&self) -> Result<(), InvalidInput> {
        check_widths(&[
            ("image_size", self.image_size),
            ("embedding", self.embedding),
        ])
    }
}

/// Sizes of the residual network.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ResidualConfig {
    /// Width and height of the images, in pixels.
    pub image_size: usize,
    /// Channels of the three stages; the stem has as many as the first.
    pub widths: [usize; 3],
    /// Groups of channels for group normalisation, a divisor of every width.
    pub groups: usize,
    /// Stride of the stem, 1 or 2; 2 needs a quarter of the operations.
    pub stem_stride: usize,
    /// Width of the embedding.
    pub embedding: usize,
}

impl Default for ResidualConfig {
    /// The ResNet-8 for small images, with the LeNet's image and embedding.
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

impl Settings for ResidualConfig {
    const NAME: &'static str = "residual";

    fn validate(&self) -> Result<(), InvalidInput> {
        let [first, second, third] = self.widths;
        check_widths(&[
            ("image_size", self.image_size),
            ("widths", first),
            ("widths", second),
            ("widths", third),
            ("groups", self.groups),
            ("embedding", self.embedding),
        ])?;
        if !(1..=2).contains(&self.stem_stride) {
            return Err(invalid_value("stem_stride", self.stem_stride, "1 or 2"));
        }
        match self.widths.iter().find(|w| !w.is_multiple_of(self.groups)) {
            Some(width) => {
                let allowed = format!("a divisor of every width, and of {width}");
                Err(invalid_value("groups", self.groups, allowed))
            }
            None => Ok(()),
        }
    }
}

fn check_widths(sizes: &[(&str, usize)]) -> Result<(), InvalidInput> {
    match sizes.iter().find(|(_, n)| !(1..=MAX_WIDTH).contains(n)) {
        Some((field, n)) => Err(invalid_value(*field, n, format!("from 1 to {MAX_WIDTH}"))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn rejects_images_below_16_pixels() {
        let with_size = |image_size| LeNetConfig {
            image_size,
            ..LeNetConfig::default()
        };
        assert!(with_size(16).validate().is_ok());
        assert_eq!(with_size(16).pooled_size(), 1);
        let message = with_size(15).validate().unwrap_err().to_string();
        assert!(message.contains("image_size = 15"), "{message}");
        assert!(message.contains("at least 16"), "{message}");
    }

    /// Returns the error of a network with one invalid setting.
    fn error<S: Settings>(field: &str, value: serde_json::Value) -> String {
        let table = [(field.to_owned(), value)].into_iter().collect();
        S::from_table(&table).err().unwrap().to_string()
    }

    #[test]
    fn rejects_an_empty_layer_by_name() {
        for (field, value, name) in [
            ("channels", json!([0, 16]), "channels[0]"),
            ("channels", json!([6, 0]), "channels[1]"),
            ("hidden", json!(0), "hidden"),
            ("embedding", json!(0), "embedding"),
        ] {
            let message = error::<LeNetConfig>(field, value);
            assert!(message.contains(&format!("{name} = 0")), "{message}");
        }
    }

    #[test]
    fn rejects_sizes_of_the_residual_network_by_name() {
        let message = error::<ResidualConfig>;
        assert!(message("groups", json!(3)).contains("groups = 3"));
        assert!(message("stem_stride", json!(3)).contains("1 or 2"));
        assert!(message("widths", json!([16, 0, 64])).contains("widths = 0"));
    }
}
