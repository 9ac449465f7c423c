//! Linear decodability of the embedding, and feature and use costs, along a setting.

use nodule_analysis::endpoints::MODES;
use nodule_study::claims::{Cost, CostKind, embedding_auroc};
use nodule_study::records::FinishedRun;
use nodule_synth::Mode;

use super::early_predictors::SweepPoint;
use super::formatting::{MISSING, mean_interval_by_loss, strings, with_losses};
use super::{Source, Table};
use crate::Error;

/// A number of a run and a mode of variation, with its name if the table shows several.
type Measure<'a> = (
    Option<&'static str>,
    &'a dyn Fn(&FinishedRun, Mode) -> Option<f64>,
);

/// Returns one row per value, training distribution and mode; `None` if representations are not measured.
pub(crate) fn decodability(over: &str, points: &[SweepPoint]) -> Result<Option<Table>, Error> {
    let rows = rows(points, &[(None, &embedding_auroc)])?;
    let table = Table {
        name: format!("held-{over}"),
        caption: format!(
            "Linear decodability of the embedding along {over}. AUROC of a linear probe for shape and for texture, fitted on images in which the two are independent and tested on held-out images. Means with 95% bootstrap intervals over training seeds (n)."
        ),
        header: header(&[over, "training set", "mode of variation"], points),
        rows,
        source: Source::whole("layers"),
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// Returns one row per value, training distribution, mode and cost; `None` if the AUROC of decision scores is not
/// recorded.
pub(crate) fn costs(over: &str, points: &[SweepPoint]) -> Result<Option<Table>, Error> {
    let cost = |kind| move |run: &FinishedRun, mode| Cost { kind, mode }.compute(run);
    let (feature, using) = (cost(CostKind::Feature), cost(CostKind::Use));
    let measures: [Measure; 2] = [(Some("feature cost"), &feature), (Some("use cost"), &using)];
    let rows = rows(points, &measures)?;
    let table = Table {
        name: format!("costs-{over}"),
        caption: format!(
            "Feature cost and use cost along {over}, after Kirichenko et al. (2022). In AUROC, on images in which shape and texture are independent. Feature cost: 1 minus the AUROC of a linear probe of the embedding fitted on such images (a balanced probe). Use cost: AUROC of that probe minus AUROC of the decision score. Means with 95% bootstrap intervals over training seeds (n)."
        ),
        header: header(&[over, "training set", "mode of variation", "cost"], points),
        rows,
        source: Source::whole("separation"),
    };
    Ok((!table.rows.is_empty()).then_some(table))
}

/// Returns the rows with any number.
fn rows(points: &[SweepPoint], measures: &[Measure]) -> Result<Vec<Vec<String>>, Error> {
    let mut rows = Vec::new();
    for (value, runs) in points {
        for train in runs.study.train_names() {
            for mode in MODES {
                for (name, number) in measures {
                    let cells = mean_interval_by_loss(runs, train, &|run| number(run, mode))?;
                    if cells.iter().any(|cell| cell != MISSING) {
                        let mut row = vec![value.clone(), train.to_owned(), mode.to_string()];
                        row.extend(name.map(str::to_owned));
                        rows.push([row, cells].concat());
                    }
                }
            }
        }
    }
    Ok(rows)
}

/// Returns the headings of the first columns and the losses.
fn header(first: &[&str], points: &[SweepPoint]) -> Vec<String> {
    let study = points.first().map(|(_, runs)| runs.study);
    study.map_or_else(|| strings(first), |study| with_losses(first, study))
}
