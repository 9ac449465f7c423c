//! Classifiers, metrics and statistics against scikit-learn and SciPy, with the vectors that
//! `tests/golden/eval/make_golden.py` (in the root of the workspace) writes.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod reference;

use ndarray::Array3;
use nodule_eval::representation::{Gram, cka, decode, nc1, pca, precision_at_one, silhouette};
use nodule_eval::statistics::{
    bootstrap_mean, cohen_dz, equivalence_power, equivalence_test, holm, kendall, mean_sd,
    paired_power, pairs_needed, pool_effects, sign_flip_test, spearman, variance_components,
};
use nodule_eval::{Metric, ReadOut, Scores};
use reference::{assert_close, golden, labels, matrix, numbers};
use serde_json::Value;

#[test]
fn read_outs_agree_with_scikit_learn() {
    let golden = golden("read_outs");
    let (training, test) = (matrix(&golden["training"]), matrix(&golden["test"]));
    for (read_out, tolerance) in [
        (ReadOut::Probe, 1e-5),
        (ReadOut::Knn, 1e-6),
        (ReadOut::Centroid, 1e-5),
    ] {
        let labels = labels(&golden["labels"]);
        let fitted = read_out.fit(training.view(), &labels).unwrap();
        let ours = fitted.scores(test.view(), None).unwrap();
        let theirs = golden[read_out.to_string()].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (ours, theirs) in ours.iter().zip(theirs) {
            assert_close(f64::from(*ours), theirs, tolerance);
        }
    }
}

#[test]
fn metrics_agree_with_scikit_learn() {
    for case in golden("metrics").as_array().unwrap() {
        let scores: Vec<f32> = numbers(&case["scores"]).iter().map(|v| *v as f32).collect();
        let labels = labels(&case["labels"]);
        let scores = Scores::new(&scores, &labels).unwrap();
        let ours = scores.metrics();
        for metric in Metric::ALL {
            assert_close(ours.value(metric).unwrap(), &case[metric.name()], 1e-12);
        }
        let accuracy = ours.get(Metric::Accuracy).unwrap();
        assert_close(accuracy.low, &case["accuracy_interval"][0], 1e-9);
        assert_close(accuracy.high, &case["accuracy_interval"][1], 1e-9);
        let area = ours.get(Metric::Auroc).unwrap();
        assert_close(
            (area.high - area.value) / 1.959_963_984_540_054,
            &case["auroc_error"],
            1e-12,
        );
        assert_eq!(scores.auroc(), Some(area.value));
    }
}

#[test]
fn paired_statistics_agree_with_scipy() {
    for case in golden("statistics")["paired"].as_array().unwrap() {
        let differences = numbers(&case["differences"]);
        let found = mean_sd(&differences).unwrap().unwrap();
        let (mean, sd) = (found.mean, found.sd.unwrap());
        assert_close(mean, &case["mean"], 1e-12);
        assert_close(sd, &case["sd"], 1e-12);
        assert!((cohen_dz(&differences).unwrap().unwrap() - mean / sd).abs() < 1e-12);
        if !case["sign_flip"].is_null() {
            assert_close(
                sign_flip_test(&differences).unwrap().unwrap(),
                &case["sign_flip"],
                1e-9,
            );
        }
        // Both are random: their ends agree to a few percent of the interval.
        let interval = bootstrap_mean(&differences, 50_000, 1).unwrap().unwrap();
        let tolerance = 0.03 * (interval.high - interval.low);
        assert_close(interval.low, &case["bootstrap"][0], tolerance);
        assert_close(interval.high, &case["bootstrap"][1], tolerance);
    }
}

#[test]
fn rank_correlations_and_holm_agree() {
    let golden = golden("statistics");
    for case in golden["correlation"].as_array().unwrap() {
        let (x, y) = (numbers(&case["x"]), numbers(&case["y"]));
        assert_close(spearman(&x, &y).unwrap().unwrap(), &case["spearman"], 1e-12);
        assert_close(kendall(&x, &y).unwrap().unwrap(), &case["kendall"], 1e-12);
    }
    let ours = holm(&numbers(&golden["holm"]["p"])).unwrap();
    for (ours, theirs) in ours
        .iter()
        .zip(golden["holm"]["corrected"].as_array().unwrap())
    {
        assert_close(*ours, theirs, 1e-12);
    }
}

#[test]
fn the_drawn_sign_flip_test_is_near_the_exact_one() {
    // 20 differences are enumerated; one more, of zero, switches to random draws without changing the hypothesis.
    let twenty: Vec<f64> = (0..20).map(|i| f64::from((i * 7) % 11) - 3.8).collect();
    let exact = sign_flip_test(&twenty).unwrap().unwrap();
    let drawn = sign_flip_test(&[twenty.as_slice(), &[0.0]].concat())
        .unwrap()
        .unwrap();
    assert!((exact - drawn).abs() < 0.005, "{exact} and {drawn}");
    assert!(exact > 0.005 && exact < 0.5, "{exact} is not informative");
}

