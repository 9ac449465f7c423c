//! Images and saliency maps as PNG files.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use nodule_eval::statistics::percentile;

use super::colours::map_colour;
use crate::Error;

/// Colour scale that several maps share.
pub(crate) struct Scale {
    /// Value of the most saturated colour: the 99.5th percentile of the absolute values, so that a few outliers do
    /// not make all other pixels pale.
    pub(crate) end: f32,
    /// Largest absolute value.
    pub(crate) largest: f32,
}

impl Scale {
    /// Returns the scale of all pixels of `maps`.
    ///
    /// # Errors
    /// If a value is not finite.
    pub(crate) fn fit<'a>(maps: impl IntoIterator<Item = &'a f32>) -> Result<Self, Error> {
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

    /// Returns a value as a share of the end of the scale; 0 if all maps are blank.
    fn share(&self, value: f32) -> f32 {
        value / if self.end > 0.0 { self.end } else { 1.0 }
    }
}

/// Returns a map in colours: red pixels raise the decision score, blue pixels lower it, white is 0.
pub(crate) fn map_png(map: &[f32], size: usize, scale: &Scale) -> Result<Vec<u8>, Error> {
    check_square(map, size)?;
    let pixels: Vec<u8> = map
        .iter()
        .flat_map(|v| map_colour(scale.share(*v)))
        .collect();
    encode(&pixels, (size, 3), |encoder| {
        encoder.set_color(png::ColorType::Rgb);
    })
}

/// Returns a map with [`SHADES`] colours on either side of white: a smaller file, for pages with many maps.
pub(crate) fn indexed_map_png(map: &[f32], size: usize, scale: &Scale) -> Result<Vec<u8>, Error> {
    check_square(map, size)?;
    let shade = |v: &f32| scale.share(*v).clamp(-1.0, 1.0) * f32::from(SHADES);
    let pixels: Vec<u8> = map
        .iter()
        .map(|v| (shade(v).round() as i16 + i16::from(SHADES)) as u8)
        .collect();
    let shades = -i16::from(SHADES)..=i16::from(SHADES);
    let palette: Vec<u8> = shades
        .flat_map(|s| map_colour(f32::from(s) / f32::from(SHADES)))
        .collect();
    encode(&pixels, (size, 1), |encoder| {
        encoder.set_color(png::ColorType::Indexed);
        encoder.set_palette(palette);
    })
}

/// Returns a map as grey levels that the page decodes into numbers: [`ZERO`] is 0, and [`LEVELS`] above or below it
/// are the ends of the scale.
pub(crate) fn levels_png(map: &[f32], width: usize, scale: &Scale) -> Result<Vec<u8>, Error> {
    let level = |v: &f32| {
        let level = scale.share(*v).clamp(-1.0, 1.0) * f32::from(LEVELS);
        (level.round() as i16 + i16::from(ZERO)) as u8
    };
    let levels: Vec<_> = map.iter().map(level).collect();
    encode(&levels, (width, 1), set_small_grey)
}

/// Grey level of the value 0.
pub(crate) const ZERO: u8 = 128;
/// Grey levels on either side of it: more would enlarge the page without a visible difference.
pub(crate) const LEVELS: u8 = 15;

/// Returns an image of intensities in [0, 1] with 64 grey levels, for pages with many images.
pub(crate) fn small_grey_png(image: &[f32], width: usize) -> Result<Vec<u8>, Error> {
    let grey = |v: &f32| (v * 63.0).round().clamp(0.0, 63.0) as u8 * 4;
    let greys: Vec<_> = image.iter().map(grey).collect();
    encode(&greys, (width, 1), set_small_grey)
}

/// Noisy images compress best without a filter.
fn set_small_grey(encoder: &mut png::Encoder<'_, &mut Vec<u8>>) {
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_compression(png::Compression::High);
    encoder.set_filter(png::Filter::NoFilter);
}

/// Encodes `channels` bytes per pixel, in rows of `width` pixels.
fn encode(
    pixels: &[u8],
    (width, channels): (usize, usize),
    configure: impl FnOnce(&mut png::Encoder<'_, &mut Vec<u8>>),
) -> Result<Vec<u8>, Error> {
    let row = width * channels;
    let height = pixels.len().checked_div(row).unwrap_or_default();
    if height == 0 || height * row != pixels.len() {
        let reason = format!("{} values do not fill rows of {row}", pixels.len());
        return Err(Error::cannot_make(PICTURE, reason));
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    configure(&mut encoder);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(pixels)?;
        writer.finish()
    });
    written.map_err(|e| Error::cannot_make(PICTURE, e))?;
    Ok(bytes)
}

/// Colours of an indexed map on either side of white.
const SHADES: u8 = 31;
/// Subject of error messages.
const PICTURE: &str = "a picture";

/// Returns an image of intensities in [0, 1] with 256 grey levels.
pub(crate) fn grey_png(image: &[f32], size: usize) -> Result<Vec<u8>, Error> {
    check_square(image, size)?;
    let grey = |v: &f32| (v * 255.0).round().clamp(0.0, 255.0) as u8;
    let pixels: Vec<_> = image.iter().map(grey).collect();
    encode(&pixels, (size, 1), |encoder| {
        encoder.set_color(png::ColorType::Grayscale);
    })
}

/// Returns a PNG file as a data URI.
pub(crate) fn data_uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}

/// Checks that there are `size` x `size` values.
fn check_square(values: &[f32], size: usize) -> Result<(), Error> {
    if size > 0 && size.checked_mul(size) == Some(values.len()) {
        return Ok(());
    }
    let reason = format!(
        "{} values are not a square {size} pixels wide",
        values.len()
    );
    Err(Error::cannot_make(PICTURE, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blank_maps_are_drawn_and_incomplete_ones_rejected() {
        let blank = Scale::fit(&[0.0; 4]).unwrap();
        assert_eq!((blank.end, blank.largest), (0.0, 0.0));
        assert!(map_png(&[0.0; 4], 2, &blank).is_ok());
        for picture in [
            map_png(&[0.0; 5], 2, &blank),
            indexed_map_png(&[], 0, &blank),
        ] {
            let message = picture.unwrap_err().to_string();
            assert!(message.starts_with("cannot create a picture"), "{message}");
        }
        assert!(Scale::fit(&[f32::NAN]).is_err());
    }
}
