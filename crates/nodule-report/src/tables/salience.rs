//! Which mode leads at each pair of amplitudes, in rows.

use super::Table;
use super::cells::{mean_interval_text, texts};
use super::source::Source;
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::salience_sweep::SalienceSweep;

/// One row a pair of amplitudes, of networks trained on `train`; one column a loss.
pub(crate) fn table(runs: &Runs, train: &str, sweeps: &[SalienceSweep]) -> Result<Table, Error> {
    let points = sweeps
        .first()
        .map_or(&[][..], |sweep| sweep.points.as_slice());
    let mut rows = Vec::new();
    for (i, point) in points.iter().enumerate() {
        let amplitudes = [point.shape_amplitude, point.texture_amplitude];
        let mut row = amplitudes.map(|a| a.to_string()).to_vec();
        for sweep in sweeps {
            let balances = sweep
                .points
                .get(i)
                .map_or(&[][..], |p| p.balances.as_slice());
            row.push(mean_interval_text(runs, balances)?);
        }
        rows.push(row);
    }
    let losses = sweeps.iter().map(|sweep| sweep.loss.clone());
    Ok(Table {
        source: Source::whole("varied", 2),
        name: format!("salience-{train}"),
        caption: format!(
            "Trained on {train}: reliance on shape minus reliance on texture, in spreads, with each mode made weaker or stronger (multiples of the amplitude of the other studies): above 0 shape leads. Mean with its 95% bootstrap interval over training seeds (n)."
        ),
        header: [
            texts(&["shape amplitude", "texture amplitude"]),
            losses.collect(),
        ]
        .concat(),
        rows,
    })
}
