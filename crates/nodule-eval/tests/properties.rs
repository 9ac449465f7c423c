//! Properties that hold for arbitrary input, and invalid input that is rejected.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use ndarray::{Array2, array};
use nodule_eval::representation::{decode, nc1, pca, silhouette};
use nodule_eval::statistics::{holm, kendall, sign_flip_test, spearman};
use nodule_eval::{LinearDecision, Metric, Metrics, ReadOut, Scores};
use proptest::prelude::*;

fn metrics(scores: &[f32], labels: &[u8]) -> Metrics {
    Scores::new(scores, labels).unwrap().metrics()
}

fn auroc(scores: &[f32], labels: &[u8]) -> Option<f64> {
    Scores::new(scores, labels).unwrap().auroc()
}

fn scores_and_labels() -> impl Strategy<Value = (Vec<f32>, Vec<u8>)> {
    proptest::collection::vec((-9i8..9, 0u8..2), 2..60).prop_map(|pairs| {
        let scores = pairs.iter().map(|(s, _)| f32::from(*s) / 3.0).collect();
        (scores, pairs.iter().map(|(_, l)| *l).collect())
    })
}

proptest! {
    #[test]
    fn auroc_is_invariant_to_increasing_maps_and_mirrored_by_decreasing_ones((scores, labels) in scores_and_labels()) {
        let area = auroc(&scores, &labels);
        let increased: Vec<f32> = scores.iter().map(|s| (s / 2.0).exp()).collect();
        let decreased: Vec<f32> = scores.iter().map(|s| -s).collect();
        prop_assert_eq!(area, auroc(&increased, &labels));
        match (area, auroc(&decreased, &labels)) {
            (Some(a), Some(b)) => prop_assert!((a + b - 1.0).abs() < 1e-12),
            (a, b) => prop_assert!(a.is_none() && b.is_none()),
        }
    }

    #[test]
    fn swapping_the_classes_swaps_sensitivity_and_specificity((scores, labels) in scores_and_labels()) {
        // A score of exactly 0 is normal before and after mirroring, so zeros are shifted.
        let scores: Vec<f32> = scores.iter().map(|s| s + 0.05).collect();
        let ours = metrics(&scores, &labels);
        let mirrored: Vec<f32> = scores.iter().map(|s| -s).collect();
        let swapped: Vec<u8> = labels.iter().map(|l| 1 - l).collect();
        let other = metrics(&mirrored, &swapped);
        prop_assert_eq!(ours.get(Metric::Sensitivity), other.get(Metric::Specificity));
        prop_assert_eq!(ours.get(Metric::Specificity), other.get(Metric::Sensitivity));
        prop_assert_eq!(ours.get(Metric::Accuracy), other.get(Metric::Accuracy));
        for estimate in Metric::ALL.into_iter().filter_map(|m| ours.get(m)) {
            prop_assert!(0.0 <= estimate.low && estimate.low <= estimate.value);
            prop_assert!(estimate.value <= estimate.high && estimate.high <= 1.0);
        }
    }

    #[test]
    fn holm_never_lowers_a_p_value_and_keeps_the_order(p in proptest::collection::vec(0.0f64..1.0, 1..12)) {
        let corrected = holm(&p).unwrap();
        for i in 0..p.len() {
            prop_assert!(corrected[i] >= p[i] && corrected[i] <= 1.0);
            for j in 0..p.len() {
                prop_assert!(p[i] > p[j] || corrected[i] <= corrected[j]);
            }
        }
    }

    #[test]
    fn the_sign_flip_test_is_invariant_to_a_common_sign(d in proptest::collection::vec(-3.0f64..3.0, 1..11)) {
        let mirrored: Vec<f64> = d.iter().map(|v| -v).collect();
        let p = sign_flip_test(&d).unwrap().unwrap();
        prop_assert!((p - sign_flip_test(&mirrored).unwrap().unwrap()).abs() < 1e-12);
        prop_assert!(p >= 2.0 / f64::from(1 << d.len()) && p <= 1.0);
    }

    #[test]
    fn rank_correlations_of_values_with_themselves_are_one(x in proptest::collection::vec(-5i32..5, 2..30)) {
        let x: Vec<f64> = x.into_iter().map(f64::from).collect();
        let constant = x.iter().all(|v| *v == x[0]);
        for found in [spearman(&x, &x).unwrap(), kendall(&x, &x).unwrap()] {
            prop_assert_eq!(found.is_none(), constant);
            prop_assert!(constant || (found.unwrap() - 1.0).abs() < 1e-12);
        }
    }
}

#[test]
fn the_score_of_the_head_is_the_logit_margin() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    let fitted = ReadOut::Head.fit(embeddings.view(), &[0, 1]).unwrap();
    let logits = array![[0.5f32, 2.0], [1.0, -1.0]];
    let scores = fitted.scores(embeddings.view(), Some(logits.view()));
    assert_eq!(scores.unwrap(), [1.5, -2.0]);
}

/// A contrastive loss can collapse each class to a point; every classifier must handle that.
#[test]
fn collapsed_classes_are_classified_correctly() {
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
    for read_out in [ReadOut::Centroid, ReadOut::Probe, ReadOut::Knn] {
        let fitted = read_out.fit(rows(40).view(), &labels).unwrap();
        let scores = fitted.scores(rows(10).view(), None).unwrap();
        let predicted: Vec<u8> = scores.iter().map(|s| u8::from(*s > 0.0)).collect();
        assert_eq!(predicted, labels[..10], "{read_out}: {scores:?}");
    }
}

