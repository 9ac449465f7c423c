//! Images and maps as pictures.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{DynamicImage, GrayImage, ImageFormat, RgbImage};
use nodule_eval::percentile;

/// The one colour scale of all maps.
pub(crate) struct Scale {
    /// Where its colours end: at the 99.5th percentile of the absolute values, so that a few large
    /// ones do not make everything else pale.
    pub(crate) end: f32,
    /// The largest absolute value.
    pub(crate) largest: f32,
}

impl Scale {
    pub(crate) fn of<'a>(maps: impl IntoIterator<Item = &'a f32>) -> Self {
        let mut sizes: Vec<f64> = maps.into_iter().map(|v| f64::from(v.abs())).collect();
        sizes.sort_by(f64::total_cmp);
        let largest = sizes.last().copied().unwrap_or_default() as f32;
        let end = if sizes.is_empty() {
            0.0
        } else {
            percentile(&sizes, 0.995) as f32
        };
        Self {
            end: if end > 0.0 { end } else { largest },
            largest,
        }
    }
}

/// A map in colours: red raises the decision value, blue lowers it, white is 0; the ends of the
/// scale are at `scale` to either side. A blank map is white.
pub(crate) fn map_png(map: &[f32], size: usize, scale: f32) -> Result<Vec<u8>, String> {
    whole(map, size)?;
    let unit = if scale > 0.0 { scale } else { 1.0 };
    let pixels = map.iter().flat_map(|v| diverging(v / unit)).collect();
    encode(RgbImage::from_raw(size as u32, size as u32, pixels))
}

/// The same in few colours, for pages that hold many maps: [`SHADES`] to either side of white.
pub(crate) fn small_map_png(map: &[f32], width: usize, scale: f32) -> Result<Vec<u8>, String> {
    let unit = if scale > 0.0 { scale } else { 1.0 };
    let shade = |v: &f32| (v / unit).clamp(-1.0, 1.0) * f32::from(SHADES);
    let pixels: Vec<u8> = map
        .iter()
        .map(|v| (shade(v).round() as i16 + i16::from(SHADES)) as u8)
        .collect();
    let shades = -i16::from(SHADES)..=i16::from(SHADES);
    let palette: Vec<u8> = shades
        .flat_map(|s| diverging(f32::from(s) / f32::from(SHADES)))
        .collect();
    let mut png = Vec::new();
    let height = map.len().checked_div(width).unwrap_or(0);
    let mut encoder = png::Encoder::new(&mut png, width as u32, height as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_palette(palette);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(&pixels)?;
        writer.finish()
    });
    written.map_err(|e| e.to_string())?;
    Ok(png)
}

/// Shades of a map in few colours, to either side.
const SHADES: u8 = 31;

/// An image of intensities in [0, 1] in grey.
pub(crate) fn grey_png(image: &[f32], size: usize) -> Result<Vec<u8>, String> {
    whole(image, size)?;
    let grey = |v: &f32| (v * 255.0).round().clamp(0.0, 255.0) as u8;
    let pixels = image.iter().map(grey).collect();
    encode(GrayImage::from_raw(size as u32, size as u32, pixels))
}

/// A picture as a page can hold it.
pub(crate) fn data_uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

fn whole(values: &[f32], size: usize) -> Result<(), String> {
    if values.len() == size * size {
        return Ok(());
    }
    Err(format!("{} values are no image {size} wide", values.len()))
}

fn encode<P: Into<DynamicImage>>(picture: Option<P>) -> Result<Vec<u8>, String> {
    let picture: DynamicImage = picture.ok_or("too few pixels")?.into();
    let mut png = Cursor::new(Vec::new());
    let written = picture.write_to(&mut png, ImageFormat::Png);
    written.map_err(|e| e.to_string())?;
    Ok(png.into_inner())
}

/// From blue by way of white to red, for a value in [-1, 1].
fn diverging(value: f32) -> [u8; 3] {
    const BLUE: [f32; 3] = [0.0, 90.0, 181.0];
    const RED: [f32; 3] = [200.0, 40.0, 20.0];
    let end = if value < 0.0 { BLUE } else { RED };
    let part = value.abs().min(1.0);
    end.map(|c| (255.0 + part * (c - 255.0)).round() as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ends_are_blue_and_red_and_nothing_is_white() {
        assert_eq!(diverging(0.0), [255, 255, 255]);
        assert_eq!(diverging(-2.0), [0, 90, 181]);
        assert_eq!(diverging(1.0), [200, 40, 20]);
        assert!(map_png(&[0.0; 4], 2, 0.0).is_ok());
        assert!(map_png(&[0.0; 5], 2, 1.0).is_err());
    }
}
