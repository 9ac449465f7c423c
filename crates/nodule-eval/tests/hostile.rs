//! Whatever the numbers, what comes out is a finite number, none, or an error: never NaN, never a
//! panic.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ndarray::{Array2, Array3};
use nodule_eval::representation::{collapse, decode, principal, silhouette};
use nodule_eval::statistics::{
    bootstrap_mean, cohen_dz, holm, kendall, mean_sd, midranks, paired_power, pairs_needed,
    percentile, sign_flip_test, spearman, variance_components, wilcoxon_signed_rank,
};
use nodule_eval::{Error, Metric, ReadOut, Spread, auroc, best_threshold, fit, metrics, reliance};
use proptest::collection::vec;
use proptest::num::{f32, f64};
use proptest::prelude::*;

/// Numbers of every size, and now and then one that is none.
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

/// An error that says something, or finite numbers of which all lie in `range`.
fn sound<T>(
    found: Result<T, Error>,
    range: (f64, f64),
    of: impl Fn(T) -> Vec<f64>,
) -> Result<(), TestCaseError> {
    match found {
        Err(error) => prop_assert!(!error.to_string().is_empty()),
        Ok(found) => {
            for value in of(found) {
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

fn one(value: Option<f64>) -> Vec<f64> {
    value.into_iter().collect()
}

proptest! {
    #[test]
    fn of_values(x in vec(any_f64(), 0..9), y in vec(any_f64(), 0..9), q in any_f64()) {
        sound(mean_sd(&x), ANY, |found| {
            found.into_iter().flat_map(|(mean, sd)| [Some(mean), sd]).flatten().collect()
        })?;
        sound(cohen_dz(&x), ANY, one)?;
        sound(sign_flip_test(&x), SHARE, one)?;
        sound(wilcoxon_signed_rank(&x), SHARE, one)?;
        sound(bootstrap_mean(&x, 20, 1), ANY, |i| i.map_or(vec![], |i| vec![i.low, i.high]))?;
        sound(spearman(&x, &y), CORRELATION, one)?;
        sound(kendall(&x, &y), CORRELATION, one)?;
        sound(midranks(&x), (1.0, 9.0), |ranks| ranks)?;
        sound(holm(&x), SHARE, |p| p)?;
        let mut sorted = x.clone();
        sorted.sort_by(f64::total_cmp);
        sound(percentile(&sorted, q), ANY, |v| vec![v])?;
        prop_assert_eq!(x.iter().any(|v| !v.is_finite()), midranks(&x).is_err());
    }

    #[test]
    fn of_designs(x in vec(any_f64(), 12), effect in any_f64(), sd in any_f64(), n in 0usize..40) {
        let cube = Array3::from_shape_vec((2, 3, 2), x).unwrap();
        sound(variance_components(cube.view()), (0.0, f64::MAX), |found| {
            found.map_or(vec![], |f| [f.main, f.pairs, [f.total(); 3]].concat())
        })?;
        sound(paired_power(effect, n, 0.05), SHARE, |p| vec![p])?;
        sound(pairs_needed(effect, sd, 0.8, 0.05), (2.0, 2e6), |n| one(n.map(|n| n as f64)))?;
    }

    #[test]
    fn of_decisions(pairs in vec((any_f32(), 0u8..2), 0..12), spread in any_f64()) {
        let (scores, labels): (Vec<f32>, Vec<u8>) = pairs.into_iter().unzip();
        sound(auroc(&scores, &labels), SHARE, one)?;
        sound(metrics(&scores, &labels), SHARE, |found| {
            let estimates = Metric::ALL.into_iter().filter_map(|m| found.get(m));
            estimates.flat_map(|e| [e.value - e.low, e.high - e.value, e.low, e.high]).collect()
        })?;
        sound(best_threshold(&scores, &labels), ANY, |b| {
            b.map_or(vec![], |b| vec![b.threshold, b.balanced_accuracy])
        })?;
        sound(Spread::of(&scores), (0.0, f64::MAX), |s| vec![s.value(), s.in_spreads(0.5)])?;
        sound(Spread::new(spread), (0.0, f64::MAX), |s| vec![s.value()])?;
        if let Ok(spread) = Spread::of(&scores) {
            sound(reliance(&scores, &scores, spread), SHARE, |r| vec![r.effect, r.flipped])?;
        }
    }

    #[test]
    fn of_embeddings(values in vec(any_f32(), 24), labels in vec(0u8..2, 8)) {
        let rows = Array2::from_shape_vec((8, 3), values).unwrap();
        let rows = rows.view();
        sound(silhouette(rows, &labels), (-1.0, 1.0), one)?;
        sound(collapse(rows, &labels), (0.0, f64::MAX), one)?;
        sound(principal(rows), (-2.0, 2.0), |p| [p.points.concat(), p.explained.to_vec()].concat())?;
        sound(decode(rows, &[&labels], rows), ANY, |found| {
            found.concat().into_iter().map(f64::from).collect()
        })?;
        for read_out in ReadOut::ALL {
            if let Ok(fitted) = fit(read_out, rows, &labels) {
                let scores = fitted.scores(rows, Array2::zeros((8, 2)).view());
                sound(scores, ANY, |s| s.into_iter().map(f64::from).collect())?;
            }
        }
    }
}
