//! Edge cases of every statistic against SciPy, scikit-learn and statsmodels: ties, constants, one and two values,
//! perfect and reversed rankings, scales near the limits of f64.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod reference;

use nodule_eval::representation::silhouette;
use nodule_eval::statistics::{
    cohen_dz, holm, kendall, mean_sd, midranks, paired_power, percentile, sign_flip_test, spearman,
};
use nodule_eval::{Error, Metric, Scores};
use reference::{assert_close, golden, labels, matrix, numbers};
use serde_json::Value;

fn cases(name: &str) -> Vec<Value> {
    let cases = golden("edges")[name].as_array().unwrap().clone();
    assert!(!cases.is_empty());
    cases
}

/// Asserts that both are undefined or both are the same number.
#[track_caller]
fn assert_same(ours: Result<Option<f64>, Error>, theirs: &Value, tolerance: f64) {
    match (ours.unwrap(), theirs.is_null()) {
        (Some(ours), false) => assert_close(ours, theirs, tolerance),
        (ours, undefined) => assert!(ours.is_none() && undefined, "{ours:?}, not {theirs}"),
    }
}

#[test]
fn paired_statistics_agree_at_every_scale() {
    for case in cases("paired") {
        let differences = numbers(&case["differences"]);
        let scale = case["scale"].as_f64().unwrap();
        let found = mean_sd(&differences).unwrap().unwrap();
        assert_close(found.mean / scale, &case["mean"], 1e-12);
        assert_same(Ok(found.sd.map(|sd| sd / scale)), &case["sd"], 1e-12);
        assert_same(cohen_dz(&differences), &case["dz"], 1e-12);
        if !case["sign_flip"].is_null() {
            assert_same(sign_flip_test(&differences), &case["sign_flip"], 1e-9);
        }
    }
}

#[test]
fn correlations_agree_and_are_undefined_for_the_same_input() {
    for case in cases("correlation") {
        let (x, y) = (numbers(&case["x"]), numbers(&case["y"]));
        assert_same(spearman(&x, &y), &case["spearman"], 1e-12);
        assert_same(kendall(&x, &y), &case["kendall"], 1e-12);
    }
}

#[test]
fn intervals_over_images_agree() {
    for case in cases("metrics") {
        let scores: Vec<f32> = numbers(&case["scores"]).iter().map(|v| *v as f32).collect();
        let labels = labels(&case["labels"]);
        let found = Scores::new(&scores, &labels).unwrap().metrics();
        let auroc = found.get(Metric::Auroc).unwrap();
        assert_close(auroc.value, &case["area"], 1e-12);
        for metric in Metric::ALL {
            let Some(ends) = case.get(metric.name()) else {
                continue;
            };
            let ours = found.get(metric).unwrap();
            assert_close(ours.low, &ends[0], 1e-7);
            assert_close(ours.high, &ends[1], 1e-7);
        }
    }
}

#[test]
fn power_agrees_at_small_levels_and_large_numbers() {
    for case in cases("power") {
        let [effect, n, alpha] = ["effect", "n", "alpha"].map(|k| case[k].as_f64().unwrap());
        let ours = paired_power(effect, n as usize, alpha).unwrap();
        assert_close(ours, &case["power"], 1e-7);
    }
}

#[test]
fn ranks_quantiles_and_corrections_agree() {
    for case in cases("holm") {
        let ours = holm(&numbers(&case["p"])).unwrap();
        let theirs = case["corrected"].as_array().unwrap();
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_close(*ours, theirs, 1e-12);
        }
    }
    for case in cases("percentile") {
        let share = case["share"].as_f64().unwrap();
        let ours = percentile(&numbers(&case["sorted"]), share).unwrap();
        assert_close(ours, &case["value"], 1e-12);
    }
    for case in cases("ranks") {
        let ours = midranks(&numbers(&case["values"])).unwrap();
        assert_eq!(ours, numbers(&case["ranks"]));
    }
}

#[test]
fn a_collapsed_class_has_the_silhouette_of_scikit_learn() {
    let case = &golden("edges")["silhouette"];
    let ours = silhouette(matrix(&case["points"]).view(), &labels(&case["labels"]));
    assert_same(ours, &case["value"], 1e-6);
}
