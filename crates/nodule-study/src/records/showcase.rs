//! Network outputs and example images that the report shows, as plain arrays.

use std::fmt;

use nodule_config::Method;
use nodule_eval::ReadOut;
use nodule_eval::saliency::RelevanceMass;
use nodule_synth::{DataSet, FactorLevels, Latents};
use serde::{Deserialize, Serialize, Serializer};

/// Network outputs and example images that the report shows.
#[derive(Debug, Clone, Default)]
pub struct Showcase {
    /// Example nodules.
    pub gallery: Gallery,
    /// Decisions over the shape-texture plane, for the explorer. `None` if no network of the first seeds is finished.
    pub plane: Option<PlaneView>,
    /// Attribution maps of a few nodules, and their randomisation checks. `None` if `samples.maps` is 0.
    pub maps: Option<NetworkMaps>,
    /// Similarity of the networks' representations. Empty if `samples.representation` is 0.
    pub similarity: RepresentationSimilarity,
}

/// Similarity between the representations of networks of the first seeds, and neighbours in their embeddings.
#[derive(Debug, Clone, Default)]
pub struct RepresentationSimilarity {
    /// One entry per training set, seed, pair of losses and layer.
    pub layers: Vec<LayerSimilarity>,
    /// One entry per training set, seed and loss.
    pub neighbours: Vec<NeighbourConsistency>,
}

/// Similarity between one layer of two networks that differ only in their loss.
#[derive(Debug, Clone)]
pub struct LayerSimilarity {
    /// Training set of both networks.
    pub train: String,
    /// Seed number, from 0.
    pub seed: usize,
    /// Losses, in the study's order.
    pub losses: [String; 2],
    /// Name of the layer.
    pub layer: String,
    /// Linear centred kernel alignment, in [0, 1]. `None` if a layer is constant over the images.
    pub cka: Option<f64>,
}

/// Nearest-neighbour consistency of one network's embedding.
#[derive(Debug, Clone)]
pub struct NeighbourConsistency {
    /// Training set of the network.
    pub train: String,
    /// Seed number, from 0.
    pub seed: usize,
    /// Loss of the network.
    pub loss: String,
    /// Share of images whose nearest neighbour has the same shape, and the same texture.
    pub precision: [Option<f64>; 2],
}

/// Example nodules.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Gallery {
    /// One row per kind of nodule.
    pub rows: Vec<GalleryRow>,
}

/// Example nodules of one kind.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct GalleryRow {
    /// Kind of the nodules.
    pub label: String,
    /// Width and height of an image in pixels.
    pub image_size: usize,
    /// Intensities `[image_size, image_size]` in [0, 1].
    pub images: Vec<Vec<f32>>,
}

/// Nodules at every point of the shape-texture plane, and the networks' decisions on them.
///
/// Points go row by row of shape, from level 0 to 1, texture rising within a row. Corners are the points whose levels are
/// both 0 or 1, in the same order.
#[derive(Debug, Clone)]
pub struct PlaneView {
    /// Number of points along each side of the plane.
    pub points: usize,
    /// Width and height of an image in pixels.
    pub image_size: usize,
    /// Read-out whose decision score the maps explain. `None` if no map is shown.
    pub map_read_out: Option<ReadOut>,
    /// One nodule per combination of shape and texture.
    pub nodules: Vec<PlaneNodule>,
    /// One entry per training set, seed, loss and read-out.
    pub networks: Vec<PlaneNetwork>,
}

/// One nodule at every point of the plane.
#[derive(Debug, Clone)]
pub struct PlaneNodule {
    /// Combination that the nodule was drawn from.
    pub cell: FactorLevels,
    /// Latents as drawn. Over the plane, only shape and texture change.
    pub latents: Latents,
    /// Intensities `[points * points, image_size, image_size]` in [0, 1].
    pub images: Vec<f32>,
}

/// Decisions of one network with one read-out over the plane.
#[derive(Debug, Clone)]
pub struct PlaneNetwork {
    /// Training set of the network.
    pub train: String,
    /// Loss of the network.
    pub loss: String,
    /// Seed number, from 0.
    pub seed: usize,
    /// Read-out.
    pub read_out: ReadOut,
    /// Decision scores in SD units, `[nodules, points * points]`.
    pub decision_scores: Vec<f64>,
    /// Maps by each method that applies to the network. Empty for read-outs without maps.
    pub maps: Vec<CornerMaps>,
}

/// Maps of one network by one method at the corners of the plane.
#[derive(Debug, Clone)]
pub struct CornerMaps {
    /// Attribution method.
    pub method: Method,
    /// Maps of the decision score in SD units, `[nodules, 4, image_size, image_size]`.
    pub maps: Vec<f32>,
    /// Relevance mass of each map, `[nodules, 4]`.
    pub mass: Vec<RelevanceMass>,
}

/// Maps of the first seed's networks, one network per loss.
#[derive(Debug, Clone)]
pub struct NetworkMaps {
    /// Training set of the networks.
    pub train: String,
    /// Read-out whose decision score is explained.
    pub read_out: ReadOut,
    /// One nodule per combination of shape and texture.
    pub images: DataSet,
    /// One entry per loss.
    pub networks: Vec<ExplainedNetwork>,
    /// Randomisation checks by loss.
    pub randomisation: Vec<(String, RandomisationCheck)>,
}

/// Maps of one network.
#[derive(Debug, Clone)]
pub struct ExplainedNetwork {
    /// Loss of the network.
    pub loss: String,
    /// Decision score of each image, in SD units.
    pub decision_scores: Vec<f32>,
    /// Maps of the decision score in SD units, `[images, size, size]` per method.
    pub maps: Vec<(Method, Vec<f32>)>,
}

/// Similarity between the maps of a trained and a randomised network (Adebayo et al. 2018), mean over the images whose two
/// maps are not blank.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RandomisationCheck {
    /// Attribution method.
    pub method: Method,
    /// Randomisation part of the network.
    #[serde(rename = "layer")]
    pub randomisation: Randomisation,
    /// Number of images.
    pub n: usize,
    /// Number of images of which a map is blank.
    pub blank: usize,
    /// Structural similarity (SSIM) of the absolute maps, each scaled to its maximum.
    #[serde(rename = "similarity")]
    pub ssim: Option<f64>,
    /// Spearman's rank correlation of the absolute maps.
    pub rank_correlation: Option<f64>,
}

/// Part of a network, or of its training data, that is randomised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Randomisation {
    /// Weights of this layer and all later ones.
    FromLayer(String),
    /// Training labels.
    Labels,
}

impl fmt::Display for Randomisation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::FromLayer(layer) => layer,
            Self::Labels => "random labels",
        })
    }
}

impl Serialize for Randomisation {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
