//! Runs the example program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/train_step.rs"]
#[allow(dead_code, reason = "the program has its own main function")]
mod train_step;

#[test]
fn one_step_reduces_the_contrastive_loss() {
    let mut output = Vec::new();
    train_step::run(&mut output).unwrap();
    let output = String::from_utf8(output).unwrap();
    let number = |name: &str| {
        let line = output.lines().find_map(|line| line.strip_prefix(name));
        line.unwrap().trim().parse::<f64>().unwrap()
    };
    assert!(number("after:") < number("before:"), "{output}");
    assert!(output.contains("logits: [16, 2]"), "{output}");
}
