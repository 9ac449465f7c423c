//! Parallel rendering of latents.

use nodule_study::Error;
use nodule_synth::{Generator, Latents};
use rayon::prelude::*;

/// Returns the images `[n, size, size]` of `latents`, rendered on the threads of the current rayon pool.
///
/// # Errors
/// If a latent cannot be rendered.
pub fn render_images(generator: &Generator, latents: &[Latents]) -> Result<Vec<f32>, Error> {
    let size = generator.settings().image_size;
    let mut images = vec![0.0; latents.len() * size * size];
    let rows = images.par_chunks_mut(size * size).zip(latents);
    rows.try_for_each(|(image, latents)| {
        image.copy_from_slice(&generator.render(latents)?.image);
        Ok::<_, Error>(())
    })?;
    Ok(images)
}
