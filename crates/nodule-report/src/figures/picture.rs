//! Images and maps as pictures.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use nodule_eval::statistics::percentile;

use super::colours::pixel;
use crate::Error;

/// The one colour scale of all maps.
pub(crate) struct Scale {
    /// Where its colours end: at the 99.5th percentile of the absolute values, so that a few large
    /// ones do not make everything else pale.
    pub(crate) end: f32,
    /// The largest absolute value.
    pub(crate) largest: f32,
}

impl Scale {
    pub(crate) fn of<'a>(maps: impl IntoIterator<Item = &'a f32>) -> Result<Self, Error> {
        let mut sizes: Vec<f64> = maps.into_iter().map(|v| f64::from(v.abs())).collect();
        sizes.sort_by(f64::total_cmp);
        let largest = sizes.last().copied().unwrap_or_default() as f32;
        let end = match sizes.is_empty() {
            true => 0.0,
            false => percentile(&sizes, 0.995)? as f32,
        };
        Ok(Self {
            end: if end > 0.0 { end } else { largest },
            largest,
        })
    }

    /// A value of a map as a share of the scale's end; all are 0 where the maps are blank.
    fn share(&self, value: f32) -> f32 {
        value / if self.end > 0.0 { self.end } else { 1.0 }
    }
}

/// A map in colours: red raises the decision value, blue lowers it, white is 0. A blank map is white.
pub(crate) fn map_png(map: &[f32], size: usize, scale: &Scale) -> Result<Vec<u8>, Error> {
    whole(map, size)?;
    let pixels = map.iter().flat_map(|v| pixel(scale.share(*v))).collect();
    encode(RgbImage::from_raw(size as u32, size as u32, pixels))
}

/// The same in few colours, for pages that hold many maps: [`SHADES`] to either side of white.
pub(crate) fn small_map_png(map: &[f32], size: usize, scale: &Scale) -> Result<Vec<u8>, Error> {
    whole(map, size)?;
    let shade = |v: &f32| scale.share(*v).clamp(-1.0, 1.0) * f32::from(SHADES);
    let pixels: Vec<u8> = map
        .iter()
        .map(|v| (shade(v).round() as i16 + i16::from(SHADES)) as u8)
        .collect();
    let shades = -i16::from(SHADES)..=i16::from(SHADES);
    let palette: Vec<u8> = shades
        .flat_map(|s| pixel(f32::from(s) / f32::from(SHADES)))
        .collect();
    written(&pixels, size, |encoder| {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
    })
}

/// A map as grey levels that a page turns into numbers again: [`ZERO`] is 0, and [`LEVELS`] more or less are the
/// scale's end.
pub(crate) fn levels_png(map: &[f32], width: usize, scale: &Scale) -> Result<Vec<u8>, Error> {
    let level = |v: &f32| scale.share(*v).clamp(-1.0, 1.0) * f32::from(LEVELS);
    let level = |v: &f32| (level(v).round() as i16 + i16::from(ZERO)) as u8;
    let levels: Vec<_> = map.iter().map(level).collect();
    written(&levels, width, small_grey)
}

/// Where a map is 0.
pub(crate) const ZERO: u8 = 128;
/// Levels of a map to either side of it: more would take more of the page, and not be seen.
pub(crate) const LEVELS: u8 = 15;

/// An image of intensities in [0, 1] in 64 greys, for pages that hold many.
pub(crate) fn small_grey_png(image: &[f32], width: usize) -> Result<Vec<u8>, Error> {
    let grey = |v: &f32| (v * 63.0).round().clamp(0.0, 63.0) as u8 * 4;
    let greys: Vec<_> = image.iter().map(grey).collect();
    written(&greys, width, small_grey)
}

/// Noise has no pattern that a filter would find.
fn small_grey(encoder: &mut png::Encoder<'_, &mut Vec<u8>>) {
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
}

/// A byte a pixel.
fn written(
    pixels: &[u8],
    width: usize,
    set_up: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Result<Vec<u8>, Error> {
    let height = pixels.len().checked_div(width).unwrap_or_default();
    if height == 0 || height * width != pixels.len() {
        let reason = format!("{} values are no rows of {width}", pixels.len());
        return Err(Error::made(PICTURE, reason));
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    set_up(&mut encoder);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(pixels)?;
        writer.finish()
    });
    written.map_err(|e| Error::made(PICTURE, e))?;
    Ok(bytes)
}

/// Shades of a map in few colours, to either side.
const SHADES: u8 = 31;
/// How messages call it.
const PICTURE: &str = "a picture";

/// An image of intensities in [0, 1] in grey.
pub(crate) fn grey_png(image: &[f32], size: usize) -> Result<Vec<u8>, Error> {
    whole(image, size)?;
    let grey = |v: &f32| (v * 255.0).round().clamp(0.0, 255.0) as u8;
    let pixels = image.iter().map(grey).collect();
    encode(GrayImage::from_raw(size as u32, size as u32, pixels))
}

/// A picture as a page can hold it.
pub(crate) fn data_uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

/// Refuses what is no square picture of that width.
fn whole(values: &[f32], size: usize) -> Result<(), Error> {
    if size > 0 && size.checked_mul(size) == Some(values.len()) {
        return Ok(());
    }
    let reason = format!("{} values are no square {size} wide", values.len());
    Err(Error::made(PICTURE, reason))
}

fn encode<P: Into<DynamicImage>>(picture: Option<P>) -> Result<Vec<u8>, Error> {
    let picture = picture.ok_or_else(|| Error::made(PICTURE, "too few pixels"))?;
    let mut bytes = Cursor::new(Vec::new());
    let written = picture.into().write_to(&mut bytes, ImageFormat::Png);
    written.map_err(|e| Error::made(PICTURE, e))?;
    Ok(bytes.into_inner())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_maps_are_pictures_and_odd_ones_are_none() {
        let blank = Scale::of(&[0.0; 4]).unwrap();
        assert_eq!((blank.end, blank.largest), (0.0, 0.0));
        assert!(map_png(&[0.0; 4], 2, &blank).is_ok());
        for picture in [map_png(&[0.0; 5], 2, &blank), small_map_png(&[], 0, &blank)] {
            let message = picture.unwrap_err().to_string();
            assert!(message.starts_with("a picture cannot be made"), "{message}");
        }
        assert!(Scale::of(&[f32::NAN]).is_err());
    }
}
