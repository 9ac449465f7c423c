//! Layers of the LeNet and their shapes.

use nodule_config::LeNetConfig;

/// Kernel width and height of both convolutions.
pub(crate) const KERNEL: usize = LeNetConfig::KERNEL;

/// Returns every layer's name and weight shape in PyTorch's layout, in forward order.
pub(crate) fn le_net_layers(config: &LeNetConfig) -> [(&'static str, Vec<usize>); 5] {
    let [first, second] = config.channels;
    let features = second * config.pooled_size().pow(2);
    [
        ("conv1", vec![first, 1, KERNEL, KERNEL]),
        ("conv2", vec![second, first, KERNEL, KERNEL]),
        ("fc1", vec![config.hidden, features]),
        ("fc2", vec![config.embedding, config.hidden]),
        ("fc3", vec![LeNetConfig::CLASSES, config.embedding]),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_le_net_on_64_pixels_flattens_to_2704_features() {
        let config = LeNetConfig::default();
        assert_eq!(config.pooled_size(), 13);
        assert_eq!(le_net_layers(&config)[2].1, [120, 2704]);
    }
}
