//! One nodule of each cell of shape and texture, to show.

use std::collections::BTreeMap;

use crate::Error;
use nodule_battery::sets::generate_factorial;
use nodule_synth::{DataSet, Generator};

/// Images among which the first of each cell is shown: enough that all four come up.
const DRAWN: usize = 64;

/// The first image of each cell among those that `seed` draws, in the cells' order.
pub(super) fn one_a_cell(generator: &Generator, seed: u64) -> Result<DataSet, Error> {
    let data = generate_factorial(generator, seed, DRAWN)?;
    let mut first = BTreeMap::new();
    for (i, cell) in data.levels.iter().enumerate() {
        first.entry((cell.shape, cell.texture)).or_insert(i);
    }
    let pixels = data.image_size * data.image_size;
    let of = |i: &usize| i * pixels..(i + 1) * pixels;
    let mut few = data.clone();
    few.images = first
        .values()
        .flat_map(|i| data.images[of(i)].to_vec())
        .collect();
    few.masks = first
        .values()
        .flat_map(|i| data.masks[of(i)].to_vec())
        .collect();
    few.labels = first.values().map(|i| data.labels[*i]).collect();
    few.levels = first.values().map(|i| data.levels[*i]).collect();
    few.latents = first.values().map(|i| data.latents[*i].clone()).collect();
    Ok(few)
}
