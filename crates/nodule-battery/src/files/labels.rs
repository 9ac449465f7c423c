//! `labels.csv`: one row per image of every set, with all its latents.

use nodule_study::Error;
use nodule_synth::Latents;

use crate::Battery;

/// Name of the file.
pub(super) const LABELS: &str = "labels.csv";

/// Returns the names of all columns.
pub(super) fn columns() -> impl Iterator<Item = &'static str> {
    let columns = [
        "set",
        "index",
        "id",
        "label",
        "shape_level",
        "texture_level",
    ];
    columns.into_iter().chain(Latents::COLUMNS)
}

/// Returns the text of the file.
pub(super) fn labels_csv(battery: &Battery) -> Result<Vec<u8>, Error> {
    let to_error = |e: String| Error::cannot_make(LABELS, e);
    let mut out = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    out.write_record(columns())
        .map_err(|e| to_error(e.to_string()))?;
    for set in battery.sets() {
        let name = set.name();
        for (index, (sample, id)) in set.samples.iter().zip(set.ids()).enumerate() {
            let levels = (
                sample.levels.shape.to_string(),
                sample.levels.texture.to_string(),
            );
            let row = (
                &name,
                index,
                id,
                u8::from(sample.label),
                levels,
                &sample.latents,
            );
            out.serialize(row).map_err(|e| to_error(e.to_string()))?;
        }
    }
    out.into_inner().map_err(|e| to_error(e.to_string()))
}
