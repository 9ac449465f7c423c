//! Record `evaluation.json`: all measurements of one trained network.

use nodule_config::Method;
use nodule_eval::{BestThreshold, Metrics, ReadOut, RelianceIntervals, ScoreSd, SurfaceIntervals};
use nodule_synth::{Mode, ShapeLevel, TextureLevel};
use serde::{Deserialize, Serialize};

/// All measurements of one trained network: the content of `evaluation.json`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// One entry per read-out, in the study's order. `contrastive` has no `head`.
    pub read_outs: Vec<ReadOutEvaluation>,
    /// Measurements of the layers. `None` if `samples.representation` is 0.
    pub representation: Option<Representation>,
    /// One entry per epoch, the untrained network first. Empty if `samples.timeline` is 0.
    pub timeline: Vec<TimelinePoint>,
}

/// Information that the layers of a network hold, whether or not its decision uses it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Representation {
    /// Layers in forward order.
    pub layers: Vec<LayerDecodability>,
    /// AUROC of shape and of texture by the network's own decision (the read-out of the attribution maps), on the images
    /// that the layers are tested on. `None` for models whose decisions on them are unknown.
    #[serde(rename = "decided")]
    pub decision_auroc: Option<[Option<f64>; 2]>,
    /// Mean silhouette of the labels over the validation embeddings.
    pub silhouette: Option<f64>,
    /// Neural collapse NC1: within-class variability of the validation embeddings over the distance between classes.
    #[serde(rename = "collapse")]
    pub nc1: Option<f64>,
    /// Shares of the variance along the two axes of the projection.
    #[serde(rename = "explained")]
    pub explained_variance: [f64; 2],
    /// Embeddings on their first two principal components.
    #[serde(rename = "picture")]
    pub projection: Vec<ProjectedEmbedding>,
}

/// Linear decodability of shape and texture from one layer: AUROC on images that the linear map was not fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerDecodability {
    /// Name of the layer, such as `conv1`, `conv2`, `fc1` or `embedding`.
    pub layer: String,
    /// AUROC of high against low shape.
    pub shape: Option<f64>,
    /// AUROC of high against low texture.
    pub texture: Option<f64>,
    /// AUROC of shape from the same layer before training.
    pub untrained_shape: Option<f64>,
    /// AUROC of texture from the same layer before training.
    pub untrained_texture: Option<f64>,
}

/// Embedding of one image on the first two principal components.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ProjectedEmbedding {
    /// Shape level, [0, 1].
    pub shape: f64,
    /// Texture level, [0, 1].
    pub texture: f64,
    /// First component.
    pub x: f64,
    /// Second component.
    pub y: f64,
}

/// A network after one epoch, measured by the nearest-centroid classifier for every loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimelinePoint {
    /// Epoch from 1; 0 is the untrained network.
    pub epoch: usize,
    /// Accuracy on validation images.
    pub validation_accuracy: f64,
    /// Mean of `ln(1 + exp(-y s))` over validation images, with the decision score `s` in SD units and `y` -1 or 1. It has
    /// one unit for networks trained with different losses.
    pub validation_loss: f64,
    /// Counterfactual effect of shape, in SD units of the decision score.
    pub shape: f64,
    /// Counterfactual effect of texture, in SD units of the decision score.
    pub texture: f64,
    /// AUROC of shape, decoded linearly from the embedding.
    pub shape_decoded: Option<f64>,
    /// AUROC of texture, decoded linearly from the embedding.
    pub texture_decoded: Option<f64>,
    /// Accuracy on regular (normal) and irregular (abnormal) nodules of homogeneous texture.
    pub shape_only: f64,
    /// Accuracy on homogeneous (normal) and heterogeneous (abnormal) nodules of regular shape.
    pub texture_only: f64,
}

/// Measurements of one network with one read-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadOutEvaluation {
    /// Read-out.
    pub read_out: ReadOut,
    /// Standard deviation of the decision score over the validation images: the unit of counterfactual effects.
    #[serde(rename = "spread")]
    pub score_sd: ScoreSd,
    /// Metrics on the validation images of the training distribution.
    pub validation: Metrics,
    /// Threshold that is best on the validation labels.
    pub validation_best: Option<BestThreshold>,
    /// One entry per test set, in the study's order. A set whose label is not identified (`conflict`) has two:
    /// `conflict-by-shape` and `conflict-by-texture`.
    pub tests: Vec<TestEvaluation>,
    /// Counterfactual effects, one per mode of variation.
    pub reliance: Vec<ModeReliance>,
    /// Decision surface over the shape-texture plane, row by row of shape. Empty if `samples.landscape` is 0.
    #[serde(rename = "landscape")]
    pub decision_surface: Vec<SurfacePoint>,
    /// Scores of attribution maps, one per method. Empty if `samples.maps` is 0, and for all read-outs but the one that
    /// maps are made for.
    pub maps: Vec<MapScores>,
}

