//! Where does reliance turn from texture to shape?

use super::{Section, Topic};
use crate::Error;
use crate::figures::salience::figure;
use crate::tables::salience::table;
use nodule_analysis::Runs;
use nodule_analysis::salience_sweep::{is_salience_sweep, salience_sweeps};
use nodule_analysis::variants::VariantRuns;

/// One figure and one table a training distribution; nothing unless the study sweeps both amplitudes.
pub(super) fn section(runs: &Runs, variants: &[VariantRuns]) -> Result<Section, Error> {
    let mut section = Section::default();
    let Some(read_out) = runs
        .main_read_out()
        .filter(|_| is_salience_sweep(runs.study))
    else {
        return Ok(section);
    };
    for train in runs.study.train_names() {
        let sweeps = salience_sweeps(runs.study, variants, train, read_out);
        let drawn = figure(runs, train, read_out, &sweeps);
        section.figures.extend(drawn.map(|f| (Topic::Depends, f)));
        let table = table(runs, train, &sweeps)?;
        section.tables.push((Topic::Depends, table));
    }
    Ok(section)
}
