//! Maps of a finished run: arrays for NumPy, a picture of each, and a page to look at.

mod how;
mod page;
mod sanity;
mod scores;

use std::io::Cursor;
use std::path::Path;
use std::sync::Arc;

use ndarray::{ArrayView1, ArrayView3};
use ndarray_npy::NpzWriter;
use nodule_eval::{FittedReadOut, ReadOut, fit};
use nodule_explain::{MassRatios, Model};
use nodule_synth::{DataSet, Distribution, Outlines, generate};
use nodule_train::infer;

use crate::Error;
use crate::decision::decision;
use crate::evaluate::embeddings;
use crate::folder::{create_folder, write_atomic};
use crate::maps::ratios;
use crate::opened::{OpenedRun, open_run};
use crate::picture::{Scale, map_png};
use crate::tensor::image_tensor;
use scores::{Stability, scores_csv, stability};

pub use how::How;
pub use sanity::{SanityRow, check_sanity};
pub(crate) use sanity::{cascade_rows, random_label_rows};

/// What to explain.
#[derive(Debug, Clone)]
pub struct ExplainSettings {
    /// How.
    pub how: How,
    /// Whose decision: `head`, `centroid` or `probe`.
    pub read_out: ReadOut,
    /// Which images; without it those of the training distribution.
    pub distribution: Option<Distribution>,
    /// Seed of the images, and of the noise where the method has any.
    pub seed: u64,
    /// How many images.
    pub n: usize,
}

/// Maps of some images, and what goes with them.
pub(crate) struct Explained {
    pub(crate) settings: ExplainSettings,
    pub(crate) run: String,
    pub(crate) distribution: String,
    pub(crate) data: DataSet,
    /// `[n, size, size]`.
    pub(crate) maps: Vec<f32>,
    /// Decision values `[n]`.
    pub(crate) decisions: Vec<f32>,
    pub(crate) ratios: Vec<MassRatios>,
    stability: Stability,
}

/// Explains the run in `folder` and writes `maps.npz` (`images` and `maps` f32 `[n, size, size]`,
/// `labels` u8 `[n]`), `scores.csv`, `maps/00000.png` and so on, and `index.html` into `out`. Returns the largest
/// absolute value of all maps; 0 says that all are blank.
///
/// # Errors
/// [`Error::Folder`] if there is no finished run or `out` cannot be written; [`Error::Setting`] if
/// the run has no such read-out or it has no derivative, or there is no image.
pub fn explain_run(
    folder: &Path,
    outlines: Arc<Outlines>,
    settings: &ExplainSettings,
    out: &Path,
) -> Result<f32, Error> {
    let run = open_run(folder, outlines)?;
    let explained = explain(&run, settings)?;
    create_folder(&out.join("maps"))?;
    let failed = |reason: String| Error::Record {
        path: out.to_path_buf(),
        reason,
    };
    let arrays = arrays(&explained).map_err(failed)?;
    write_atomic(&out.join("maps.npz"), &arrays)?;
    write_atomic(&out.join("scores.csv"), &scores_csv(&explained)?)?;
    let scale = Scale::of(&explained.maps);
    let size = explained.data.image_size;
    for (i, map) in explained.maps.chunks(size * size).enumerate() {
        let png = map_png(map, size, scale.end).map_err(failed)?;
        write_atomic(&out.join("maps").join(format!("{i:05}.png")), &png)?;
    }
    let page = page::page(&explained, &scale).map_err(failed)?;
    write_atomic(&out.join("index.html"), page.as_bytes())?;
    Ok(scale.largest)
}

fn explain(run: &OpenedRun, settings: &ExplainSettings) -> Result<Explained, Error> {
    let (data, fitted) = prepare(run, settings)?;
    let decision = decision(&run.network, settings.read_out, &fitted)?;
    let images = image_tensor(&data)?;
    let maps = settings.how.maps(&decision, &images, settings.seed)?;
    let stability = stability(settings.how, &decision, (&images, &maps), settings.seed)?;
    let decided = decision.decide(&images).and_then(|d| d.to_vec1());
    let maps = maps.flatten_all().and_then(|m| m.to_vec1::<f32>());
    let maps = maps.map_err(nodule_explain::Error::from)?;
    let distribution = settings.distribution.as_ref();
    Ok(Explained {
        settings: settings.clone(),
        run: run.record.run.clone(),
        distribution: distribution.unwrap_or(&run.settings.train).name.clone(),
        ratios: ratios(&data, &maps)?,
        decisions: decided.map_err(nodule_explain::Error::from)?,
        maps,
        stability,
        data,
    })
}

/// The images asked for, and the read-out fitted on the run's training images.
pub(crate) fn prepare(
    run: &OpenedRun,
    settings: &ExplainSettings,
) -> Result<(DataSet, FittedReadOut), Error> {
    let available = run.settings.loss.read_outs(&ReadOut::ALL);
    if !available.contains(&settings.read_out) {
        return Err(Error::Setting {
            place: run.record.run.clone(),
            field: "read-out".into(),
            value: settings.read_out.to_string(),
            allowed: format!(
                "one that {} has: centroid or probe; it trains no head",
                run.record.loss
            ),
        });
    }
    let distribution = settings.distribution.as_ref();
    let distribution = distribution.unwrap_or(&run.settings.train);
    let data = generate(&run.generator, distribution, settings.seed, settings.n)?;
    let inference = infer(&run.network, &run.training.images)?;
    let fitted = fit(
        settings.read_out,
        embeddings(&inference)?,
        &run.training.labels,
    )?;
    Ok((data, fitted))
}

fn arrays(explained: &Explained) -> Result<Vec<u8>, String> {
    let data = &explained.data;
    let shape = (data.labels.len(), data.image_size, data.image_size);
    let cube = |values| ArrayView3::<f32>::from_shape(shape, values).map_err(|e| e.to_string());
    let mut bytes = Cursor::new(Vec::new());
    let mut file = NpzWriter::new(&mut bytes);
    let written = file
        .add_array("images", &cube(&data.images)?)
        .and_then(|()| file.add_array("labels", &ArrayView1::from(&data.labels)));
    written.map_err(|e| e.to_string())?;
    let written = file.add_array("maps", &cube(&explained.maps)?);
    written.map_err(|e| e.to_string())?;
    file.finish().map_err(|e| e.to_string())?;
    Ok(bytes.into_inner())
}
