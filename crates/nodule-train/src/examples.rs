//! Labelled images, borrowed from whoever made them, and their batches.

use candle_core::{Device, Tensor};
use nodule_error::invalid_value;

use crate::Error;

/// Images `[n, size, size]` in one slice, and their labels `[n]` (0 normal, 1 abnormal).
#[derive(Debug, Clone, Copy)]
pub struct Examples<'a> {
    image_size: usize,
    images: &'a [f32],
    labels: &'a [u8],
}

impl<'a> Examples<'a> {
    /// Examples over `images`, `image_size` x `image_size` pixels each.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is none, if the slices disagree, on a label above 1, or on a pixel that
    /// is not finite.
    pub fn new(image_size: usize, images: &'a [f32], labels: &'a [u8]) -> Result<Self, Error> {
        let pixels = image_size * image_size;
        if labels.is_empty() || images.len() != labels.len() * pixels {
            let found = format!("{} pixels for {} labels", images.len(), labels.len());
            let allowed = format!("{image_size} x {image_size} pixels a label, at least one label");
            return Err(invalid_value("examples", found, allowed).into());
        }
        if let Some(label) = labels.iter().find(|l| **l > 1) {
            return Err(invalid_value("label", label, "0 (normal) or 1 (abnormal)").into());
        }
        if let Some(pixel) = images.iter().position(|v| !v.is_finite()) {
            let field = format!("image {}", pixel / pixels.max(1));
            return Err(
                invalid_value(field, images[pixel], "a finite intensity in every pixel").into(),
            );
        }
        Ok(Self {
            image_size,
            images,
            labels,
        })
    }

    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Never true: an empty set is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Width and height, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// The images at `indices`, `[b, 1, size, size]`, and their labels, u32 `[b]`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn batch(&self, indices: &[usize], device: &Device) -> Result<(Tensor, Tensor), Error> {
        let pixels = self.image_size * self.image_size;
        let mut images = Vec::with_capacity(indices.len() * pixels);
        for &i in indices {
            images.extend_from_slice(&self.images[i * pixels..][..pixels]);
        }
        let labels: Vec<u32> = indices.iter().map(|&i| u32::from(self.labels[i])).collect();
        let shape = (indices.len(), 1, self.image_size, self.image_size);
        Ok((
            Tensor::from_vec(images, shape, device)?,
            Tensor::from_vec(labels, indices.len(), device)?,
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_the_images_asked_for() {
        let images: Vec<f32> = (0..12u8).map(f32::from).collect();
        let examples = Examples::new(2, &images, &[0, 1, 0]).unwrap();
        let (x, y) = examples.batch(&[2, 0], &Device::Cpu).unwrap();
        assert_eq!(x.dims(), [2, 1, 2, 2]);
        let x = x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(x, [8., 9., 10., 11., 0., 1., 2., 3.]);
        assert_eq!(y.to_vec1::<u32>().unwrap(), [0, 0]);
    }

    #[test]
    fn slices_that_disagree_are_refused() {
        let refused = |images: &[f32], labels: &[u8]| {
            Examples::new(2, images, labels).unwrap_err().to_string()
        };
        assert!(refused(&[0.; 7], &[0, 1]).contains("7 pixels for 2 labels"));
        assert!(refused(&[], &[]).contains("at least one label"));
        assert!(refused(&[0.; 4], &[2]).contains("label = 2"));
        let message = refused(&[0., 0., 0., 0., 0., f32::NAN, 0., 0.], &[0, 1]);
        assert!(message.contains("image 1 = NaN"), "{message}");
    }
}
