//! From finished runs to tables, figures and the report.

use std::path::PathBuf;

use nodule_synth::{Distribution, generate};

use crate::Error;
use crate::hypotheses::{Verdict, judge};
use crate::load::Resolved;
use crate::networks::networks;
use crate::output::Output;
use crate::plan::{grid, plan, shared_seed};
use crate::report::{Gallery, GalleryRow, write_whole_report};
use crate::robustness::robustness;
use crate::sets::generator;
use crate::tables::{write_extra, write_tables};

/// Nodules a row of the gallery shows.
const GALLERY_COLUMNS: usize = 8;

/// What a summary leaves for the terminal.
#[derive(Debug, Clone)]
pub struct Summary {
    /// The verdicts, in the study's order.
    pub verdicts: Vec<Verdict>,
    /// The page.
    pub report: PathBuf,
    /// Runs that are in it.
    pub finished: usize,
    /// Runs that the study plans.
    pub planned: usize,
}

/// Writes the tables, the figures and the report of all finished runs of the study on a device of
/// that kind (`cpu` or `cuda`). The result is a pure function of those runs.
///
/// # Errors
/// If a run cannot be read back, or a file cannot be written.
pub fn summarise(
    resolved: &Resolved,
    device_kind: &str,
    output: &Output,
) -> Result<Summary, Error> {
    let specs = grid(resolved, device_kind);
    let runs = output.finished(resolved, &specs)?;
    let study = resolved.named();
    let verdicts = judge(&study, &runs);
    let beyond = robustness(resolved, &study, &runs, device_kind, output)?;
    let extra = beyond.and(networks(resolved, &specs, &runs, output)?);
    write_tables(&study, &runs, &verdicts, output.path())?;
    write_extra(&extra, output.path())?;
    let report = write_whole_report(&study, &runs, &gallery(resolved)?, extra, output.path())?;
    let all = plan(resolved, device_kind);
    Ok(Summary {
        verdicts,
        report,
        finished: all.iter().filter(|spec| output.is_done(spec)).count(),
        planned: all.len(),
    })
}

/// Examples of every cell of shape and texture, and of the real outlines where they are tested.
fn gallery(resolved: &Resolved) -> Result<Gallery, Error> {
    let generator = generator(resolved)?;
    let mut rows = Vec::new();
    for name in ["factorial", "lidc"] {
        let Some(distribution) = Distribution::named(name) else {
            continue;
        };
        if name == "lidc" && !resolved.test.iter().any(|d| d.name == name) {
            continue;
        }
        let seed = shared_seed(resolved.study.root_seed, "gallery", name);
        let data = generate(&generator, &distribution, seed, 24 * GALLERY_COLUMNS)?;
        rows.extend(rows_by_cell(
            &data,
            if name == "lidc" { "real outline, " } else { "" },
        ));
    }
    Ok(Gallery { rows })
}

fn rows_by_cell(data: &nodule_synth::DataSet, prefix: &str) -> Vec<GalleryRow> {
    let pixels = data.image_size * data.image_size;
    let mut rows: std::collections::BTreeMap<(u8, String), GalleryRow> =
        std::collections::BTreeMap::new();
    for (i, image) in data.images.chunks(pixels).enumerate() {
        let label = format!("{prefix}{}, {}", data.cells[i].shape, data.cells[i].texture);
        let row = rows
            .entry((data.labels[i], label.clone()))
            .or_insert_with(|| GalleryRow {
                label,
                images: Vec::new(),
            });
        if row.images.len() < GALLERY_COLUMNS {
            row.images.push((data.image_size, image.to_vec()));
        }
    }
    rows.into_values().collect()
}
