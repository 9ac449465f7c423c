//! `labels.csv`: a row for every image of every set, with all of its latents.

use nodule_study::Error;
use nodule_synth::Latents;

use crate::Battery;

/// The file's name.
pub(super) const LABELS: &str = "labels.csv";

/// What is known of an image beside its latents, and its latents.
pub(super) fn columns() -> impl Iterator<Item = &'static str> {
    let beside = [
        "set",
        "index",
        "id",
        "label",
        "shape_level",
        "texture_level",
    ];
    beside.into_iter().chain(Latents::COLUMNS)
}

/// Its text.
pub(super) fn labels_csv(battery: &Battery) -> Result<Vec<u8>, Error> {
    let failed = |e: String| Error::made(LABELS, e);
    let mut out = csv::WriterBuilder::new()
        .has_headers(false)
        .from_writer(Vec::new());
    out.write_record(columns())
        .map_err(|e| failed(e.to_string()))?;
    for set in battery.sets() {
        let name = set.name();
        for (index, (drawn, id)) in set.drawn.iter().zip(set.ids()).enumerate() {
            let levels = (
                drawn.levels.shape.to_string(),
                drawn.levels.texture.to_string(),
            );
            let row = (
                &name,
                index,
                id,
                u8::from(drawn.label),
                levels,
                &drawn.latents,
            );
            out.serialize(row).map_err(|e| failed(e.to_string()))?;
        }
    }
    out.into_inner().map_err(|e| failed(e.to_string()))
}
