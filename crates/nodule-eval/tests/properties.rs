//! What must hold whatever the numbers, and what is refused.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ndarray::{Array2, array};
use nodule_eval::representation::{collapse, decode, principal, silhouette};
use nodule_eval::statistics::{holm, kendall, sign_flip_test, spearman};
use nodule_eval::{Linear, Metric, ReadOut, auroc, fit, metrics};
use proptest::prelude::*;

fn decisions() -> impl Strategy<Value = (Vec<f32>, Vec<u8>)> {
    proptest::collection::vec((-9i8..9, 0u8..2), 2..60).prop_map(|pairs| {
        let scores = pairs.iter().map(|(s, _)| f32::from(*s) / 3.0).collect();
        (scores, pairs.iter().map(|(_, l)| *l).collect())
    })
}

proptest! {
    #[test]
    fn the_area_is_kept_by_rising_maps_and_mirrored_by_falling_ones((scores, labels) in decisions()) {
        let area = auroc(&scores, &labels).unwrap();
        let risen: Vec<f32> = scores.iter().map(|s| (s / 2.0).exp()).collect();
        let fallen: Vec<f32> = scores.iter().map(|s| -s).collect();
        prop_assert_eq!(area, auroc(&risen, &labels).unwrap());
        match (area, auroc(&fallen, &labels).unwrap()) {
            (Some(a), Some(b)) => prop_assert!((a + b - 1.0).abs() < 1e-12),
            (a, b) => prop_assert!(a.is_none() && b.is_none()),
        }
    }

    #[test]
    fn swapping_the_classes_swaps_sensitivity_and_specificity((scores, labels) in decisions()) {
        // A score of exactly 0 is decided as normal on both sides: it has no mirror image.
        let scores: Vec<f32> = scores.iter().map(|s| s + 0.05).collect();
        let ours = metrics(&scores, &labels).unwrap();
        let mirrored: Vec<f32> = scores.iter().map(|s| -s).collect();
        let swapped: Vec<u8> = labels.iter().map(|l| 1 - l).collect();
        let other = metrics(&mirrored, &swapped).unwrap();
        prop_assert_eq!(ours.get(Metric::Sensitivity), other.get(Metric::Specificity));
        prop_assert_eq!(ours.get(Metric::Specificity), other.get(Metric::Sensitivity));
        prop_assert_eq!(ours.get(Metric::Accuracy), other.get(Metric::Accuracy));
        for estimate in Metric::ALL.into_iter().filter_map(|m| ours.get(m)) {
            prop_assert!(0.0 <= estimate.low && estimate.low <= estimate.value);
            prop_assert!(estimate.value <= estimate.high && estimate.high <= 1.0);
        }
    }

    #[test]
    fn holm_never_lowers_a_p_and_keeps_their_order(p in proptest::collection::vec(0.0f64..1.0, 1..12)) {
        let corrected = holm(&p).unwrap();
        for i in 0..p.len() {
            prop_assert!(corrected[i] >= p[i] && corrected[i] <= 1.0);
            for j in 0..p.len() {
                prop_assert!(p[i] > p[j] || corrected[i] <= corrected[j]);
            }
        }
    }

    #[test]
    fn the_sign_flip_test_does_not_see_a_common_sign(d in proptest::collection::vec(-3.0f64..3.0, 1..11)) {
        let mirrored: Vec<f64> = d.iter().map(|v| -v).collect();
        let p = sign_flip_test(&d).unwrap().unwrap();
        prop_assert!((p - sign_flip_test(&mirrored).unwrap().unwrap()).abs() < 1e-12);
        prop_assert!(p >= 2.0 / f64::from(1 << d.len()) && p <= 1.0);
    }

    #[test]
    fn rank_correlations_of_a_thing_with_itself_are_one(x in proptest::collection::vec(-5i32..5, 2..30)) {
        let x: Vec<f64> = x.into_iter().map(f64::from).collect();
        let constant = x.iter().all(|v| *v == x[0]);
        for found in [spearman(&x, &x).unwrap(), kendall(&x, &x).unwrap()] {
            prop_assert_eq!(found.is_none(), constant);
            prop_assert!(constant || (found.unwrap() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn the_head_s_score_is_the_logit_margin() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    let fitted = fit(ReadOut::Head, embeddings.view(), &[0, 1]).unwrap();
    let scores = fitted.scores(embeddings.view(), array![[0.5f32, 2.0], [1.0, -1.0]].view());
    assert_eq!(scores.unwrap(), [1.5, -2.0]);
}

/// A contrastive network collapses each class to a point: no read-out may stumble over that.
#[test]
fn collapsed_classes_are_read_out() {
    let rows = |n: usize| {
        Array2::from_shape_fn((n, 3), |(i, j)| {
            if (i % 2 == 1) == (j == 0) {
                1.0f32
            } else {
                0.0
            }
        })
    };
    let labels: Vec<u8> = (0..40).map(|i| (i % 2) as u8).collect();
    let logits = Array2::zeros((10, 2));
    for read_out in [ReadOut::Centroid, ReadOut::Probe, ReadOut::Knn] {
        let fitted = fit(read_out, rows(40).view(), &labels).unwrap();
        let scores = fitted.scores(rows(10).view(), logits.view()).unwrap();
        let decided: Vec<u8> = scores.iter().map(|s| u8::from(*s > 0.0)).collect();
        assert_eq!(decided, labels[..10], "{read_out}: {scores:?}");
    }
}

#[test]
fn a_few_training_images_still_vote_by_an_odd_number() {
    let embeddings = array![[1.0f32, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]];
    let fitted = fit(ReadOut::Knn, embeddings.view(), &[0, 0, 1, 1]).unwrap();
    let scores = fitted
        .scores(embeddings.view(), Array2::zeros((4, 2)).view())
        .unwrap();
    assert!(scores[0] < 0.0 && scores[3] > 0.0, "{scores:?}");
}

#[test]
fn what_cannot_be_read_out_is_refused() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    let refused = |e: &Array2<f32>, labels: &[u8]| {
        fit(ReadOut::Probe, e.view(), labels)
            .unwrap_err()
            .to_string()
    };
    assert!(refused(&embeddings, &[0]).contains("labels"));
    assert!(refused(&embeddings, &[1, 1]).contains("no normal image"));
    let message = refused(&array![[1.0f32, f32::NAN], [0.0, 1.0]], &[0, 1]);
    assert!(
        message.contains("training embeddings[1] = NaN"),
        "{message}"
    );
    let message = "svm".parse::<ReadOut>().unwrap_err().to_string();
    assert!(
        message.contains("svm") && message.contains("head, centroid, probe, knn"),
        "{message}"
    );
    assert!(metrics(&[], &[]).is_err());
    assert!(
        metrics(&[0.0, f32::INFINITY], &[0, 1])
            .unwrap_err()
            .to_string()
            .contains("scores[1]")
    );
}

#[test]
fn one_class_has_no_sensitivity_and_no_area() {
    let measured = metrics(&[0.5, -0.5], &[0, 0]).unwrap();
    for metric in [Metric::Sensitivity, Metric::Auroc, Metric::BalancedAccuracy] {
        assert_eq!(measured.get(metric), None);
    }
    assert_eq!(measured.value(Metric::Specificity), Some(0.5));
}

#[test]
fn the_plane_of_a_read_out_gives_its_scores() {
    let embeddings = Array2::from_shape_fn((12, 5), |(i, j)| ((i * 7 + j * 3) % 11) as f32 - 4.5);
    let labels: Vec<u8> = (0..12).map(|i| u8::from(i % 3 == 0)).collect();
    let logits = Array2::zeros((12, 2));
    for read_out in [ReadOut::Centroid, ReadOut::Probe] {
        let fitted = fit(read_out, embeddings.view(), &labels).unwrap();
        let Some(Linear::Embedding(plane)) = fitted.linear() else {
            panic!("{read_out} has no plane");
        };
        let scores = fitted.scores(embeddings.view(), logits.view()).unwrap();
        for (row, score) in embeddings.rows().into_iter().zip(scores) {
            let norm = row.iter().map(|v| v * v).sum::<f32>().sqrt();
            let products = row.iter().zip(&plane.weights).map(|(z, w)| z / norm * w);
            let expected = products.sum::<f32>() + plane.offset;
            assert!(
                (expected - score).abs() < 1e-5,
                "{read_out}: {expected} {score}"
            );
        }
    }
}

#[test]
fn what_is_said_of_a_read_out_is_so() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    for read_out in ReadOut::ALL {
        let fitted = fit(read_out, embeddings.view(), &[0, 1]).unwrap();
        assert_eq!(fitted.read_out(), read_out);
        assert_eq!(fitted.linear().is_some(), read_out.has_derivative());
        let of_logits = fitted.linear() == Some(Linear::Logits);
        assert_eq!(of_logits, read_out.needs_head());
        assert_eq!(read_out.name().parse::<ReadOut>().unwrap(), read_out);
        let quoted = format!("\"{read_out}\"");
        assert_eq!(serde_json::to_string(&read_out).unwrap(), quoted);
    }
    assert!(!ReadOut::Knn.has_derivative() && ReadOut::Head.needs_head());
}

#[test]
fn a_read_out_is_asked_about_what_it_was_fitted_on() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    let logits = Array2::zeros((1, 2));
    for read_out in ReadOut::ALL {
        let fitted = fit(read_out, embeddings.view(), &[0, 1]).unwrap();
        let message = |embeddings: Array2<f32>, logits: &Array2<f32>| {
            let scores = fitted.scores(embeddings.view(), logits.view());
            scores.map_or_else(|e| e.to_string(), |_| String::new())
        };
        if read_out.needs_head() {
            let message = message(array![[1.0, 0.0]], &Array2::zeros((1, 1)));
            assert!(message.contains("columns of the logits"), "{message}");
        } else {
            let wide = message(array![[1.0, 0.0, 0.0]], &logits);
            assert!(wide.contains("dimensions"), "{read_out}: {wide}");
            let infinite = message(array![[1.0, f32::INFINITY]], &logits);
            assert!(infinite.contains("embeddings[1]"), "{read_out}: {infinite}");
        }
    }
    // Columns side by side in memory are looked at too.
    let turned = array![[1.0f32, 0.0], [f32::NAN, 1.0]].reversed_axes();
    let message = fit(ReadOut::Knn, turned.view(), &[0, 1]).unwrap_err();
    assert!(message.to_string().contains("embeddings[1]"), "{message}");
    assert!(fit(ReadOut::Knn, embeddings.view(), &[0, 2]).is_err());
}

#[test]
fn one_point_a_class_is_separate_and_collapsed_and_one_point_in_all_is_neither() {
    let apart = array![[2.0f32, 0.0], [1.0, 0.0], [0.0, 3.0], [0.0, 1.0]];
    let labels = [0, 0, 1, 1];
    assert_eq!(silhouette(apart.view(), &labels).unwrap(), Some(1.0));
    assert_eq!(collapse(apart.view(), &labels).unwrap(), Some(0.0));
    let same = Array2::<f32>::ones((4, 2));
    assert_eq!(silhouette(same.view(), &labels).unwrap(), Some(0.0));
    assert_eq!(collapse(same.view(), &labels).unwrap(), None);
    assert_eq!(silhouette(apart.view(), &[0, 0, 0, 1]).unwrap(), None);
    let nothing = decode(same.view(), &[&labels], same.view()).unwrap();
    assert_eq!(nothing, [[0.0; 4]]);
    assert_eq!(principal(same.view()).unwrap().explained, [0.0, 0.0]);
    assert!(silhouette(apart.view(), &[0, 1]).is_err());
    assert!(decode(apart.view(), &[&labels], Array2::zeros((1, 3)).view()).is_err());
}
