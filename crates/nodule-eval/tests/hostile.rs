//! Arbitrary input: every function returns a finite number, `None` or an error, and never NaN or a panic.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ndarray::{Array2, Array3};
use nodule_eval::representation::{decode, nc1, pca, silhouette};
use nodule_eval::statistics::{
    bootstrap_mean, cohen_dz, holm, kendall, mean_sd, midranks, paired_power, pairs_needed,
    percentile, sign_flip_test, spearman, variance_components,
};
use nodule_eval::{Error, Metric, ReadOut, ScoreSd, Scores, reliance};
use proptest::collection::vec;
use proptest::num::{f32, f64};
use proptest::prelude::*;

/// Numbers of every magnitude, and occasionally NaN.
fn any_f64() -> impl Strategy<Value = f64> {
    prop_oneof![
        20 => -2.0..2.0,
        5 => f64::NORMAL | f64::SUBNORMAL | f64::ZERO | f64::POSITIVE | f64::NEGATIVE,
        5 => Just(0.1),
        1 => f64::ANY,
    ]
}

fn any_f32() -> impl Strategy<Value = f32> {
    prop_oneof![
        40 => -2.0f32..2.0,
        5 => f32::NORMAL | f32::SUBNORMAL | f32::ZERO | f32::POSITIVE | f32::NEGATIVE,
        10 => Just(0.1f32),
        1 => f32::ANY,
    ]
}

/// Checks that the result is an error with a message, or that all its numbers are finite and in `range`.
fn check_sound<T>(
    found: Result<T, Error>,
    range: (f64, f64),
    numbers: impl Fn(T) -> Vec<f64>,
) -> Result<(), TestCaseError> {
    match found {
        Err(error) => prop_assert!(!error.to_string().is_empty()),
        Ok(found) => {
            for value in numbers(found) {
                prop_assert!(
                    value.is_finite() && range.0 <= value && value <= range.1,
                    "{}",
                    value
                );
            }
        }
    }
    Ok(())
}

const ANY: (f64, f64) = (f64::MIN, f64::MAX);
const SHARE: (f64, f64) = (0.0, 1.0);
const CORRELATION: (f64, f64) = (-1.0, 1.0);

fn to_vec(value: Option<f64>) -> Vec<f64> {
    value.into_iter().collect()
}

proptest! {
    #[test]
    fn statistics_of_values(x in vec(any_f64(), 0..9), y in vec(any_f64(), 0..9), q in any_f64()) {
        check_sound(mean_sd(&x), ANY, |found| {
            found.into_iter().flat_map(|f| [Some(f.mean), f.sd]).flatten().collect()
        })?;
        check_sound(cohen_dz(&x), ANY, to_vec)?;
        check_sound(sign_flip_test(&x), SHARE, to_vec)?;
        check_sound(bootstrap_mean(&x, 20, 1), ANY, |i| i.map_or(vec![], |i| vec![i.low, i.high]))?;
        check_sound(spearman(&x, &y), CORRELATION, to_vec)?;
        check_sound(kendall(&x, &y), CORRELATION, to_vec)?;
        check_sound(midranks(&x), (1.0, 9.0), |ranks| ranks)?;
        check_sound(holm(&x), SHARE, |p| p)?;
        let mut sorted = x.clone();
        sorted.sort_by(f64::total_cmp);
        check_sound(percentile(&sorted, q), ANY, |v| vec![v])?;
        prop_assert_eq!(x.iter().any(|v| !v.is_finite()), midranks(&x).is_err());
    }

    #[test]
    fn designs(x in vec(any_f64(), 12), effect in any_f64(), sd in any_f64(), n in 0usize..40) {
        let cube = Array3::from_shape_vec((2, 3, 2), x).unwrap();
        check_sound(variance_components(cube.view()), (0.0, f64::MAX), |found| {
            found.map_or(vec![], |f| [f.main, f.pairs, [f.total(); 3]].concat())
        })?;
        check_sound(paired_power(effect, n, 0.05), SHARE, |p| vec![p])?;
        check_sound(pairs_needed(effect, sd, 0.8, 0.05), (2.0, 2e6), |n| to_vec(n.map(|n| n as f64)))?;
    }

    #[test]
    fn decision_scores(pairs in vec((any_f32(), 0u8..2), 0..12), sd in any_f64()) {
        let (scores, labels): (Vec<f32>, Vec<u8>) = pairs.into_iter().unzip();
        let checked_scores = || Scores::new(&scores, &labels);
        check_sound(checked_scores().map(|s| s.auroc()), SHARE, to_vec)?;
        check_sound(checked_scores().map(|s| s.metrics()), SHARE, |found| {
            let estimates = Metric::ALL.into_iter().filter_map(|m| found.get(m));
            estimates.flat_map(|e| [e.value - e.low, e.high - e.value, e.low, e.high]).collect()
        })?;
        check_sound(checked_scores().map(|s| s.best_threshold()), ANY, |b| {
            b.map_or(vec![], |b| vec![b.threshold, b.balanced_accuracy])
        })?;
        check_sound(ScoreSd::from_scores(&scores), (0.0, f64::MAX), |s| vec![s.value(), s.to_sd_units(0.5)])?;
        check_sound(ScoreSd::new(sd), (0.0, f64::MAX), |s| vec![s.value()])?;
        if let Ok(sd) = ScoreSd::from_scores(&scores) {
            check_sound(reliance(&scores, &scores, sd), SHARE, |r| vec![r.effect, r.flipped])?;
        }
    }

    #[test]
    fn embeddings(values in vec(any_f32(), 24), labels in vec(0u8..2, 8)) {
        let rows = Array2::from_shape_vec((8, 3), values).unwrap();
        let rows = rows.view();
        check_sound(silhouette(rows, &labels), (-1.0, 1.0), to_vec)?;
        check_sound(nc1(rows, &labels), (0.0, f64::MAX), to_vec)?;
        check_sound(pca(rows), (-2.0, 2.0), |p| [p.points.concat(), p.explained_variance_ratio.to_vec()].concat())?;
        check_sound(decode(rows, &[&labels], rows), ANY, |found| {
            found.concat().into_iter().map(f64::from).collect()
        })?;
        for read_out in ReadOut::ALL {
            if let Ok(fitted) = read_out.fit(rows, &labels) {
                let logits = Array2::zeros((8, 2));
                let scores = fitted.scores(rows, Some(logits.view()));
                check_sound(scores, ANY, |s| s.into_iter().map(f64::from).collect())?;
            }
        }
    }
}
