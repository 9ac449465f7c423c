//! Runs the example program as a user would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/own_network/main.rs"]
#[allow(dead_code, reason = "the program has its own main")]
mod own_network;

#[test]
fn the_example_network_learns_and_loads_from_its_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let checkpoint = folder.path().join("strided.safetensors");
    let arguments = [&*checkpoint.to_string_lossy(), "512", "8"].map(str::to_owned);
    let mut output = Vec::new();
    own_network::run(arguments.into_iter(), &mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    println!("{output}");

    let loss = |epoch: &str| -> f64 {
        let line = output.lines().find_map(|l| l.strip_prefix(epoch)).unwrap();
        line.parse().unwrap()
    };
    assert!(loss("epoch 8: ") < loss("epoch 0: "), "{output}");
    let correct = output
        .lines()
        .find_map(|l| l.strip_prefix("correct on the test set: "));
    let (correct, images) = correct.unwrap().split_once(" of ").unwrap();
    assert_eq!(images, "128");
    assert!(correct.parse::<u32>().unwrap() > 96, "{output}");

    let bytes = std::fs::read(&checkpoint).unwrap();
    let tensors = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    let names = tensors.names();
    assert_eq!(names.len(), 6, "{names:?}");
    assert_eq!(
        tensors.tensor("conv2.weight").unwrap().shape(),
        [8, 8, 5, 5]
    );
}
