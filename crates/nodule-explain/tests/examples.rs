//! The example program, run as its reader would.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

#[path = "../examples/candle_model/main.rs"]
#[allow(dead_code, reason = "the program has a main of its own")]
mod candle_model;

use nodule_explain::Method;

#[test]
fn maps_of_a_candle_model_are_scored_and_kept() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("maps.csv");
    let say = || {
        let mut said = Vec::new();
        let arguments = [file.to_string_lossy().into_owned()];
        candle_model::run(arguments.into_iter(), &mut said).unwrap();
        String::from_utf8(said).unwrap()
    };
    let said = say();
    assert_eq!(said, say(), "a model that is another one each time");

    let row = |method: Method| -> Vec<&str> {
        let name = method.name();
        let mut rows = said.lines().map(|line| line.split(',').collect::<Vec<_>>());
        rows.find(|row| row[0] == name).unwrap()
    };
    for method in Method::ALL {
        let (deletion, insertion): (f64, f64) = (
            row(method)[4].parse().unwrap(),
            row(method)[5].parse().unwrap(),
        );
        assert!(deletion < insertion, "{method}: {said}");
    }
    // What the decision is made of is what the map adds up to.
    let gap = |method| row(method)[3].parse::<f64>().unwrap();
    assert!(gap(Method::IntegratedGradients) < 0.05, "{said}");
    assert!(
        gap(Method::IntegratedGradients) < gap(Method::GradientXInput),
        "{said}"
    );

    let table = std::fs::read_to_string(&file).unwrap();
    assert_eq!(table.lines().count(), 1 + Method::ALL.len() * 8 * 16 * 16);
}
