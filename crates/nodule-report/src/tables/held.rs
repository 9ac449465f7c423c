//! What embeddings hold of each mode, and what it costs that they do not hold or do not use it, along a setting.

use nodule_study::records::FinishedRun;
use nodule_synth::Mode;

use super::Table;
use super::cells::{NONE, by_loss_interval, texts};
use super::foretold::Place;
use super::source::Source;
use crate::Error;
use nodule_analysis::endpoints::MODES;
use nodule_study::claims::{Cost, CostKind, embedding_auroc};

/// A number of a run and a mode.
type OfMode = fn(&FinishedRun, Mode) -> Option<f64>;

/// One row a place, training distribution and mode, one column a loss; none where no study looks at layers.
pub(crate) fn held(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    let rows = rows(places, &[(None, embedding_auroc)])?;
    let table = Table {
        source: Source::whole("layers", 3),
        name: format!("held-{over}"),
        caption: format!(
            "What embeddings hold, along {over}: AUROC of shape and of texture, read by a linear map that was fitted where the two are independent, on images that it was not fitted on. Means with 95% bootstrap intervals over seeds (n)."
        ),
        header: header(&[over, "train", "mode"], places),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// One row a place, training distribution, mode and cost, one column a loss; none where no record knows the
/// decisions on the images that layers are asked about.
pub(crate) fn costs(over: &str, places: &[Place]) -> Result<Option<Table>, Error> {
    let costs: [(Option<&str>, OfMode); 2] = [
        (Some("feature cost"), |run, mode| {
            let kind = CostKind::Feature;
            Cost { kind, mode }.compute(run)
        }),
        (Some("use cost"), |run, mode| {
            let kind = CostKind::Use;
            Cost { kind, mode }.compute(run)
        }),
    ];
    let rows = rows(places, &costs)?;
    let table = Table {
        source: Source::whole("separation", 4),
        name: format!("costs-{over}"),
        caption: "Not learned, or not used? In AUROC, on the same images, in which shape and texture are independent. Feature cost: what a linear probe of the embedding misses of a mode, fitted on such images (a balanced read-out, after Kirichenko et al. 2022). Use cost: by how much that probe tells the mode better than the network's own decision does. Means with 95% bootstrap intervals over seeds (n).".into(),
        header: header(&[over, "train", "mode", "cost"], places),
        rows,
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// Those that have any number: headed by place, training distribution, mode, and the name of the number if it has
/// one.
fn rows(places: &[Place], numbers: &[(Option<&str>, OfMode)]) -> Result<Vec<Vec<String>>, Error> {
    let mut rows = Vec::new();
    for (place, runs) in places {
        for train in runs.study.train_names() {
            for mode in MODES {
                for (name, of) in numbers {
                    let cells = by_loss_interval(runs, train, &|run| of(run, mode))?;
                    if cells.iter().any(|cell| cell != NONE) {
                        let mut row = vec![place.clone(), train.to_owned(), mode.to_string()];
                        row.extend(name.map(str::to_owned));
                        rows.push([row, cells].concat());
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// The heads of the rows, and the losses.
fn header(heads: &[&str], places: &[Place]) -> Vec<String> {
    let losses = places
        .first()
        .map_or(&[][..], |(_, runs)| &runs.study.losses);
    [texts(heads), losses.to_vec()].concat()
}
