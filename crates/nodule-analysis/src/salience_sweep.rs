//! Salience sweep: reliance on shape minus reliance on texture, over all combinations of their amplitudes.

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_study::settings::{Combine, to_f64};
use nodule_synth::Mode;

use crate::variants::VariantRuns;

const SHAPE: &str = "generator.shape_amplitude";
const TEXTURE: &str = "generator.texture_amplitude";

/// The balance of one loss at one combination of amplitudes.
pub struct SaliencePoint {
    /// Amplitude of shape.
    pub shape_amplitude: f64,
    /// Amplitude of texture.
    pub texture_amplitude: f64,
    /// Reliance on shape minus reliance on texture, in SD units, one value per seed.
    pub balances: Vec<f64>,
}

/// One loss over all combinations of amplitudes.
pub struct SalienceSweep {
    /// Name of the loss.
    pub loss: String,
    /// Sorted by amplitude of shape, then of texture.
    pub points: Vec<SaliencePoint>,
}

/// Returns whether the study crosses both amplitudes and varies nothing else.
#[must_use]
pub fn is_salience_sweep(study: &Study) -> bool {
    study.vary.as_ref().is_some_and(|vary| {
        vary.how == Combine::Crossed && vary.values.keys().eq([SHAPE, TEXTURE].iter())
    })
}

/// Returns the sweep of every loss, for networks trained on `train`.
#[must_use]
pub fn salience_sweeps(
    study: &Study,
    variants: &[VariantRuns],
    train: &str,
    read_out: ReadOut,
) -> Vec<SalienceSweep> {
    let sweep_loss = |loss: &String| {
        let point = |variant: &VariantRuns| {
            let runs = variant.runs.group(train, loss).iter();
            SaliencePoint {
                shape_amplitude: amplitude(variant, SHAPE),
                texture_amplitude: amplitude(variant, TEXTURE),
                balances: runs.filter_map(|run| balance(run, read_out)).collect(),
            }
        };
        let mut points: Vec<_> = variants.iter().map(point).collect();
        points.sort_by(|a, b| {
            let by_shape = a.shape_amplitude.total_cmp(&b.shape_amplitude);
            by_shape.then(a.texture_amplitude.total_cmp(&b.texture_amplitude))
        });
        SalienceSweep {
            loss: loss.clone(),
            points,
        }
    };
    study.losses.iter().map(sweep_loss).collect()
}

fn balance(run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
    let measured = run.read_out(read_out)?;
    let [shape, texture] =
        [Mode::Shape, Mode::Texture].map(|mode| Some(measured.mode(mode)?.effect));
    Some(shape? - texture?)
}

/// Returns an amplitude of a variant: its change, or the declared value.
fn amplitude(variant: &VariantRuns, key: &str) -> f64 {
    let change = variant.changes.iter().find(|(name, _)| name == key);
    let changed = change.and_then(|(_, value)| to_f64(value));
    let generator = &variant.runs.study.generator;
    changed.unwrap_or(match key {
        SHAPE => generator.shape_amplitude,
        _ => generator.texture_amplitude,
    })
}
