//! Example nodules of every cell of shape and texture, and of the real outlines where they are tested.

use std::collections::BTreeMap;

use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{Gallery, GalleryRow};
use nodule_study::{Error, Resolved};
use nodule_synth::{DataSet, Distribution, Label, Split};

use super::generator;

/// Nodules a row shows.
const COLUMNS: usize = 8;
/// Images that are drawn for each of them, so that every cell comes up often enough.
const DRAWN: usize = 24 * COLUMNS;

/// A few of each cell.
///
/// # Errors
/// If they do not fit into memory.
pub fn gallery(resolved: &Resolved) -> Result<Gallery, Error> {
    let generator = generator(resolved, Split::Test)?;
    let all_cells = Distribution::resolve("factorial")?;
    let real = resolved.test.iter().filter(|d| d.has_real_outlines());
    let mut rows = Vec::new();
    for (distribution, prefix) in
        std::iter::once((&all_cells, "")).chain(real.map(|d| (d, "real outline, ")))
    {
        let seed = derive_shared_seed(resolved.study.root_seed, "gallery", &distribution.name);
        let data = generator.generate(distribution, seed, 0..DRAWN)?;
        rows.extend(rows_by_cell(&data, prefix));
    }
    Ok(Gallery { rows })
}

fn rows_by_cell(data: &DataSet, prefix: &str) -> Vec<GalleryRow> {
    let pixels = data.image_size * data.image_size;
    let mut rows: BTreeMap<(Label, String), GalleryRow> = BTreeMap::new();
    for (i, image) in data.images.chunks(pixels).enumerate() {
        let label = format!("{prefix}{}", data.levels[i]);
        let row = rows
            .entry((data.labels[i], label.clone()))
            .or_insert_with(|| GalleryRow {
                label,
                image_size: data.image_size,
                images: Vec::new(),
            });
        if row.images.len() < COLUMNS {
            row.images.push(image.to_vec());
        }
    }
    rows.into_values().collect()
}
