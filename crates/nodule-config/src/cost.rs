//! Parameters and multiply-adds of the networks, computed from their settings.

use crate::{LeNetConfig, LinearConfig, ResidualConfig, Settings, Table};

/// Size of a network and cost of one image, for estimates of time and memory. Valid settings do not overflow.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetworkCost {
    /// Parameters, biases included.
    pub parameters: u64,
    /// Width of the embedding.
    pub embedding: u64,
    /// Values of all feature maps of one image.
    pub feature_values: u64,
    /// Multiply-adds of a forward pass of one image.
    pub forward_multiply_adds: u64,
    /// Multiply-adds of a training step for one image: forward and backward.
    pub training_multiply_adds: u64,
}

impl NetworkCost {
    /// Returns the cost of the network with this name in study files, or `None` if the name or a setting is unknown.
    ///
    /// ```
    /// use nodule_config::{LeNetConfig, NetworkCost, Table};
    ///
    /// let cost = NetworkCost::find("lenet", &Table::new()).unwrap();
    /// assert_eq!(cost, LeNetConfig::default().cost());
    /// assert!(NetworkCost::find("transformer", &Table::new()).is_none());
    /// ```
    #[must_use]
    pub fn find(name: &str, settings: &Table) -> Option<Self> {
        match name {
            LeNetConfig::NAME => LeNetConfig::from_table(settings).ok().map(|c| c.cost()),
            LinearConfig::NAME => LinearConfig::from_table(settings).ok().map(|c| c.cost()),
            ResidualConfig::NAME => ResidualConfig::from_table(settings).ok().map(|c| c.cost()),
            _ => None,
        }
    }
}

impl LeNetConfig {
    /// Returns parameters and multiply-adds.
    #[must_use]
    pub fn cost(&self) -> NetworkCost {
        let [first, second] = self.channels.map(|n| n as u64);
        let (hidden, embedding) = (self.hidden as u64, self.embedding as u64);
        let (kernel, classes) = ((Self::KERNEL * Self::KERNEL) as u64, Self::CLASSES as u64);
        // Pooling windows of the two layers; each covers four convolution outputs.
        let first_windows = first * (((self.image_size - (Self::KERNEL - 1)) / 2) as u64).pow(2);
        let second_windows = second * (self.pooled_size() as u64).pow(2);
        let convolutions = 4 * (first_windows * kernel + second_windows * first * kernel);
        let dense = second_windows * hidden + hidden * embedding + embedding * classes;
        NetworkCost {
            parameters: first * (kernel + 1)
                + second * (first * kernel + 1)
                + dense
                + hidden
                + embedding
                + classes,
            embedding,
            feature_values: 5 * (first_windows + second_windows) + hidden,
            forward_multiply_adds: convolutions + dense,
            // Backward, a convolution covers only the arg-max of each window with an active ReLU, measured as 0.4 of
            // forward; a dense layer needs two products.
            training_multiply_adds: convolutions * 14 / 10 + 3 * dense,
        }
    }
}

impl LinearConfig {
    /// Returns parameters and multiply-adds.
    #[must_use]
    pub fn cost(&self) -> NetworkCost {
        let (pixels, embedding) = ((self.image_size as u64).pow(2), self.embedding as u64);
        let weights = pixels * embedding + embedding * 2;
        NetworkCost {
            parameters: weights + embedding + 2,
            embedding,
            feature_values: embedding,
            forward_multiply_adds: weights,
            // Weight gradients alone: the images need none.
            training_multiply_adds: 2 * weights,
        }
    }
}

impl ResidualConfig {
    /// Returns parameters and multiply-adds.
    #[must_use]
    pub fn cost(&self) -> NetworkCost {
        let [narrow, _, wide] = self.widths.map(|n| n as u64);
        let embedding = self.embedding as u64;
        let mut size = (self.image_size as u64).div_ceil(self.stem_stride as u64);
        let mut total = ConvolutionSums::default();
        total.add(1, narrow, 3, size);
        let mut inputs = narrow;
        for (block, outputs) in self.widths.into_iter().enumerate() {
            let (stride, outputs) = (if block == 0 { 1 } else { 2 }, outputs as u64);
            size = size.div_ceil(stride);
            total.add(inputs, outputs, 3, size);
            total.add(outputs, outputs, 3, size);
            if stride > 1 || inputs != outputs {
                total.add(inputs, outputs, 1, size);
            }
            inputs = outputs;
        }
        let dense = wide * embedding + embedding * 2;
        let forward = total.multiply_adds + dense;
        NetworkCost {
            parameters: total.parameters + dense + embedding + 2,
            embedding,
            feature_values: 2 * total.outputs,
            forward_multiply_adds: forward,
            training_multiply_adds: 3 * forward,
        }
    }
}

/// Sums over convolutions without bias, each with a group normalisation.
#[derive(Default)]
struct ConvolutionSums {
    parameters: u64,
    multiply_adds: u64,
    outputs: u64,
}

impl ConvolutionSums {
    /// Adds a convolution with square filters and `size` by `size` outputs.
    fn add(&mut self, channels: u64, outputs: u64, kernel: u64, size: u64) {
        let weights = channels * outputs * kernel * kernel;
        self.parameters += weights + 2 * outputs;
        self.multiply_adds += weights * size * size;
        self.outputs += outputs * size * size;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_of_the_default_networks() {
        let le_net = LeNetConfig::default().cost();
        assert_eq!(le_net.parameters, 156 + 2416 + 324_600 + 10_164 + 170);
        assert_eq!(le_net.forward_multiply_adds, 2_162_400 + 334_728);
        let linear = LinearConfig::default().cost();
        assert_eq!(linear.parameters, 4097 * 84 + 84 * 2 + 2);
        assert_eq!(linear.training_multiply_adds, 2 * (4096 * 84 + 168));
        let residual = ResidualConfig::default().cost();
        let half = ResidualConfig {
            stem_stride: 2,
            ..ResidualConfig::default()
        };
        assert_eq!(residual.parameters, half.cost().parameters);
        let ratio =
            residual.forward_multiply_adds as f64 / half.cost().forward_multiply_adds as f64;
        assert!((ratio - 4.0).abs() < 0.01, "{ratio}");
    }
}
