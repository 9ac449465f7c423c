//! Example nodules: one for each combination of shape and texture.

use std::collections::BTreeMap;

use nodule_battery::sets::generate_factorial;
use nodule_synth::{DataSet, Generator};

use crate::Error;

/// Number of images that are generated to find one per combination: enough for all four.
const GENERATED: usize = 64;

/// Returns the first image of each combination of factor levels among the images of `seed`, in the order of the levels.
pub(crate) fn one_nodule_per_combination(
    generator: &Generator,
    seed: u64,
) -> Result<DataSet, Error> {
    let data = generate_factorial(generator, seed, GENERATED)?;
    let mut first = BTreeMap::new();
    for (i, levels) in data.levels.iter().enumerate() {
        first.entry((levels.shape, levels.texture)).or_insert(i);
    }
    let pixels = data.image_size * data.image_size;
    let range = |i: &usize| i * pixels..(i + 1) * pixels;
    let mut selected = data.clone();
    selected.images = first
        .values()
        .flat_map(|i| data.images[range(i)].to_vec())
        .collect();
    selected.masks = first
        .values()
        .flat_map(|i| data.masks[range(i)].to_vec())
        .collect();
    selected.labels = first.values().map(|i| data.labels[*i]).collect();
    selected.levels = first.values().map(|i| data.levels[*i]).collect();
    selected.latents = first.values().map(|i| data.latents[*i].clone()).collect();
    Ok(selected)
}
