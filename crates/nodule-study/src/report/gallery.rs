//! Example nodules, given by the caller, as pictures inside the page.

use crate::Error;
use crate::picture::{data_uri, grey_png};

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
    let png = grey_png(values, width).map_err(|reason| Error::Record {
        path: "gallery".into(),
        reason,
    })?;
    Ok(data_uri(&png))
}
