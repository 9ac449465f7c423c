//! A salience sweep: shape and texture made to show more or less, in every combination, and which of
//! the two each network relies on.

use nodule_eval::ReadOut;
use nodule_study::Study;
use nodule_study::records::FinishedRun;
use nodule_study::settings::{Combine, Endpoint};
use nodule_synth::Mode;
use toml::Value;

use super::endpoint::value;
use super::variants::VariantRuns;

const SHAPE: &str = "generator.shape_amplitude";
const TEXTURE: &str = "generator.texture_amplitude";

/// Where one loss stands at one pair of amplitudes.
pub struct SaliencePoint {
    pub shape_amplitude: f64,
    pub texture_amplitude: f64,
    /// Reliance on shape minus reliance on texture, in spreads: one number a seed.
    pub balances: Vec<f64>,
}

/// One loss over all pairs of amplitudes, by shape and then by texture.
pub struct SalienceSweep {
    pub loss: String,
    pub points: Vec<SaliencePoint>,
}

/// Whether the study crosses both amplitudes and nothing else.
pub fn is_sweep(study: &Study) -> bool {
    study.vary.as_ref().is_some_and(|vary| {
        vary.how == Combine::Crossed && vary.values.keys().eq([SHAPE, TEXTURE].iter())
    })
}

/// Loss by loss, of networks trained on `train`.
pub fn sweeps(
    study: &Study,
    variants: &[VariantRuns],
    train: &str,
    read_out: ReadOut,
) -> Vec<SalienceSweep> {
    let of_loss = |loss: &String| {
        let point = |variant: &VariantRuns| {
            let runs = variant.runs.of(train, loss).iter();
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
    study.losses.iter().map(of_loss).collect()
}

fn balance(run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
    let effect = |mode| value(run, &Endpoint::Effect { mode }, read_out);
    Some(effect(Mode::Shape)? - effect(Mode::Texture)?)
}

/// An amplitude of a variant: what it changes, or what the study has.
fn amplitude(variant: &VariantRuns, key: &str) -> f64 {
    let change = variant.changes.iter().find(|(name, _)| name == key);
    let changed = change.and_then(|(_, value)| match value {
        Value::Integer(whole) => Some(*whole as f64),
        other => other.as_float(),
    });
    let generator = &variant.runs.study.generator;
    changed.unwrap_or(match key {
        SHAPE => generator.shape_amplitude,
        _ => generator.texture_amplitude,
    })
}
