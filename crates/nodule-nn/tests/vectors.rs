//! How far the bits of a gradient move with the width of the processor's vectors: sums over pixels run lane by
//! lane, so that their order, and with it their rounding, follows the width.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use candle_core::{Device, Tensor};
use nodule_nn::NETWORKS;
use nodule_nn::loss::CrossEntropy;
use nodule_seed::stream;

/// Allowed difference, relative to the largest value of a gradient.
const TOLERANCE: f32 = 1e-5;
/// Where the narrow process leaves what it found.
const LEFT_AT: &str = "NODULE_TEST_LEFT_AT";

/// Gradients of every parameter of every network of the list, on images that fill no vector.
fn gradients() -> Vec<Vec<f32>> {
    let mut random = stream(3);
    let images = (0..9 * 40 * 40).map(|_| random.uniform() as f32);
    let images = Tensor::from_iter(images, &Device::Cpu).unwrap();
    let images = images.reshape((9, 1, 40, 40)).unwrap();
    let labels = Tensor::from_iter((0..9u32).map(|i| i % 2), &Device::Cpu).unwrap();
    let mut all = Vec::new();
    for kind in NETWORKS {
        let size = [("image_size".to_owned(), 40.into())];
        let architecture = kind.build(&size.into_iter().collect()).unwrap();
        let network = architecture.build(1, &Device::Cpu).unwrap();
        let (_, gradients) = network.gradients(&images, &labels, &CrossEntropy).unwrap();
        for (_, parameter) in network.parameters() {
            let gradient = gradients.get(&parameter).unwrap().flatten_all().unwrap();
            all.push(gradient.to_vec1().unwrap());
        }
    }
    all
}

#[test]
fn narrower_vectors_change_the_rounding_and_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gradients");
    let narrow = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "leave_gradients"])
        .env("NODULE_VECTORS", "avx2")
        .env(LEFT_AT, &path)
        .output()
        .unwrap();
    assert!(narrow.status.success(), "{narrow:?}");
    let bytes = std::fs::read(&path).unwrap();
    let (values, _) = bytes.as_chunks::<4>();
    let mut narrow = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
    for (i, wide) in gradients().into_iter().enumerate() {
        let scale = wide.iter().fold(1e-6f32, |m, v| m.max(v.abs()));
        for (j, wide) in wide.into_iter().enumerate() {
            let narrow = narrow.next().unwrap();
            let close = (wide - narrow).abs() <= TOLERANCE * scale;
            assert!(close, "gradient {i}, value {j}: {wide} against {narrow}");
        }
    }
    assert_eq!(narrow.next(), None);
}

/// Run by the test above, in a process of its own: the width is looked up once.
#[test]
#[ignore = "half of the test above"]
fn leave_gradients() {
    let path = std::env::var_os(LEFT_AT).unwrap();
    let values = gradients().concat();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(path, bytes).unwrap();
}
