//! What a report shows of networks themselves, as plain arrays: whoever opens networks fills it, whoever
//! draws pictures reads it.

use nodule_config::Method;
use nodule_eval::ReadOut;
use nodule_eval::saliency::RelevanceMass;
use nodule_synth::{CellName, DataSet, Latents};
use serde::{Serialize, Serializer};

/// Everything that a report shows of networks and of the images themselves.
#[derive(Debug, Clone, Default)]
pub struct Showcase {
    /// Example nodules.
    pub gallery: Gallery,
    /// The decision over the square of shape and texture, to move over; none where no network of the
    /// first seeds is finished.
    pub square: Option<SquareView>,
    /// Maps of a few nodules side by side, and whether maps depend on what was learned; none where the
    /// study asks for no maps.
    pub maps: Option<NetworkMaps>,
    /// What networks of one seed hold in common; empty where the study does not look at layers.
    pub alike: Alike,
}

/// What the networks of the first seeds hold in common, layer by layer, and what lies together in their
/// embeddings.
#[derive(Debug, Clone, Default)]
pub struct Alike {
    /// One entry a training distribution, seed, pair of losses and layer.
    pub layers: Vec<AlikeLayer>,
    /// One entry a training distribution, seed and loss.
    pub neighbours: Vec<Neighbours>,
}

/// One layer of two networks that differ in their loss alone.
#[derive(Debug, Clone)]
pub struct AlikeLayer {
    /// What both were trained on.
    pub train: String,
    /// The seed's number, from 0.
    pub seed: usize,
    /// The losses, in the study's order.
    pub losses: [String; 2],
    /// Its name.
    pub layer: String,
    /// Linear centred kernel alignment, in [0, 1]; none where one of them says the same of all images.
    pub cka: Option<f64>,
}

/// What lies together in the embedding of one network.
#[derive(Debug, Clone)]
pub struct Neighbours {
    /// What it was trained on.
    pub train: String,
    /// The seed's number, from 0.
    pub seed: usize,
    /// Its loss.
    pub loss: String,
    /// The share of images whose nearest other image has the same shape, and the same texture.
    pub precision: [Option<f64>; 2],
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

/// A few nodules at every point of the square of shape and texture, and what networks make of them. Points go
/// row by row of shape, from level 0 to 1, texture rising within a row; corners are those of its points where
/// both levels are 0 or 1, in the same order.
#[derive(Debug, Clone)]
pub struct SquareView {
    /// Points along each side of the square.
    pub points: usize,
    /// Width and height of an image, in pixels.
    pub image_size: usize,
    /// Whose decisions are mapped; none where no map is shown.
    pub map_read_out: Option<ReadOut>,
    /// One of each cell of shape and texture.
    pub nodules: Vec<SquareNodule>,
    /// One entry a training distribution, seed, loss and read-out.
    pub networks: Vec<Explored>,
}

/// One nodule at every point of the square.
#[derive(Debug, Clone)]
pub struct SquareNodule {
    /// The cell it was drawn from.
    pub cell: CellName,
    /// As it was drawn; over the square its shape and texture alone change.
    pub latents: Latents,
    /// `[points * points, image_size, image_size]`, in [0, 1].
    pub images: Vec<f32>,
}

/// One network under one read-out over the square.
#[derive(Debug, Clone)]
pub struct Explored {
    /// What the network was trained on.
    pub train: String,
    /// The loss.
    pub loss: String,
    /// The seed's number, from 0.
    pub seed: usize,
    /// The read-out.
    pub read_out: ReadOut,
    /// Decision value in spreads, `[nodules, points * points]`.
    pub decisions: Vec<f64>,
    /// By each method that suits the network; none for other read-outs than the one that is mapped.
    pub maps: Vec<CornerMaps>,
}

/// The maps of one network by one method at the corners of the square.
#[derive(Debug, Clone)]
pub struct CornerMaps {
    /// The method.
    pub method: Method,
    /// `[nodules, 4, image_size, image_size]`, of the decision value in spreads.
    pub maps: Vec<f32>,
    /// Where each map's mass lies, `[nodules, 4]`.
    pub mass: Vec<RelevanceMass>,
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
