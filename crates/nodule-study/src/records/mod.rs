//! What does a run leave behind? Plain data: what is written beside a trained network, and what a report
//! shows of networks, as arrays.

mod evaluation;
mod explanation;
mod run;
mod showcase;

pub use evaluation::{
    CellEvaluation, Evaluation, LandscapePoint, LayerDecodability, MapScores, ModeReliance,
    PicturedEmbedding, ReadOutEvaluation, Representation, TestEvaluation, TimelinePoint,
};
pub use explanation::{Completeness, ExplainedImages, Explanation};
pub use run::{FailedRun, FinishedRun, RunRecord, RunSeeds, Timings, Versions};
pub use showcase::{
    Alike, AlikeLayer, CornerMaps, ExplainedNetwork, Explored, Gallery, GalleryRow, Neighbours,
    NetworkMaps, Randomised, RandomisedMaps, Showcase, SquareNodule, SquareView,
};
