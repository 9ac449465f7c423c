//! `evaluation.json`: everything that was measured on one trained network.

use nodule_config::Method;
use nodule_eval::{BestThreshold, Metrics, ReadOut, ScoreSd};
use nodule_synth::{Mode, ShapeLevel, TextureLevel};
use serde::{Deserialize, Serialize};

/// `evaluation.json`: everything that was measured on one trained network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// One entry per read-out, in the study's order. `contrastive` has no `head`.
    pub read_outs: Vec<ReadOutEvaluation>,
    /// What the layers hold; none where the study does not ask.
    pub representation: Option<Representation>,
    /// One entry an epoch, the untrained network first; empty where the study does not ask.
    pub timeline: Vec<TimelinePoint>,
}

/// What the layers of a network hold, whatever its decision makes of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Representation {
    /// In forward order.
    pub layers: Vec<LayerDecodability>,
    /// AUROC of shape and of texture by the network's own decision (the read-out that maps are made of), on the
    /// images that the layers are asked about; none in records older than this field, and for models whose
    /// decisions on them are not known.
    #[serde(default)]
    pub decided: Option<[Option<f64>; 2]>,
    /// Mean silhouette of the labels over the validation set's embeddings.
    pub silhouette: Option<f64>,
    /// Within-class variability of the same, over the distance between classes (NC1).
    pub collapse: Option<f64>,
    /// Shares of the variance that the picture's two axes explain.
    pub explained: [f64; 2],
    /// Embeddings in the plane of their first two principal components.
    pub picture: Vec<PicturedEmbedding>,
}

/// How well shape and texture can be read from one layer by a linear map: AUROC on images that it
/// was not fitted on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LayerDecodability {
    /// `conv1`, `conv2`, `fc1` or `embedding`.
    pub layer: String,
    /// High against low shape.
    pub shape: Option<f64>,
    /// High against low texture.
    pub texture: Option<f64>,
    /// Shape from the same layer of the network as it was before training.
    pub untrained_shape: Option<f64>,
    /// Likewise texture.
    pub untrained_texture: Option<f64>,
}

/// One image in the picture of the embedding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PicturedEmbedding {
    /// Level, [0, 1].
    pub shape: f64,
    /// Level, [0, 1].
    pub texture: f64,
    /// First component.
    pub x: f64,
    /// Second component.
    pub y: f64,
}

/// A network after one epoch, seen through the nearest-centroid read-out: the same for every loss.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct TimelinePoint {
    /// From 1; 0 is the untrained network.
    pub epoch: usize,
    /// Accuracy on validation images.
    pub validation_accuracy: f64,
    /// Mean of `ln(1 + exp(-y s))` over validation images, with the decision value `s` in spreads and
    /// `y` -1 or 1: a loss in one unit for networks that were trained with different ones.
    pub validation_loss: f64,
    /// Counterfactual effect of shape, in spreads.
    pub shape: f64,
    /// Counterfactual effect of texture, in spreads.
    pub texture: f64,
    /// AUROC of shape read linearly from the embedding.
    pub shape_decoded: Option<f64>,
    /// AUROC of texture read linearly from the embedding.
    pub texture_decoded: Option<f64>,
    /// Share decided rightly of regular (normal) and irregular (abnormal) nodules of homogeneous
    /// texture.
    pub shape_only: f64,
    /// Share decided rightly of homogeneous (normal) and heterogeneous (abnormal) nodules of regular
    /// shape.
    pub texture_only: f64,
}

