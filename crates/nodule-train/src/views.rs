//! Images of a batch: augmented, and with second views for losses that compare an image with itself.
//!
//! Without augmentation a second view is a random rotation by a multiple of 90 degrees and reflection, which change neither
//! shape, texture nor label (*ours*). With augmentation each view is changed anew.

use candle_core::{Device, Tensor};
use nodule_seed::{Stream, derive, stream};
use rayon::prelude::*;

use crate::{Augmenter, Dataset, Error};

/// Number of symmetries of the square.
const SYMMETRIES: u64 = 8;

/// How the images of batches are changed.
#[derive(Debug)]
pub(crate) struct Views {
    /// Number of views of every image, 1 or 2.
    count: usize,
    /// Changes every image; with the seed of the changes.
    augmenter: Option<(Augmenter, u64)>,
}

impl Views {
    pub(crate) fn new(count: usize, augmenter: Option<(Augmenter, u64)>) -> Self {
        Self { count, augmenter }
    }

    /// Returns the images at `indices`, `[count * n, 1, side, side]`, and their labels `[count * n]`: the first views, then
    /// the second ones.
    ///
    /// The changes of first views are the same under every loss: they depend on `step` alone. `random` draws second views
    /// if nothing is augmented.
    pub(crate) fn training_batch(
        &self,
        dataset: &Dataset,
        indices: &[usize],
        step: usize,
        random: &mut Stream,
        device: &Device,
    ) -> Result<(Tensor, Tensor), Error> {
        let mut images = dataset.copy_images(indices);
        if let Some((augmenter, seed)) = &self.augmenter {
            let second = (self.count > 1).then(|| images.clone());
            let step = step.to_string();
            change(augmenter, &mut images, derive(*seed, &["first", &step]));
            if let Some(mut second) = second {
                change(augmenter, &mut second, derive(*seed, &["second", &step]));
                images.extend(second);
            }
        } else if self.count > 1 {
            images.extend(draw_symmetries(&images, dataset.image_size(), random));
        }
        self.to_tensors(images, dataset, indices, device)
    }

    /// Returns the images at `indices` as they are, followed by second views. `random` is at its beginning for the first
    /// batch, so that the second views are the same after every epoch.
    pub(crate) fn validation_batch(
        &self,
        dataset: &Dataset,
        indices: &[usize],
        random: &mut Stream,
        device: &Device,
    ) -> Result<(Tensor, Tensor), Error> {
        let mut images = dataset.copy_images(indices);
        if self.count > 1 {
            let second = match &self.augmenter {
                None => draw_symmetries(&images, dataset.image_size(), random),
                Some((augmenter, _)) => {
                    let mut second = images.clone();
                    change(augmenter, &mut second, random.bits());
                    second
                }
            };
            images.extend(second);
        }
        self.to_tensors(images, dataset, indices, device)
    }

    fn to_tensors(
        &self,
        images: Vec<f32>,
        dataset: &Dataset,
        indices: &[usize],
        device: &Device,
    ) -> Result<(Tensor, Tensor), Error> {
        let side = dataset.image_size();
        let shape = (self.count * indices.len(), 1, side, side);
        let images = Tensor::from_vec(images, shape, device)?;
        let labels = dataset.copy_labels(indices, device)?;
        let labels = match self.count {
            1 => labels,
            count => Tensor::cat(&vec![&labels; count], 0)?,
        };
        Ok((images, labels))
    }
}

/// Changes every one of `images` in place.
fn change(augmenter: &Augmenter, images: &mut [f32], seed: u64) {
    let pixels = augmenter.image_size().pow(2);
    let mut random = stream(seed);
    let transforms: Vec<_> = (0..images.len() / pixels)
        .map(|_| augmenter.draw(&mut random))
        .collect();
    images.par_chunks_mut(pixels).zip(transforms).for_each_init(
        Vec::new,
        |buffer, (image, transform)| {
            augmenter.apply(&transform, image, buffer);
        },
    );
}

