//! Example nodules for the report: every combination of shape and texture level, and real outlines if tested.

use std::collections::BTreeMap;

use nodule_study::plan::derive_shared_seed;
use nodule_study::records::{Gallery, GalleryRow};
use nodule_study::{Error, Resolved};
use nodule_synth::{DataSet, Distribution, Label, Split};

use super::build_generator;

/// Nodules per row.
const COLUMNS: usize = 8;
/// Images generated per distribution: enough that every combination occurs `COLUMNS` times.
const GENERATED: usize = 24 * COLUMNS;

/// Generates one row of examples per combination.
///
/// # Errors
/// If the images do not fit into memory.
pub fn generate_gallery(resolved: &Resolved) -> Result<Gallery, Error> {
    let generator = build_generator(resolved, Split::Test)?;
    let factorial = Distribution::resolve("factorial")?;
    let real = resolved.test.iter().filter(|d| d.has_real_outlines());
    let mut rows = Vec::new();
    for (distribution, prefix) in
        std::iter::once((&factorial, "")).chain(real.map(|d| (d, "real outline, ")))
    {
        let seed = derive_shared_seed(resolved.study.root_seed, "gallery", &distribution.name);
        let data = generator.generate(distribution, seed, 0..GENERATED)?;
        rows.extend(group_by_levels(&data, prefix));
    }
    Ok(Gallery { rows })
}

fn group_by_levels(data: &DataSet, prefix: &str) -> Vec<GalleryRow> {
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
