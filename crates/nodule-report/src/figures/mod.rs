//! Figures: one file per figure, as SVG with text that stays text and one colour per loss.
//!
//! A new figure of the grid is a file here, its `mod` line and a line in [`grid_figures`]. [`panel_grid`] lays out panels with legend, titles
//! and axis labels; [`panel`] has axes; [`drawing`] writes SVG.

mod accuracy;
mod alt_text;
pub(crate) mod claim_effect;
mod colours;
mod curve_grid;
mod decision_surface;
mod decodability;
mod dose_response;
mod drawing;
mod embedding_pca;
mod estimate;
pub(crate) mod example_maps;
mod example_nodules;
pub(crate) mod explorer_data;
mod feature_and_use_cost;
mod figure;
pub(crate) mod forest;
pub(crate) mod main_result;
mod map_faithfulness;
mod markers;
pub(crate) mod multiverse;
mod panel;
mod panel_grid;
pub(crate) mod raster;
mod reliance;
mod reliance_and_accuracy;
pub(crate) mod salience;
mod sprite_sheet;
pub(crate) mod sweep;
mod timeline;
mod training_curves;
pub(crate) mod variance;
mod zero_contour;

use nodule_analysis::Runs;
use nodule_eval::ReadOut;
use nodule_study::records::Gallery;

use crate::Error;
use crate::topic::{Part, Topic, make_parts};

pub(crate) use figure::{Figure, train_titles};

/// Returns all figures that the finished runs of the grid allow. The first figure of a topic is shown open.
pub(crate) fn grid_figures(runs: &Runs, gallery: &Gallery) -> Result<Vec<(Topic, Figure)>, Error> {
    let nodules: [Part<Figure>; 1] = [(Topic::Setup, &|| example_nodules::figure(gallery))];
    let mut figures = make_parts(&nodules)?;
    if runs.all.is_empty() {
        return Ok(figures);
    }
    // The classifier that all losses have is first.
    let mut classifiers = runs.study.read_outs.clone();
    classifiers.sort_by_key(|read_out| Some(*read_out) != runs.main_read_out());
    let classifiers = &classifiers;
    let surface = |read_out: &ReadOut| decision_surface::figure(runs, *read_out);
    let parts: [Part<Figure>; 11] = [
        (Topic::Reliance, &|| reliance::figure(runs)),
        (Topic::Reliance, &|| {
            Ok(classifiers.iter().filter_map(surface).collect())
        }),
        (Topic::Reliance, &|| dose_response::figure(runs)),
        (Topic::Generalization, &|| {
            accuracy::figures(runs, classifiers)
        }),
        (Topic::Generalization, &|| {
            reliance_and_accuracy::figure(runs)
        }),
        (Topic::Embedding, &|| decodability::figure(runs)),
        (Topic::Embedding, &|| feature_and_use_cost::figure(runs)),
        (Topic::Embedding, &|| {
            Ok(Vec::from_iter(embedding_pca::figure(runs)))
        }),
        (Topic::SaliencyMaps, &|| {
            Ok(Vec::from_iter(map_faithfulness::figure(runs)))
        }),
        (Topic::Robustness, &|| timeline::figure(runs)),
        (Topic::QualityChecks, &|| {
            Ok(Vec::from_iter(training_curves::figure(runs)))
        }),
    ];
    figures.extend(make_parts(&parts)?);
    Ok(figures)
}