/// Returns each of `images` under a random symmetry.
fn draw_symmetries(images: &[f32], side: usize, random: &mut Stream) -> Vec<f32> {
    images
        .chunks(side * side)
        .flat_map(|image| apply_symmetry(image, side, random.below(SYMMETRIES)))
        .collect()
}

/// Returns `image` `[side, side]` under one of the eight symmetries. The bits of `symmetry` are: transpose (4), flip
/// vertically (2), flip horizontally (1).
fn apply_symmetry(image: &[f32], side: usize, symmetry: u64) -> Vec<f32> {
    let flip = |i: usize, bit: u64| if symmetry & bit == 0 { i } else { side - 1 - i };
    let pixel = |i: usize| {
        let (row, column) = (flip(i / side, 2), flip(i % side, 1));
        match symmetry & 4 {
            0 => image[row * side + column],
            _ => image[column * side + row],
        }
    };
    (0..side * side).map(pixel).collect()
}

#[cfg(test)]
mod tests {
    use nodule_config::Augmentation;

    use super::*;

    #[test]
    fn the_eight_symmetries_differ_and_keep_every_pixel() {
        let image = [1.0, 2.0, 3.0, 4.0];
        let mut views: Vec<_> = (0..SYMMETRIES)
            .map(|s| apply_symmetry(&image, 2, s))
            .collect();
        assert_eq!(views[0], image);
        assert_eq!(views[1], [2.0, 1.0, 4.0, 3.0]);
        assert_eq!(views[4], [1.0, 3.0, 2.0, 4.0]);
        for view in &views {
            let mut pixels = view.clone();
            pixels.sort_by(f32::total_cmp);
            assert_eq!(pixels, image);
        }
        views.sort_by(|a, b| a.partial_cmp(b).unwrap());
        views.dedup();
        assert_eq!(views.len(), 8);
    }

    #[test]
    fn second_views_follow_the_first_with_the_same_labels() {
        let pixels: Vec<f32> = (0..8u8).map(f32::from).collect();
        let dataset = Dataset::new(2, &pixels, &[1, 0]).unwrap();
        let batch = |count| {
            let views = Views::new(count, None);
            let batch = views.training_batch(&dataset, &[0, 1], 0, &mut stream(1), &Device::Cpu);
            let (images, labels) = batch.unwrap();
            let images = images.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            (images, labels.to_vec1::<u32>().unwrap())
        };
        assert_eq!(batch(1), (pixels.clone(), vec![1, 0]));
        let (images, labels) = batch(2);
        assert_eq!(labels, [1, 0, 1, 0]);
        assert_eq!(images[..8], pixels);
        let mut second = images[8..12].to_vec();
        second.sort_by(f32::total_cmp);
        assert_eq!(second, [0., 1., 2., 3.]);
    }

    #[test]
    fn first_views_are_augmented_alike_with_one_view_and_with_two() {
        let pixels: Vec<f32> = (0..128u8).map(f32::from).collect();
        let dataset = Dataset::new(8, &pixels, &[1, 0]).unwrap();
        let config = Augmentation {
            rotation_degrees: 30.0,
            noise: 0.1,
            ..Augmentation::default()
        };
        let batch = |count, step| {
            let augmenter = Augmenter::new(config, 8, 5).unwrap();
            let views = Views::new(count, Some((augmenter, 5)));
            let batch = views.training_batch(&dataset, &[0, 1], step, &mut stream(1), &Device::Cpu);
            batch
                .unwrap()
                .0
                .flatten_all()
                .unwrap()
                .to_vec1::<f32>()
                .unwrap()
        };
        let (one, two) = (batch(1, 0), batch(2, 0));
        assert_eq!(two.len(), 256);
        assert_eq!(one, two[..128]);
        assert_ne!(one, two[128..]);
        assert_ne!(one, pixels);
        assert_ne!(one, batch(1, 1));
    }
}
