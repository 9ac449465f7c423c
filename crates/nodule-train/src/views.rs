//! Second views for losses that compare an image with itself: a random rotation by a multiple of 90 degrees and
//! reflection. Neither changes shape, texture or label (*ours*).

use candle_core::{Device, Tensor};
use nodule_seed::Stream;

use crate::Error;

/// Number of symmetries of the square.
const SYMMETRIES: u64 = 8;

/// Returns `images` `[b, 1, s, s]` and `labels` `[b]` unchanged for one view; for two, followed by a random second view
/// of each image and the labels again.
pub(crate) fn append_second_views(
    (images, labels): (Tensor, Tensor),
    views: usize,
    random: &mut Stream,
) -> Result<(Tensor, Tensor), Error> {
    if views == 1 {
        return Ok((images, labels));
    }
    let (b, _, side, _) = images.dims4()?;
    let first = images
        .to_device(&Device::Cpu)?
        .flatten_all()?
        .to_vec1::<f32>()?;
    let second: Vec<f32> = first
        .chunks(side * side)
        .flat_map(|image| apply_symmetry(image, side, random.below(SYMMETRIES)))
        .collect();
    let second = Tensor::from_vec(second, (b, 1, side, side), images.device())?;
    Ok((
        Tensor::cat(&[&images, &second], 0)?,
        Tensor::cat(&[&labels, &labels], 0)?,
    ))
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
    use nodule_seed::stream;

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
        let images = Tensor::arange(0f32, 8., &Device::Cpu)
            .unwrap()
            .reshape((2, 1, 2, 2))
            .unwrap();
        let labels = Tensor::new(&[1u32, 0], &Device::Cpu).unwrap();
        let batch = (images.clone(), labels);
        let (one, _) = append_second_views(batch.clone(), 1, &mut stream(1)).unwrap();
        assert_eq!(one.dims(), [2, 1, 2, 2]);
        let (two, labels) = append_second_views(batch, 2, &mut stream(1)).unwrap();
        assert_eq!(labels.to_vec1::<u32>().unwrap(), [1, 0, 1, 0]);
        let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
        let two = values(&two);
        assert_eq!(two[..8], values(&images));
        let mut second = two[8..12].to_vec();
        second.sort_by(f32::total_cmp);
        assert_eq!(second, [0., 1., 2., 3.]);
    }
}
