//! Checks of the numbers of images.

use nodule_error::{InvalidInput, conflict, invalid_value};

use super::check_range;
use crate::file::{ImageSet, Study};

/// Maximum number of images of one set: 64x64 pixels of this many are 16 GB.
pub(crate) const MAX_IMAGES: usize = 1_000_000;
/// Maximum number of images whose similarity matrix is computed: 200 MB.
const MAX_COMPARED: usize = 10_000;

/// Checks the ranges, that training and validation images make at least one batch, and that the training is long enough
/// for its stopping rule.
pub(super) fn check_samples(study: &Study) -> Result<(), InvalidInput> {
    let samples = &study.samples;
    for (name, value, low, high) in [
        ("train", samples.train, 1, MAX_IMAGES),
        ("validation", samples.validation, 1, MAX_IMAGES),
        ("test", samples.test, 1, MAX_IMAGES),
        ("probe", samples.pairs, 1, MAX_IMAGES),
        ("landscape", samples.landscape, 0, MAX_IMAGES / 100),
        ("maps", samples.maps, 0, MAX_IMAGES),
        ("timeline", samples.timeline, 0, MAX_IMAGES / 4),
        ("representation", samples.representation, 0, MAX_COMPARED),
    ] {
        check_range(&format!("samples.{name}"), value, low, high)?;
    }
    for (name, value) in [
        ("representation", samples.representation),
        ("timeline", samples.timeline),
    ] {
        if value == 1 {
            let allowed = "0 or at least 2 (half is used for fitting, half for testing)";
            return Err(invalid_value(format!("samples.{name}"), value, allowed));
        }
    }
    for (table, training) in study.training.tables() {
        for (name, value) in [("train", samples.train), ("validation", samples.validation)] {
            let batch_size = training.batch_size;
            if value < batch_size {
                let reason = format!(
                    "{value} images are less than one batch ({table}.batch_size = {batch_size})"
                );
                return Err(conflict(format!("samples.{name}"), reason));
            }
        }
        // The number of the user's own images depends on the fold.
        let is_generated = |set: &ImageSet| matches!(set, ImageSet::Distribution(_));
        if study.train.iter().any(is_generated) {
            let checked = training.check_plateau(samples.train);
            checked.map_err(|e| e.in_table(&table))?;
        }
    }
    Ok(())
}