#[test]
fn representations_agree_with_scikit_learn_and_numpy() {
    let golden = golden("representation");
    let (training, test) = (matrix(&golden["training"]), matrix(&golden["test"]));
    let labels = labels(&golden["labels"]);
    let decoded = decode(training.view(), &[&labels], test.view()).unwrap();
    let expected = golden["decoded"].as_array().unwrap();
    for (ours, theirs) in decoded[0].iter().zip(expected) {
        assert_close(f64::from(*ours), theirs, 1e-5);
    }
    let components = pca(training.view()).unwrap();
    for (ours, theirs) in components
        .points
        .iter()
        .zip(golden["points"].as_array().unwrap())
    {
        assert_close(ours[0], &theirs[0], 1e-6);
        assert_close(ours[1], &theirs[1], 1e-6);
    }
    let explained = components.explained_variance_ratio;
    assert_close(explained[0], &golden["explained"][0], 1e-6);
    assert_close(explained[1], &golden["explained"][1], 1e-6);
    let silhouette = silhouette(training.view(), &labels).unwrap().unwrap();
    assert_close(silhouette, &golden["silhouette"], 1e-6);
    let nc1 = nc1(training.view(), &labels).unwrap().unwrap();
    assert_close(
        nc1 / golden["collapse"].as_f64().unwrap(),
        &1.0.into(),
        1e-5,
    );
}

#[test]
fn cka_and_precision_at_one_agree_with_numpy_and_scikit_learn() {
    let golden = golden("likeness");
    let [a, b] = ["a", "b"].map(|name| matrix(&golden[name]));
    let [gram_a, gram_b] = [&a, &b].map(|rows| Gram::new(rows.view()).unwrap());
    let found = cka(&gram_a, &gram_b).unwrap().unwrap();
    assert_close(found, &golden["cka"], 1e-9);
    let labels = labels(&golden["labels"]);
    let found = precision_at_one(a.view(), &labels).unwrap().unwrap();
    assert_close(found, &golden["precision_at_one"], 1e-12);
}

#[test]
fn power_agrees_with_statsmodels() {
    let golden = golden("design");
    let number = |case: &Value, key: &str| case[key].as_f64().unwrap();
    let cases = golden["power"].as_array().unwrap();
    assert!(!cases.is_empty());
    for case in cases {
        let n = case["n"].as_u64().unwrap() as usize;
        let ours = paired_power(number(case, "effect"), n, number(case, "alpha")).unwrap();
        assert_close(ours, &case["power"], 1e-5);
    }
    for case in golden["needed"].as_array().unwrap() {
        let [difference, sd, power, alpha] =
            ["difference", "sd", "power", "alpha"].map(|key| number(case, key));
        let ours = pairs_needed(difference, sd, power, alpha).unwrap().unwrap();
        assert_eq!(ours as u64, case["n"].as_u64().unwrap());
    }
}

#[test]
fn variance_components_agree_with_a_mixed_model() {
    let golden = golden("design");
    for case in golden["crossed"].as_array().unwrap() {
        let rows = |v: &Value| v.as_array().unwrap().clone();
        let cube: Vec<Vec<Vec<f64>>> = rows(&case["values"])
            .iter()
            .map(|plane| rows(plane).iter().map(numbers).collect())
            .collect();
        let shape = (cube.len(), cube[0].len(), cube[0][0].len());
        let values = Array3::from_shape_vec(shape, cube.concat().concat()).unwrap();
        let ours = variance_components(values.view()).unwrap().unwrap();
        let theirs = rows(&case["components"]);
        for (ours, theirs) in [ours.main, ours.pairs].concat().iter().zip(&theirs) {
            assert_close(*ours, theirs, 1e-3);
        }
        assert_close(ours.rest, &case["rest"], 1e-4);
    }
}

#[test]
fn synthesis_agrees_with_statsmodels_and_scipy() {
    let golden = golden("synthesis");
    let number = |case: &Value, key: &str| case[key].as_f64().unwrap();
    for case in golden["pooled"].as_array().unwrap() {
        let (effects, errors) = (numbers(&case["effects"]), numbers(&case["errors"]));
        let ours = pool_effects(&effects, &errors).unwrap();
        assert_close(ours.mean, &case["mean"], 1e-9);
        assert_close(ours.between_sd.powi(2), &case["tau2"], 1e-9);
        assert_close(ours.interval.low, &case["low"], 1e-8);
        assert_close(ours.interval.high, &case["high"], 1e-8);
        assert_close(ours.i_squared, &case["i2"], 1e-9);
        assert_close(ours.p, &case["p"], 1e-8);
        assert_eq!(ours.prediction.is_some(), effects.len() > 2);
        if let Some(prediction) = ours.prediction {
            assert_close(prediction.low, &case["prediction"][0], 1e-8);
            assert_close(prediction.high, &case["prediction"][1], 1e-8);
        }
    }
    for case in golden["equivalence"].as_array().unwrap() {
        let differences = numbers(&case["differences"]);
        let ours = equivalence_test(&differences, number(case, "margin")).unwrap();
        assert_close(ours.unwrap(), &case["p"], 1e-9);
    }
    for case in golden["power"].as_array().unwrap() {
        let n = case["n"].as_u64().unwrap() as usize;
        let ours = equivalence_power(number(case, "margin"), n, number(case, "alpha")).unwrap();
        assert_close(ours, &case["power"], 1e-5);
    }
}
