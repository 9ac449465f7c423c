//! Table `[samples]`: numbers of images.

use serde::{Deserialize, Serialize};

/// Numbers of images of each kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Samples {
    /// Training images of a run.
    pub train: usize,
    /// Validation images of a run, from the training distribution.
    pub validation: usize,
    /// Images of each test set, shared by all runs.
    pub test: usize,
    /// Latents that are rendered as counterfactual pairs, shared by all runs.
    #[serde(rename = "probe")]
    pub pairs: usize,
    /// Latents averaged at each point of the decision surface, shared by all runs; 0 omits the surface.
    pub landscape: usize,
    /// Images whose attribution maps are scored, shared by all runs; 0 omits the maps.
    pub maps: usize,
    /// Images for the decodability of each layer, half for fitting and half for testing, shared by all runs; 0 omits it.
    pub representation: usize,
    /// Latents evaluated after every epoch at the corners of the shape-texture plane, shared by all runs; 0 omits the
    /// timeline.
    pub timeline: usize,
}

impl Default for Samples {
    /// The numbers of the study `quick` where every study needs some, and 0 elsewhere.
    fn default() -> Self {
        Self {
            train: 4096,
            validation: 512,
            test: 500,
            pairs: 128,
            landscape: 0,
            maps: 0,
            representation: 0,
            timeline: 0,
        }
    }
}
