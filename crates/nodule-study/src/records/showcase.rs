//! What a report shows of networks themselves, as plain arrays: whoever opens networks fills it, whoever
//! draws pictures reads it.

use nodule_eval::ReadOut;
use nodule_explain::Method;
use nodule_synth::DataSet;
use serde::{Serialize, Serializer};

/// Everything that a report shows of networks and of the images themselves.
#[derive(Debug, Clone, Default)]
pub struct Showcase {
    /// Example nodules.
    pub gallery: Gallery,
    /// The decision over the square of shape and texture, to move over; none where no network of the
    /// first seed is finished.
    pub square: Option<SquareView>,
    /// Maps of a few nodules side by side, and whether maps depend on what was learned; none where the
    /// study asks for no maps.
    pub maps: Option<NetworkMaps>,
}

/// Example nodules.
#[derive(Debug, Clone, Default)]
pub struct Gallery {
    /// One row a kind of nodule.
    pub rows: Vec<GalleryRow>,
}

/// Nodules of one kind.
#[derive(Debug, Clone)]
pub struct GalleryRow {
    /// What they have in common.
    pub label: String,
    /// Width and height of each, in pixels.
    pub image_size: usize,
    /// Intensities `[image_size, image_size]` in [0, 1].
    pub images: Vec<Vec<f32>>,
}

/// One nodule at every point of the square of shape and texture, and what networks make of it. Points go
/// row by row of shape, from level 0 to 1, texture rising within a row.
#[derive(Debug, Clone)]
pub struct SquareView {
    /// What the networks were trained on.
    pub train: String,
    /// Points along each side of the square.
    pub points: usize,
    /// Width and height of an image, in pixels.
    pub image_size: usize,
    /// `[points * points, image_size, image_size]`, in [0, 1].
    pub images: Vec<f32>,
    /// One entry a loss and read-out.
    pub networks: Vec<Explored>,
}

/// One network under one read-out over the square.
#[derive(Debug, Clone)]
pub struct Explored {
    /// The loss.
    pub loss: String,
    /// The read-out.
    pub read_out: ReadOut,
    /// Decision value at each point, in spreads.
    pub decisions: Vec<f64>,
    /// A map of each image (vanilla gradient of the decision value); none where the decision has no
    /// derivative.
    pub maps: Option<Vec<f32>>,
}

/// Maps of the first seed's networks, one network a loss.
#[derive(Debug, Clone)]
pub struct NetworkMaps {
    /// What the networks were trained on.
    pub train: String,
    /// Whose decision is mapped.
    pub read_out: ReadOut,
    /// One nodule of each cell.
    pub shown: DataSet,
    /// One entry a loss.
    pub networks: Vec<ExplainedNetwork>,
    /// How alike maps are before and after what was learned is taken away.
    pub randomised: Vec<(String, RandomisedMaps)>,
}

/// The maps of one network.
#[derive(Debug, Clone)]
pub struct ExplainedNetwork {
    /// The loss.
    pub loss: String,
    /// Decision value of each image, in spreads.
    pub decisions: Vec<f32>,
    /// `[images, size, size]` for each method, of the decision value in spreads.
    pub maps: Vec<(Method, Vec<f32>)>,
}

/// How alike the maps of one method are before and after (model parameter randomisation: Adebayo et al.
/// 2018), mean over the images whose two maps are not blank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomisedMaps {
    /// The method.
    pub method: Method,
    /// What was taken away.
    #[serde(rename = "layer")]
    pub randomised: Randomised,
    /// Images.
    pub n: usize,
    /// Images of which a map was blank before or after.
    pub blank: usize,
    /// Structural similarity of the absolute maps, each scaled to its largest value.
    pub similarity: Option<f64>,
    /// Spearman's correlation of the absolute maps.
    pub rank_correlation: Option<f64>,
}

/// What of the learned was taken away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Randomised {
    /// This layer is random, and all after it.
    From(String),
    /// The whole network was trained on random labels.
    Labels,
}

impl std::fmt::Display for Randomised {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(match self {
            Self::From(layer) => layer,
            Self::Labels => "random labels",
        })
    }
}

impl Serialize for Randomised {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
