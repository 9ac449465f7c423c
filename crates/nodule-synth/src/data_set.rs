//! Data sets: samples drawn from a distribution, each by its index alone.

use std::fmt;
use std::ops::Range;

use nodule_seed::{Stream, derive, stream};
use rayon::prelude::*;

use crate::distribution::Cell;
use crate::error::setting;
use crate::memory::check_fits;
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
#[non_exhaustive]
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
/// [`Error::Setting`] if `n` is 0, [`Error::Memory`] if the images would not fit into memory.
pub fn generate(
    generator: &Generator,
    distribution: &Distribution,
    seed: u64,
    n: usize,
) -> Result<DataSet, Error> {
    generate_range(generator, distribution, seed, 0..n as u64)
}

/// The same data set a part at a time, so that it need not fit into memory: about four million
/// pixels each, in order.
pub fn generate_parts(
    generator: &Generator,
    distribution: &Distribution,
    seed: u64,
    n: usize,
) -> impl Iterator<Item = Result<DataSet, Error>> {
    /// Pixels of a part.
    const PART: usize = 1 << 22;
    let size = generator.settings().image_size;
    let part = (PART / (size * size)).max(1);
    // Without samples there is one part, which is refused as a whole data set would be.
    let starts = (0..n.max(1)).step_by(part);
    starts.map(move |start| {
        let indices = start as u64..n.min(start + part) as u64;
        generate_range(generator, distribution, seed, indices)
    })
}

/// Samples `indices` of the data set of that seed.
///
/// # Errors
/// As [`generate`].
pub fn generate_range(
    generator: &Generator,
    distribution: &Distribution,
    seed: u64,
    indices: Range<u64>,
) -> Result<DataSet, Error> {
    let image_size = generator.settings().image_size;
    let pixels = image_size * image_size;
    let n = indices.end.saturating_sub(indices.start);
    if n == 0 {
        return Err(setting("data set", "n", n, "at least 1"));
    }
    check_fits(
        &format!("a data set of {n} images of {image_size} by {image_size} pixels"),
        n.checked_mul(bytes_of_a_sample(pixels)),
    )?;
    let n = n as usize;
    let mut images = vec![0.0; n * pixels];
    let mut masks = vec![0; n * pixels];
    let rows = images
        .par_chunks_mut(pixels)
        .zip(masks.par_chunks_mut(pixels))
        .enumerate();
    let drawn = rows.map(|(i, (image, mask))| {
        let index = indices.start + i as u64;
        let drawn = draw(distribution, generator.outlines(), seed, index);
        let rendered = generator.render(&drawn.latents)?;
        image.copy_from_slice(&rendered.image);
        mask.copy_from_slice(&rendered.mask);
        Ok(drawn)
    });
    let drawn: Vec<Drawn> = drawn.collect::<Result<_, Error>>()?;
    Ok(DataSet {
        image_size,
        images,
        masks,
        labels: drawn.iter().map(|d| d.label).collect(),
        cells: drawn.iter().map(|d| d.cell).collect(),
        latents: drawn.into_iter().map(|d| d.latents).collect(),
    })
}

/// Bytes that a sample takes while its data set is made: image, mask, and the latents twice.
fn bytes_of_a_sample(pixels: usize) -> u64 {
    (pixels * (size_of::<f32>() + size_of::<u8>()) + 2 * size_of::<Drawn>()) as u64
}

impl DataSet {
    /// Checks that every array is as long as the labels say, for a data set that was put together
    /// by hand.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the array and its length.
    pub fn validate(&self) -> Result<(), Error> {
        let n = self.labels.len();
        let pixels = self.image_size.checked_mul(self.image_size);
        let all = pixels.and_then(|pixels| pixels.checked_mul(n));
        for (field, length, expected) in [
            ("images", self.images.len(), all),
            ("masks", self.masks.len(), all),
            ("latents", self.latents.len(), Some(n)),
            ("cells", self.cells.len(), Some(n)),
        ] {
            if Some(length) != expected {
                let size = self.image_size;
                let allowed = format!("as many as {n} labels and images {size} wide need");
                let value = format!("{length} values");
                return Err(setting("data set", field, value, allowed));
            }
        }
        if let Some(label) = self.labels.iter().find(|label| **label > 1) {
            return Err(setting("data set", "labels", label, "0 or 1"));
        }
        Ok(())
    }
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
    if distribution.has_real_outlines() {
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