#[test]
fn few_training_images_vote_with_an_odd_number() {
    let embeddings = array![[1.0f32, 0.0], [0.9, 0.1], [0.0, 1.0], [0.1, 0.9]];
    let fitted = ReadOut::Knn.fit(embeddings.view(), &[0, 0, 1, 1]).unwrap();
    let scores = fitted.scores(embeddings.view(), None).unwrap();
    assert!(scores[0] < 0.0 && scores[3] > 0.0, "{scores:?}");
}

#[test]
fn fit_rejects_invalid_training_data() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    let error = |e: &Array2<f32>, labels: &[u8]| {
        let fitted = ReadOut::Probe.fit(e.view(), labels);
        fitted.unwrap_err().to_string()
    };
    assert!(error(&embeddings, &[0]).contains("labels"));
    assert!(error(&embeddings, &[1, 1]).contains("no normal image"));
    let message = error(&array![[1.0f32, f32::NAN], [0.0, 1.0]], &[0, 1]);
    assert!(
        message.contains("training embeddings[1] = NaN"),
        "{message}"
    );
    let message = "svm".parse::<ReadOut>().unwrap_err().to_string();
    assert!(
        message.contains("svm") && message.contains("head, centroid, probe, knn"),
        "{message}"
    );
    assert!(Scores::new(&[], &[]).is_err());
    assert!(
        Scores::new(&[0.0, f32::INFINITY], &[0, 1])
            .unwrap_err()
            .to_string()
            .contains("scores[1]")
    );
}

#[test]
fn one_class_has_no_sensitivity_and_no_auroc() {
    let measured = metrics(&[0.5, -0.5], &[0, 0]);
    for metric in [Metric::Sensitivity, Metric::Auroc, Metric::BalancedAccuracy] {
        assert_eq!(measured.get(metric), None);
    }
    assert_eq!(measured.value(Metric::Specificity), Some(0.5));
}

#[test]
fn the_hyperplane_of_a_read_out_gives_its_scores() {
    let embeddings = Array2::from_shape_fn((12, 5), |(i, j)| ((i * 7 + j * 3) % 11) as f32 - 4.5);
    let labels: Vec<u8> = (0..12).map(|i| u8::from(i % 3 == 0)).collect();
    for read_out in [ReadOut::Centroid, ReadOut::Probe] {
        let fitted = read_out.fit(embeddings.view(), &labels).unwrap();
        let Some(LinearDecision::Hyperplane(plane)) = fitted.linear() else {
            panic!("{read_out} has no hyperplane");
        };
        let scores = fitted.scores(embeddings.view(), None).unwrap();
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
fn properties_of_a_read_out_match_its_fit() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    for read_out in ReadOut::ALL {
        let fitted = read_out.fit(embeddings.view(), &[0, 1]).unwrap();
        assert_eq!(fitted.read_out(), read_out);
        assert_eq!(fitted.linear().is_some(), read_out.has_derivative());
        let uses_logits = fitted.linear() == Some(LinearDecision::LogitMargin);
        assert_eq!(uses_logits, read_out.needs_head());
        assert_eq!(read_out.name().parse::<ReadOut>().unwrap(), read_out);
        let quoted = format!("\"{read_out}\"");
        assert_eq!(serde_json::to_string(&read_out).unwrap(), quoted);
    }
    assert!(!ReadOut::Knn.has_derivative() && ReadOut::Head.needs_head());
}

#[test]
fn scores_rejects_outputs_of_another_shape() {
    let embeddings = array![[1.0f32, 0.0], [0.0, 1.0]];
    let logits = Array2::zeros((1, 2));
    for read_out in ReadOut::ALL {
        let fitted = read_out.fit(embeddings.view(), &[0, 1]).unwrap();
        let message = |embeddings: Array2<f32>, logits: &Array2<f32>| {
            let scores = fitted.scores(embeddings.view(), Some(logits.view()));
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
    // Non-contiguous rows are checked too.
    let transposed = array![[1.0f32, 0.0], [f32::NAN, 1.0]].reversed_axes();
    let message = ReadOut::Knn.fit(transposed.view(), &[0, 1]).unwrap_err();
    assert!(message.to_string().contains("embeddings[1]"), "{message}");
    assert!(ReadOut::Knn.fit(embeddings.view(), &[0, 2]).is_err());
}

#[test]
fn a_point_for_each_class_is_fully_separated_and_one_point_for_both_is_not() {
    let separate = array![[2.0f32, 0.0], [1.0, 0.0], [0.0, 3.0], [0.0, 1.0]];
    let labels = [0, 0, 1, 1];
    assert_eq!(silhouette(separate.view(), &labels).unwrap(), Some(1.0));
    assert_eq!(nc1(separate.view(), &labels).unwrap(), Some(0.0));
    let same = Array2::<f32>::ones((4, 2));
    assert_eq!(silhouette(same.view(), &labels).unwrap(), Some(0.0));
    assert_eq!(nc1(same.view(), &labels).unwrap(), None);
    assert_eq!(silhouette(separate.view(), &[0, 0, 0, 1]).unwrap(), None);
    let nothing = decode(same.view(), &[&labels], same.view()).unwrap();
    assert_eq!(nothing, [[0.0; 4]]);
    assert_eq!(
        pca(same.view()).unwrap().explained_variance_ratio,
        [0.0, 0.0]
    );
    assert!(silhouette(separate.view(), &[0, 1]).is_err());
    assert!(decode(separate.view(), &[&labels], Array2::zeros((1, 3)).view()).is_err());
}