/// One read-out of one network.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ReadOutEvaluation {
    /// The read-out.
    pub read_out: ReadOut,
    /// Standard deviation of the decision value over the in-distribution validation set: the
    /// unit of the counterfactual effects.
    pub spread: ScoreSd,
    /// In-distribution validation.
    pub validation: Metrics,
    /// The threshold that the validation labels would have chosen.
    pub validation_best: Option<BestThreshold>,
    /// One entry per test set, in the study's order. A set whose label is not identified
    /// (`conflict`) has two: `conflict-by-shape` and `conflict-by-texture`.
    pub tests: Vec<TestEvaluation>,
    /// Counterfactual effects, one per mode of variation.
    pub reliance: Vec<ModeReliance>,
    /// Decisions over the square of shape and texture, row by row of shape; empty where the study
    /// asks for none.
    pub landscape: Vec<LandscapePoint>,
    /// Scores of attribution maps, one a method; empty where the study asks for none, and for all
    /// read-outs but the one that maps are made of.
    pub maps: Vec<MapScores>,
}

/// The decision at one point of the square of shape and texture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct LandscapePoint {
    /// Level, [0, 1].
    pub shape: f64,
    /// Level, [0, 1].
    pub texture: f64,
    /// Mean decision value over the latents, in spreads.
    pub score: f64,
    /// Share of the latents decided as abnormal.
    pub abnormal: f64,
}

/// What the maps of one method look at, on average over images whose map is not blank.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct MapScores {
    /// The method.
    pub method: Method,
    /// Images.
    pub n: usize,
    /// Images whose map is blank.
    pub blank: usize,
    /// Share of the mass in the contour band over its share of the area.
    pub contour: Option<f64>,
    /// Likewise in the interior.
    pub interior: Option<f64>,
    /// Likewise in the background.
    pub background: Option<f64>,
    /// Share of maps whose largest value lies in the nodule.
    pub pointing: Option<f64>,
    /// Mean decision value, in spreads and towards the decision that was made, while the most
    /// important pixels are taken away: low for a faithful map. None for maps that were made elsewhere:
    /// the network cannot be asked.
    pub deletion: Option<f64>,
    /// Likewise while they are put back: high for a faithful map.
    pub insertion: Option<f64>,
    /// Median over images of how far a map is from adding up to the decision's change from black, as a
    /// share of that change. Of integrated gradients alone; none where no decision changes, and in
    /// records older than this field.
    #[serde(default)]
    pub completeness_gap: Option<f64>,
}

/// One test set under one read-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TestEvaluation {
    /// Name of the test set.
    pub test: String,
    /// Over the whole set, with 95% intervals over its images.
    pub metrics: Metrics,
    /// The threshold that the set's own labels would have chosen; none where a class is missing.
    pub best: Option<BestThreshold>,
    /// Per cell of the set's table.
    pub cells: Vec<CellEvaluation>,
}

/// One cell of a test set.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellEvaluation {
    /// Shape level.
    #[serde(with = "level_text")]
    pub shape: ShapeLevel,
    /// Texture level.
    #[serde(with = "level_text")]
    pub texture: TextureLevel,
    /// 0 normal, 1 abnormal.
    pub label: u8,
    /// Images.
    pub n: usize,
    /// Share decided as the label says.
    pub accuracy: f64,
    /// Accuracy of an ideal observer: it knows shape and texture and the set's table, but not the label; none of
    /// real outlines, whose labels are readers' ratings.
    pub ceiling: Option<f64>,
    /// Mean decision value, in spreads.
    pub mean_score: f64,
}

/// The counterfactual effect of one mode under one read-out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModeReliance {
    /// Shape, texture or a nuisance.
    pub mode: Mode,
    /// Mean change of the decision value from the mode's low to its high level, in spreads.
    pub effect: f64,
    /// Share of the pairs whose decision differs.
    pub flipped: f64,
    /// Share of the pairs that are normal at the low level and abnormal at the high one; the rest of
    /// the flipped ones go the other way.
    pub raised: f64,
}

/// Levels as tables spell them: `regular`, `any shape`.
mod level_text {
    use nodule_synth::{ShapeLevel, TextureLevel};
    use serde::de::Error as _;
    use serde::{Deserialize, Deserializer, Serializer};

    /// A level, by its text.
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
        let found = L::ALL.into_iter().find(|level| level.to_string() == text);
        found.ok_or_else(|| D::Error::custom(format!("{text:?} is no level")))
    }
}
