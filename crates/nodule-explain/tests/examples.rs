//! Runs the example program as a user would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/candle_model/main.rs"]
#[allow(dead_code, reason = "the program has its own main")]
mod candle_model;

use nodule_explain::Method;

#[test]
fn the_example_prints_metrics_and_writes_maps() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("maps.csv");
    let run = || {
        let mut output = Vec::new();
        let arguments = [file.to_string_lossy().into_owned()];
        candle_model::run(arguments.into_iter(), &mut output).unwrap();
        String::from_utf8(output).unwrap()
    };
    let output = run();
    assert_eq!(output, run(), "the model must be reproducible");

    let row = |method: Method| -> Vec<&str> {
        let name = method.name();
        let mut rows = output
            .lines()
            .map(|line| line.split(',').collect::<Vec<_>>());
        rows.find(|row| row[0] == name).unwrap()
    };
    for method in Method::ALL {
        let (deletion, insertion): (f64, f64) = (
            row(method)[4].parse().unwrap(),
            row(method)[5].parse().unwrap(),
        );
        assert!(deletion < insertion, "{method}: {output}");
    }
    let gap = |method| row(method)[3].parse::<f64>().unwrap();
    assert!(gap(Method::IntegratedGradients) < 0.05, "{output}");
    assert!(
        gap(Method::IntegratedGradients) < gap(Method::GradientXInput),
        "{output}"
    );

    let table = std::fs::read_to_string(&file).unwrap();
    assert_eq!(table.lines().count(), 1 + Method::ALL.len() * 8 * 16 * 16);
}
