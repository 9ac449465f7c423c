//! Example nodules, given by the caller, as pictures inside the page.

use std::io::Cursor;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use image::{GrayImage, ImageFormat};

use crate::Error;

/// Example nodules for the report.
#[derive(Debug, Clone, Default)]
pub struct Gallery {
    /// One row a kind of nodule.
    pub rows: Vec<GalleryRow>,
}

/// Nodules of one kind.
#[derive(Debug, Clone)]
pub struct GalleryRow {
    /// What they have in common.
    pub label: String,
    /// Width, and intensities `[width, width]` in [0, 1].
    pub images: Vec<(usize, Vec<f32>)>,
}

impl Gallery {
    /// Each row's label with its pictures as data URIs.
    pub(crate) fn pictures(&self) -> Result<Vec<(String, Vec<String>)>, Error> {
        let row = |row: &GalleryRow| {
            let pictures = row
                .images
                .iter()
                .map(|(width, values)| picture(*width, values));
            Ok((row.label.clone(), pictures.collect::<Result<_, Error>>()?))
        };
        self.rows.iter().map(row).collect()
    }
}

fn picture(width: usize, values: &[f32]) -> Result<String, Error> {
    let failed = |reason: String| Error::Record {
        path: "gallery".into(),
        reason,
    };
    let grey = values
        .iter()
        .map(|v| (v * 255.0).round().clamp(0.0, 255.0) as u8)
        .collect();
    let picture = GrayImage::from_raw(width as u32, width as u32, grey)
        .ok_or_else(|| failed(format!("{} values are no image {width} wide", values.len())))?;
    let mut png = Cursor::new(Vec::new());
    picture
        .write_to(&mut png, ImageFormat::Png)
        .map_err(|e| failed(e.to_string()))?;
    Ok(format!(
        "data:image/png;base64,{}",
        STANDARD.encode(png.into_inner())
    ))
}
