//! Data sets: samples drawn from a distribution, each by its index alone.

use std::fmt;

use nodule_seed::{Stream, derive, stream};
use rayon::prelude::*;

use crate::distribution::{Cell, OutlineSource};
use crate::error::setting;
use crate::{Distribution, Error, GENERATOR_VERSION, Generator, Label, Latents, Mode, Outlines};
use crate::{ShapeLevel, TextureLevel};

/// Images with all that is known of them. Image i is `images[i * size * size..][..size * size]`.
#[derive(Debug, Clone, PartialEq)]
pub struct DataSet {
    /// Width and height, in pixels.
    pub image_size: usize,
    /// Intensities `[n, size, size]` in [0, 1].
    pub images: Vec<f32>,
    /// `[n, size, size]`: 1 where the nodule is.
    pub masks: Vec<u8>,
    /// `[n]`: 0 normal, 1 abnormal.
    pub labels: Vec<u8>,
    /// `[n]`.
    pub latents: Vec<Latents>,
    /// `[n]`: the cell of the distribution's table each image was drawn from.
    pub cells: Vec<CellName>,
}

/// The levels of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CellName {
    /// Its shape level.
    pub shape: ShapeLevel,
    /// Its texture level.
    pub texture: TextureLevel,
}

impl fmt::Display for CellName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}, {}", self.shape, self.texture)
    }
}

/// One sample before it is rendered.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawn {
    /// 0 normal, 1 abnormal.
    pub label: u8,
    /// The cell it was drawn from.
    pub cell: CellName,
    /// All of its latents.
    pub latents: Latents,
}

/// Draws and renders `n` samples, on the threads of the current rayon pool.
///
/// # Errors
/// [`Error::Setting`] if `n` is 0.
pub fn generate(
    generator: &Generator,
    distribution: &Distribution,
    seed: u64,
    n: usize,
) -> Result<DataSet, Error> {
    if n == 0 {
        return Err(setting("data set", "n", n, "at least 1"));
    }
    let image_size = generator.settings().image_size;
    let pixels = image_size * image_size;
    let mut images = vec![0.0; n * pixels];
    let mut masks = vec![0; n * pixels];
    let rows = images
        .par_chunks_mut(pixels)
        .zip(masks.par_chunks_mut(pixels))
        .enumerate();
    let drawn = rows.map(|(i, (image, mask))| {
        let drawn = draw(distribution, generator.outlines(), seed, i as u64);
        let rendered = generator.render(&drawn.latents);
        image.copy_from_slice(&rendered.image);
        mask.copy_from_slice(&rendered.mask);
        drawn
    });
    let drawn: Vec<Drawn> = drawn.collect();
    Ok(DataSet {
        image_size,
        images,
        masks,
        labels: drawn.iter().map(|d| d.label).collect(),
        cells: drawn.iter().map(|d| d.cell).collect(),
        latents: drawn.into_iter().map(|d| d.latents).collect(),
    })
}

/// Sample `index` of the data set of that seed: a pure function of its arguments and of
/// [`GENERATOR_VERSION`].
#[must_use]
pub fn draw(distribution: &Distribution, outlines: &Outlines, seed: u64, index: u64) -> Drawn {
    let version = GENERATOR_VERSION.to_string();
    let mut random = stream(derive(seed, &["sample", &version, &index.to_string()]));
    let cell = pick(&distribution.cells, &mut random);
    let mut level = || random.uniform();
    let between = |(low, high): (f64, f64), level: f64| low + (high - low) * level;
    let mut latents = Latents {
        shape: between(cell.shape.range(), level()),
        texture: between(cell.texture.range(), level()),
        size: level(),
        elongation: level(),
        rotation: level(),
        position_x: level(),
        position_y: level(),
        contrast: level(),
        brightness: level(),
        background_texture: level(),
        noise: level(),
        blur: level(),
        outline: None,
        outline_seed: random.bits(),
        texture_seed: random.bits(),
        background_seed: random.bits(),
        noise_seed: random.bits(),
    };
    shift(&mut latents, distribution);
    if distribution.outlines == OutlineSource::Lidc {
        let rated = outlines.rated(cell.shape);
        latents.outline = Some(rated[random.below(rated.len() as u64) as usize]);
    }
    Drawn {
        label: u8::from(cell.label == Label::Abnormal),
        cell: CellName {
            shape: cell.shape,
            texture: cell.texture,
        },
        latents,
    }
}

/// The cell in whose share of [0, 1) a uniform number falls.
fn pick(cells: &[Cell], random: &mut Stream) -> Cell {
    let place = random.uniform();
    let mut sum = 0.0;
    let found = cells.iter().find(|cell| {
        sum += cell.probability;
        place < sum
    });
    // Rounding may leave the sum a hair below 1; the last cell that can occur takes the rest.
    let last = cells.iter().rfind(|cell| cell.probability > 0.0);
    *found.or(last).unwrap_or(&cells[0])
}

/// Levels drawn from 0 to 1 are stretched to the range of a shifted nuisance.
fn shift(latents: &mut Latents, distribution: &Distribution) {
    for shift in &distribution.shifts {
        let (low, high) = shift.range;
        let stretch = |level: &mut f64| *level = low + (high - low) * *level;
        if shift.mode == Mode::Position {
            stretch(&mut latents.position_x);
            stretch(&mut latents.position_y);
        } else if let Some(level) = latents.nuisance_mut(shift.mode) {
            stretch(level);
        }
    }
}
