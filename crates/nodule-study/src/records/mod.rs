//! Records: the data that a run leaves behind, and the network outputs that the report shows.

mod evaluation;
mod explanation;
mod run;
mod seed_text;
mod showcase;

pub use evaluation::{
    CombinationEvaluation, Evaluation, HeldOutScores, LayerDecodability, MapScores, ModeReliance,
    ProjectedEmbedding, ReadOutEvaluation, Representation, SurfacePoint, TestEvaluation,
    TimelinePoint,
};
pub use explanation::{Completeness, ExplainedImages, Explanation};
pub use run::{FailedRun, FinishedRun, RunRecord, RunSeeds, Timings, Versions};
pub use showcase::{
    CornerMaps, ExplainedNetwork, Gallery, GalleryRow, LayerSimilarity, NeighbourConsistency,
    NetworkMaps, PlaneNetwork, PlaneNodule, PlaneView, Randomisation, RandomisationCheck,
    RepresentationSimilarity, Showcase,
};
