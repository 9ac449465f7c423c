//! A study from its file to its report.
//!
//! A study file names training distributions, losses, seeds and tests; [`load_study`] resolves
//! and checks it, [`plan`] turns it into runs with content-addressed ids, [`execute`] carries out
//! those that are not done, and [`summarise`] makes tables, figures, verdicts and a page of the
//! finished ones. The stages meet only at files, so each can be repeated alone.

mod check;
mod csv_text;
mod decision;
mod dose;
mod error;
mod evaluate;
mod execute;
mod explain;
mod explorer;
mod extra;
mod figures;
mod folder;
mod hypotheses;
mod landscape;
mod load;
mod loss;
mod machine;
mod maps;
mod matched;
mod measure;
mod networks;
mod numbers;
mod opened;
mod output;
mod picture;
mod plan;
mod progress;
mod prose;
mod record;
mod report;
mod representation;
mod robustness;
mod run;
mod scoring;
mod select;
mod sets;
mod settings;
mod slurm;
mod source;
mod summary;
mod table;
mod tables;
mod tensor;
mod threshold;
mod timeline;
mod vary;

pub use error::Error;
pub use execute::{Execution, execute};
pub use explain::{ExplainSettings, How, SanityRow, check_sanity, explain_run};
pub use folder::write_atomic;
pub use hypotheses::{Ruling, Verdict, judge, verdict_lines};
pub use load::{Resolved, load_study};
pub use loss::LossSettings;
pub use measure::measure_run;
pub use output::{Output, open_output, read_output};
pub use plan::{RunSpec, SeedNumbers, plan};
pub use record::{
    CellEvaluation, Evaluation, FinishedRun, LandscapePoint, LayerDecodability, MapScores,
    ModeReliance, PicturedEmbedding, ReadOutEvaluation, Representation, RunRecord, RunSeeds,
    TestEvaluation, TimelinePoint, Timings, Versions,
};
pub use report::{Gallery, GalleryRow, write_report};
pub use run::versions;
pub use settings::{
    Arm, Combine, Contrast, Contrastive, Crossed, Endpoint, Hypothesis, Samples, Study, Vary,
};
pub use slurm::{Slurm, execute_on_slurm};
pub use summary::{Summary, summarise};
pub use tables::write_tables;
pub use vary::Variant;
