//! A study file, the runs it means, and what they leave behind.
//!
//! [`load_study`] reads a file that names training distributions, losses, seeds and tests, and checks all
//! of it; [`plan`] says which runs it means, with ids that hash what changes their numbers; the records
//! are what a run leaves behind, plain data; and [`Output`] is where they lie. Nothing here trains,
//! measures or draws: `nodule-run` carries runs out, `nodule-report` tells what they say.
//!
//! ```
//! use nodule_study::{Registry, load_study, plan};
//!
//! let smoke = load_study("smoke", &Registry::default())?;
//! assert_eq!(plan(&smoke, "cpu").len(), 18);
//! # Ok::<(), nodule_study::Error>(())
//! ```

mod csv;
mod error;
mod files;
mod plan;
mod records;
mod results;
mod settings;
mod text;

pub use csv::{Cell, Column, CsvFile};
pub use error::Error;
pub use files::{create_folder, write_atomic};
pub use plan::{RunSettings, RunSpec, SeedNumbers, crossed, grid, plan, shared_seed, versions};
pub use records::{
    CellEvaluation, Completeness, Evaluation, ExplainedNetwork, Explanation, Explored, FailedRun,
    FinishedRun, Gallery, GalleryRow, LandscapePoint, LayerDecodability, MapScores, ModeReliance,
    NetworkMaps, PicturedEmbedding, Randomised, RandomisedMaps, ReadOutEvaluation, Representation,
    RunRecord, RunSeeds, Showcase, SquareView, TestEvaluation, TimelinePoint, Timings, Versions,
};
pub use results::{
    AtWork, Claim, Output, RunFolder, claim, failure, is_done, open_output, read_output,
    read_record,
};
pub use settings::{
    Arm, Combine, Contrast, Crossed, Endpoint, FEWEST_SEEDS, Hypothesis, LabelRule, Registry,
    Resolved, Samples, Study, StudyLoss, StudyNetwork, Variant, Vary, built_in_losses,
    built_in_studies, label_rules, learnable, load_study, map_read_out, scored_name,
    shared_read_outs, warnings,
};
pub use text::{duration_text, magnitude, number, p_value};