/// Decision at one point of the shape-texture plane.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SurfacePoint {
    /// Shape level, [0, 1].
    pub shape: f64,
    /// Texture level, [0, 1].
    pub texture: f64,
    /// Mean decision score over the latents, in SD units.
    pub score: f64,
    /// Share of the latents classified as abnormal.
    pub abnormal: f64,
    /// 95% intervals over the latents, of external models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervals: Option<SurfaceIntervals>,
}

/// Mean scores of one method's attribution maps over the images whose map is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MapScores {
    /// Attribution method.
    pub method: Method,
    /// Number of images.
    pub n: usize,
    /// Number of images whose map is blank.
    pub blank: usize,
    /// Relevance mass in the contour band over its share of the area.
    pub contour: Option<f64>,
    /// Relevance mass in the interior over its share of the area.
    pub interior: Option<f64>,
    /// Relevance mass in the background over its share of the area.
    pub background: Option<f64>,
    /// Pointing game: share of maps whose maximum lies in the nodule.
    #[serde(rename = "pointing")]
    pub pointing_game: Option<f64>,
    /// Mean decision score, in SD units and towards the network's decision, while the most important pixels are removed.
    /// Low for a faithful map. `None` for imported maps, whose network is not available.
    pub deletion: Option<f64>,
    /// Mean decision score while the most important pixels are inserted. High for a faithful map. `None` as above.
    pub insertion: Option<f64>,
    /// Median over images of the completeness gap: the part of the score's change from a black image that a map of
    /// integrated gradients misses. `None` for other methods, and if no score changes.
    pub completeness_gap: Option<f64>,
}

/// Results on one test set with one read-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestEvaluation {
    /// Name of the test set.
    pub test: String,
    /// Metrics on the whole set, with 95% intervals over its images.
    pub metrics: Metrics,
    /// Threshold that is best on the set's own labels. `None` if a class is missing.
    pub best: Option<BestThreshold>,
    /// Results per combination of factor levels in the set.
    #[serde(rename = "cells")]
    pub combinations: Vec<CombinationEvaluation>,
    /// Scores of the user's images whose groups other folds train on, for cross-validation.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held_out: Option<HeldOutScores>,
}

impl TestEvaluation {
    /// Returns the combination of label, shape and texture with the least accuracy, the first of equal ones. `None` if the
    /// levels of the images are unknown.
    #[must_use]
    pub fn worst_group(&self) -> Option<&CombinationEvaluation> {
        let combinations = self.combinations.iter();
        combinations.min_by(|a, b| a.accuracy.total_cmp(&b.accuracy))
    }
}

/// Decision scores of the images of held-out groups.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct HeldOutScores {
    /// Group of each image.
    pub groups: Vec<String>,
    /// Label of each image: 0 normal, 1 abnormal.
    pub labels: Vec<u8>,
    /// Decision score of each image.
    pub scores: Vec<f32>,
}

/// Results on the images of one combination of factor levels.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CombinationEvaluation {
    /// Shape level.
    #[serde(with = "level_text")]
    pub shape: ShapeLevel,
    /// Texture level.
    #[serde(with = "level_text")]
    pub texture: TextureLevel,
    /// 0 normal, 1 abnormal.
    pub label: u8,
    /// Number of images.
    pub n: usize,
    /// Share of images classified as labelled.
    pub accuracy: f64,
    /// Accuracy of an ideal observer, which knows shape, texture and the set's table, but not the label. `None` for real
    /// outlines, whose labels are readers' ratings.
    #[serde(rename = "ceiling")]
    pub ideal_observer: Option<f64>,
    /// Mean decision score, in SD units.
    pub mean_score: f64,
}

/// Counterfactual effect of one mode of variation with one read-out.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ModeReliance {
    /// Mode of variation: shape, texture or a nuisance.
    pub mode: Mode,
    /// Mean change of the decision score from the mode's low to its high level, in SD units.
    pub effect: f64,
    /// Share of the pairs whose decision differs.
    pub flipped: f64,
    /// Share of the pairs that are normal at the low level and abnormal at the high one.
    pub raised: f64,
    /// 95% intervals over the pairs, of external models.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub intervals: Option<RelianceIntervals>,
}

/// Serde format of levels, as in tables: `regular`, `any shape`.
mod level_text {
    use nodule_synth::{ShapeLevel, TextureLevel};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    /// Level with a fixed set of values.
    pub(super) trait Level: Copy + std::fmt::Display + 'static {
        const ALL: [Self; 3];
    }

    impl Level for ShapeLevel {
        const ALL: [Self; 3] = [Self::Regular, Self::Irregular, Self::Any];
    }

    impl Level for TextureLevel {
        const ALL: [Self; 3] = [Self::Homogeneous, Self::Heterogeneous, Self::Any];
    }

    pub(super) fn serialize<L: Level, S: Serializer>(
        level: &L,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(level)
    }

    pub(super) fn deserialize<'de, L: Level, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<L, D::Error> {
        let text = String::deserialize(deserializer)?;
        L::ALL
            .into_iter()
            .find(|level| level.to_string() == text)
            .ok_or_else(|| D::Error::custom(format!("{text:?} is not a level")))
    }
}
