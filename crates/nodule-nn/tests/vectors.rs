//! Differences of gradients between vector widths: sums over pixels run lane by lane, so their rounding depends on the
//! width.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::process::Command;

use candle_core::{Device, Tensor};
use nodule_nn::NETWORKS;
use nodule_nn::losses::CrossEntropy;
use nodule_seed::stream;

/// Allowed difference, relative to the largest value of a gradient.
const TOLERANCE: f32 = 1e-5;
/// Environment variable with the file to which the process with narrow vectors writes its gradients.
const GRADIENTS_PATH: &str = "NODULE_TEST_GRADIENTS_PATH";

/// Returns the gradients of every parameter of every network, on images whose rows fill no vector.
fn all_gradients() -> Vec<Vec<f32>> {
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
fn narrower_vectors_change_only_the_rounding() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("gradients");
    let narrow = Command::new(std::env::current_exe().unwrap())
        .args(["--ignored", "--exact", "write_gradients"])
        .env("NODULE_VECTORS", "avx2")
        .env(GRADIENTS_PATH, &path)
        .output()
        .unwrap();
    assert!(narrow.status.success(), "{narrow:?}");
    let bytes = std::fs::read(&path).unwrap();
    let (values, _) = bytes.as_chunks::<4>();
    let mut narrow = values.iter().map(|bytes| f32::from_le_bytes(*bytes));
    for (i, wide) in all_gradients().into_iter().enumerate() {
        let scale = wide.iter().fold(1e-6f32, |m, v| m.max(v.abs()));
        for (j, wide) in wide.into_iter().enumerate() {
            let narrow = narrow.next().unwrap();
            let close = (wide - narrow).abs() <= TOLERANCE * scale;
            assert!(close, "gradient {i}, value {j}: {wide} against {narrow}");
        }
    }
    assert_eq!(narrow.next(), None);
}

/// Helper of the test above, run in its own process because the vector width is chosen once.
#[test]
#[ignore = "helper of the test above"]
fn write_gradients() {
    let path = std::env::var_os(GRADIENTS_PATH).unwrap();
    let values = all_gradients().concat();
    let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
    std::fs::write(path, bytes).unwrap();
}
