//! The example program, run as its reader would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/own_network/main.rs"]
#[allow(dead_code, reason = "the program has a main of its own")]
mod own_network;

#[test]
fn a_network_of_ones_own_learns_and_comes_back_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("strided.safetensors");
    let arguments = [&*checkpoint.to_string_lossy(), "512", "8"].map(str::to_owned);
    let mut said = Vec::new();
    own_network::run(arguments.into_iter(), &mut said).unwrap();
    let said = String::from_utf8(said).unwrap();
    println!("{said}");

    let loss = |epoch: &str| -> f64 {
        let line = said.lines().find_map(|l| l.strip_prefix(epoch)).unwrap();
        line.parse().unwrap()
    };
    assert!(loss("epoch 8: ") < loss("epoch 0: "), "{said}");
    let right = said
        .lines()
        .find_map(|l| l.strip_prefix("right on the test: "));
    let (right, of) = right.unwrap().split_once(" of ").unwrap();
    assert_eq!(of, "128");
    assert!(right.parse::<u32>().unwrap() > 96, "{said}");

    let bytes = std::fs::read(&checkpoint).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let names = tensors.names();
    assert_eq!(names.len(), 6, "{names:?}");
    assert_eq!(
        tensors.tensor("conv2.weight").unwrap().shape(),
        [8, 8, 5, 5]
    );
}
