//! Generation of whole data sets, in one piece or in chunks.

use std::ops::Range;

use rayon::prelude::*;

use super::memory::check_fits;
use super::sample::draw_sample;
use super::{DataSet, Sample};
use crate::error::setting;
use crate::{Distribution, Error, Generator};

impl Generator {
    /// Draws and renders the samples `indices` of the data set with this seed, on the threads of the current rayon
    /// pool.
    ///
    /// ```
    /// use nodule_synth::{Distribution, Generator, Outlines};
    ///
    /// let generator = Generator::new(Default::default(), Outlines::lidc())?;
    /// let either = Distribution::resolve("either")?;
    /// let data = generator.generate(&either, 7, 0..5)?;
    /// assert_eq!((data.labels.len(), data.images.len()), (5, 5 * 64 * 64));
    /// # Ok::<(), nodule_synth::Error>(())
    /// ```
    ///
    /// # Errors
    /// [`Error::Setting`] if `indices` is empty, [`Error::Memory`] if the images do not fit into memory.
    pub fn generate(
        &self,
        distribution: &Distribution,
        seed: u64,
        indices: Range<usize>,
    ) -> Result<DataSet, Error> {
        let image_size = self.settings().image_size;
        let pixels = image_size * image_size;
        let n = indices.len();
        if n == 0 {
            return Err(setting("data set", "n", n, "at least 1"));
        }
        check_fits(
            &format!("a data set of {n} images of {image_size} by {image_size} pixels"),
            (n as u64).checked_mul(bytes_per_sample(pixels)),
        )?;
        let mut images = vec![0.0; n * pixels];
        let mut masks = vec![0; n * pixels];
        let samples = images
            .par_chunks_mut(pixels)
            .zip(masks.par_chunks_mut(pixels))
            .enumerate()
            .map(|(i, (image, mask))| {
                let sample = draw_sample(distribution, self.outlines(), seed, indices.start + i);
                let rendered = self.render(&sample.latents)?;
                image.copy_from_slice(&rendered.image);
                mask.copy_from_slice(&rendered.mask);
                Ok(sample)
            })
            .collect::<Result<Vec<Sample>, Error>>()?;
        Ok(DataSet {
            image_size,
            images,
            masks,
            labels: samples.iter().map(|s| s.label).collect(),
            levels: samples.iter().map(|s| s.levels).collect(),
            latents: samples.into_iter().map(|s| s.latents).collect(),
        })
    }

    /// Generates the same data set in chunks of about four million pixels, in order, so that it need not fit into
    /// memory.
    ///
    /// An empty range gives one chunk, which is the error of [`Generator::generate`].
    pub fn generate_chunks(
        &self,
        distribution: &Distribution,
        seed: u64,
        indices: Range<usize>,
    ) -> impl Iterator<Item = Result<DataSet, Error>> {
        /// Pixels of a chunk.
        const CHUNK: usize = 1 << 22;
        let size = self.settings().image_size;
        let step = (CHUNK / (size * size)).max(1);
        let Range { start, end } = indices;
        let starts = (start..end.max(start.saturating_add(1))).step_by(step);
        starts.map(move |start| {
            let chunk = start..end.min(start.saturating_add(step));
            self.generate(distribution, seed, chunk)
        })
    }
}

/// Returns the memory that a sample takes during generation, in bytes: image, mask, and the latents twice.
fn bytes_per_sample(pixels: usize) -> u64 {
    (pixels * (size_of::<f32>() + size_of::<u8>()) + 2 * size_of::<Sample>()) as u64
}
