//! Names and shapes of the residual network, its gradients against Candle's graph, and images that it rejects.

use super::*;
use crate::losses::CrossEntropy;
use crate::seeded_weights;
use nodule_seed::stream;

fn small() -> ResidualConfig {
    ResidualConfig {
        image_size: 12,
        widths: [4, 6, 8],
        groups: 2,
        stem_stride: 1,
        embedding: 5,
    }
}

fn build(config: &ResidualConfig, seed: u64) -> ResidualNetwork {
    ResidualNetwork::new(config, seeded_weights(seed, &Device::Cpu)).unwrap()
}

fn images(count: usize, size: usize) -> Tensor {
    let mut random = stream(5);
    let values = (0..count * size * size).map(|_| random.uniform() as f32);
    Tensor::from_vec(
        values.collect::<Vec<f32>>(),
        (count, 1, size, size),
        &Device::Cpu,
    )
    .unwrap()
}

fn labels(count: u32) -> Tensor {
    Tensor::from_iter((0..count).map(|i| i % 2), &Device::Cpu).unwrap()
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn gradients_match_the_graph() {
    for stem_stride in [1, 2] {
        let config = ResidualConfig {
            stem_stride,
            ..small()
        };
        let network = build(&config, 3);
        let (images, labels) = (images(11, 12), labels(11));
        let (value, ours) = network.gradients(&images, &labels, &CrossEntropy).unwrap();
        let output = network.forward_output(&images).unwrap();
        let expected = CrossEntropy.compute(&output, &labels).unwrap();
        let theirs = expected.backward().unwrap();
        assert!((flat(&value)[0] - flat(&expected)[0]).abs() < 1e-6);
        for (name, parameter) in network.parameters() {
            let [ours, theirs] = [&ours, &theirs].map(|g| flat(g.get(&parameter).unwrap()));
            let scale = theirs.iter().fold(1e-6f32, |m, v| m.max(v.abs()));
            for (i, (a, b)) in ours.iter().zip(&theirs).enumerate() {
                assert!(
                    (a - b).abs() <= 2e-5 * scale,
                    "{name}[{i}]: {a} against {b}"
                );
            }
        }
    }
}

#[test]
fn gradients_do_not_depend_on_the_number_of_threads() {
    let gradients_with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let network = build(&small(), 3);
            let found = network
                .gradients(&images(19, 12), &labels(19), &CrossEntropy)
                .unwrap();
            let parameters = network.parameters().into_iter();
            parameters
                .map(|(_, p)| flat(found.1.get(&p).unwrap()))
                .collect::<Vec<_>>()
        })
    };
    assert_eq!(gradients_with(1), gradients_with(3));
}

#[test]
fn parameters_have_pytorch_names_and_shapes() {
    let network = build(&ResidualConfig::default(), 1);
    let parameters = network.parameters();
    let shape = |wanted: &str| {
        let (_, v) = parameters.iter().find(|(name, _)| name == wanted).unwrap();
        v.dims().to_vec()
    };
    assert_eq!(shape("stem.weight"), [16, 1, 3, 3]);
    assert_eq!(shape("block1.conv2.weight"), [16, 16, 3, 3]);
    assert_eq!(shape("block2.shortcut.weight"), [32, 16, 1, 1]);
    assert_eq!(shape("block3.norm1.bias"), [64]);
    assert_eq!(shape("fc1.weight"), [84, 64]);
    assert_eq!(shape("fc2.weight"), [2, 84]);
    assert!(
        !parameters
            .iter()
            .any(|(name, _)| name == "block1.shortcut.weight")
    );
    let layers = network.layers();
    let is_in_a_layer = |name: &str| {
        layers
            .iter()
            .any(|layer| name.starts_with(&format!("{layer}.")))
    };
    assert!(parameters.iter().all(|(name, _)| is_in_a_layer(name)));
}

#[test]
fn activations_have_names_and_end_with_the_embedding() {
    let network = build(&small(), 1);
    let images = images(2, 12);
    let all = network.activations(&images).unwrap();
    let shapes: Vec<_> = all
        .iter()
        .map(|(name, t)| (name.as_str(), t.dims().to_vec()))
        .collect();
    let expected = [
        ("stem", vec![2, 4, 12, 12]),
        ("block1", vec![2, 4, 12, 12]),
        ("block2", vec![2, 6, 6, 6]),
        ("block3", vec![2, 8, 3, 3]),
        ("embedding", vec![2, 5]),
    ];
    assert_eq!(shapes, expected);
    let embedding = network.forward_output(&images).unwrap().embedding;
    assert_eq!(flat(&all[4].1), flat(&embedding));
}

#[test]
fn rejects_images_of_another_size() {
    let network = build(&small(), 1);
    let message = network
        .forward_output(&images(1, 13))
        .unwrap_err()
        .to_string();
    assert!(message.contains("[n, 1, 12, 12]"), "{message}");
}
