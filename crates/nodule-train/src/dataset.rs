//! Borrowed images with labels, and batches of them as tensors.

use candle_core::{Device, Tensor};
use nodule_error::{conflict, invalid_value};

use crate::Error;

/// Square grey-value images `[n, size, size]` with labels `[n]` (0 normal, 1 abnormal); at least one.
///
/// ```
/// use candle_core::Device;
/// use nodule_train::Dataset;
///
/// let images = vec![0.5; 3 * 16 * 16];
/// let dataset = Dataset::new(16, &images, &[0, 1, 0])?;
/// let (images, labels) = dataset.batch(&[2, 1], &Device::Cpu)?;
/// assert_eq!(images.dims(), [2, 1, 16, 16]);
/// assert_eq!(labels.to_vec1::<u32>()?, [0, 1]);
/// # Ok::<(), nodule_train::Error>(())
/// ```
#[derive(Debug, Clone, Copy)]
pub struct Dataset<'a> {
    image_size: usize,
    images: &'a [f32],
    labels: &'a [u8],
}

impl<'a> Dataset<'a> {
    /// Returns the checked data set of `images` with `image_size` x `image_size` pixels each.
    ///
    /// # Errors
    /// [`Error::Input`] if there is no image, the lengths disagree, a label is above 1, or a pixel is not finite.
    pub fn new(image_size: usize, images: &'a [f32], labels: &'a [u8]) -> Result<Self, Error> {
        let pixels = image_size * image_size;
        if labels.is_empty() || images.len() != labels.len() * pixels {
            let reason = format!(
                "{} pixels for {} labels; expected {image_size} x {image_size} pixels for each label, and at least one label",
                images.len(),
                labels.len()
            );
            return Err(conflict("images", reason).into());
        }
        if let Some(label) = labels.iter().find(|l| **l > 1) {
            return Err(invalid_value("label", label, "0 (normal) or 1 (abnormal)").into());
        }
        if let Some(pixel) = images.iter().position(|v| !v.is_finite()) {
            let field = format!("image {}", pixel / pixels.max(1));
            let allowed = "a finite intensity in every pixel";
            return Err(invalid_value(field, images[pixel], allowed).into());
        }
        Ok(Self {
            image_size,
            images,
            labels,
        })
    }

    /// The number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Returns whether there is no image, which [`Dataset::new`] rejects.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The width and height of an image, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// Returns the images at `indices` as `[b, 1, size, size]`, and their labels as u32 `[b]`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn batch(&self, indices: &[usize], device: &Device) -> Result<(Tensor, Tensor), Error> {
        let shape = (indices.len(), 1, self.image_size, self.image_size);
        let images = Tensor::from_vec(self.copy_images(indices), shape, device)?;
        Ok((images, self.copy_labels(indices, device)?))
    }

    /// Returns the pixels of the images at `indices`, one image after the other.
    pub(crate) fn copy_images(&self, indices: &[usize]) -> Vec<f32> {
        let pixels = self.image_size * self.image_size;
        let mut images = Vec::with_capacity(indices.len() * pixels);
        for &i in indices {
            images.extend_from_slice(&self.images[i * pixels..][..pixels]);
        }
        images
    }

    /// Returns the labels of the images at `indices`.
    pub(crate) fn copy_labels(&self, indices: &[usize], device: &Device) -> Result<Tensor, Error> {
        let labels: Vec<u32> = indices.iter().map(|&i| u32::from(self.labels[i])).collect();
        Ok(Tensor::from_vec(labels, indices.len(), device)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_holds_the_images_at_its_indices() {
        let images: Vec<f32> = (0..12u8).map(f32::from).collect();
        let dataset = Dataset::new(2, &images, &[0, 1, 0]).unwrap();
        let (x, y) = dataset.batch(&[2, 0], &Device::Cpu).unwrap();
        assert_eq!(x.dims(), [2, 1, 2, 2]);
        let x = x.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(x, [8., 9., 10., 11., 0., 1., 2., 3.]);
        assert_eq!(y.to_vec1::<u32>().unwrap(), [0, 0]);
    }

    #[test]
    fn invalid_images_and_labels_are_errors() {
        let error = |images: &[f32], labels: &[u8]| {
            Dataset::new(2, images, labels).unwrap_err().to_string()
        };
        assert!(error(&[0.; 7], &[0, 1]).contains("7 pixels for 2 labels"));
        assert!(error(&[], &[]).contains("at least one label"));
        assert!(error(&[0.; 4], &[2]).contains("label = 2"));
        let message = error(&[0., 0., 0., 0., 0., f32::NAN, 0., 0.], &[0, 1]);
        assert!(message.contains("image 1 = NaN"), "{message}");
    }
}
