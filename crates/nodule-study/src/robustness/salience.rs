//! A salience sweep: shape and texture made to show more or less, in every combination, and which of
//! the two each network relies on.

use toml::Value;

use super::shared_read_outs;
use super::universes::Universe;
use crate::extra::Extra;
use crate::figures::mean_interval;
use crate::figures::salience::{SaliencePoint, figure};
use crate::hypotheses::value;
use crate::numbers::number;
use crate::record::FinishedRun;
use crate::select::group;
use crate::settings::{Combine, Endpoint, Study};
use crate::source::Source;
use crate::table::Table;
use crate::tables::{NONE, texts};

const SHAPE: &str = "generator.shape_amplitude";
const TEXTURE: &str = "generator.texture_amplitude";

/// Nothing unless the study crosses both amplitudes and nothing else.
pub(super) fn extra(study: &Study, universes: &[Universe]) -> Extra {
    let swept = study.vary.as_ref().is_some_and(|vary| {
        vary.how == Combine::Crossed && vary.values.keys().eq([SHAPE, TEXTURE].iter())
    });
    let Some(read_out) = shared_read_outs(study).first().copied().filter(|_| swept) else {
        return Extra::default();
    };
    let (mut figures, mut tables) = (Vec::new(), Vec::new());
    for train in &study.train {
        let of_loss = |loss: &String| {
            let points = universes.iter().map(|universe| {
                let balance = |run: &&FinishedRun| {
                    let of = |mode: &str| {
                        let endpoint = Endpoint::Effect { mode: mode.into() };
                        value(run, &endpoint, read_out)
                    };
                    Some(of("shape")? - of("texture")?)
                };
                let runs = group(&universe.runs, train, loss);
                SaliencePoint {
                    shape_amplitude: amplitude(universe, SHAPE),
                    texture_amplitude: amplitude(universe, TEXTURE),
                    balances: runs.iter().filter_map(balance).collect(),
                }
            });
            let mut points: Vec<_> = points.collect();
            points.sort_by(|a, b| {
                let by_shape = a.shape_amplitude.total_cmp(&b.shape_amplitude);
                by_shape.then(a.texture_amplitude.total_cmp(&b.texture_amplitude))
            });
            (loss.clone(), points)
        };
        let losses: Vec<_> = study.losses.iter().map(of_loss).collect();
        figures.extend(figure(study, train, read_out, &losses));
        tables.push(table(train, &losses));
    }
    Extra {
        figures,
        tables,
        ..Extra::default()
    }
}

/// An amplitude of a variant: what it changes, or what the study has.
fn amplitude(universe: &Universe, key: &str) -> f64 {
    let change = universe.changes.iter().find(|(name, _)| name == key);
    let changed = change.and_then(|(_, value)| match value {
        Value::Integer(whole) => Some(*whole as f64),
        other => other.as_float(),
    });
    let generator = &universe.study.generator;
    changed.unwrap_or(match key {
        SHAPE => generator.shape_amplitude,
        _ => generator.texture_amplitude,
    })
}

fn table(train: &str, losses: &[(String, Vec<SaliencePoint>)]) -> Table {
    let points = losses.first().map_or(&[][..], |(_, points)| points);
    let row = |(i, point): (usize, &SaliencePoint)| {
        let cell = |(_, points): &(String, Vec<SaliencePoint>)| {
            let balances = points.get(i).map_or(&[][..], |p| &p.balances);
            mean_interval(balances).map_or(NONE.to_owned(), |(mean, interval)| {
                let (low, high) = (number(interval.low), number(interval.high));
                format!("{} [{low}, {high}] ({})", number(mean), balances.len())
            })
        };
        let amplitudes = [point.shape_amplitude, point.texture_amplitude];
        let head = amplitudes.map(|a| a.to_string()).to_vec();
        [head, losses.iter().map(cell).collect()].concat()
    };
    Table {
        source: Source {
            file: "varied",
            keys: vec![],
            first: 2,
        },
        name: format!("salience-{train}"),
        caption: format!(
            "Trained on {train}: reliance on shape minus reliance on texture, in spreads, with each mode made weaker or stronger (multiples of the amplitude of the other studies): above 0 shape leads. Mean with its 95% bootstrap interval over training seeds (n)."
        ),
        header: [
            texts(&["shape amplitude", "texture amplitude"]),
            losses.iter().map(|(loss, _)| loss.clone()).collect(),
        ]
        .concat(),
        rows: points.iter().enumerate().map(row).collect(),
    }
}
