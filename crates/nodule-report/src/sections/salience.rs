//! Cue salience sweep: dominant cue at each pair of amplitudes.

use nodule_analysis::Runs;
use nodule_analysis::salience_sweep::{is_salience_sweep, salience_sweeps};
use nodule_analysis::variants::VariantRuns;

use super::Content;
use crate::Error;
use crate::figures::salience::figure;
use crate::tables::salience::table;
use crate::topic::Topic;

/// Returns a figure and a table per training distribution; empty unless the study crosses both amplitudes.
pub(super) fn content(runs: &Runs, variants: &[VariantRuns]) -> Result<Content, Error> {
    let mut content = Content::default();
    let Some(read_out) = runs
        .main_read_out()
        .filter(|_| is_salience_sweep(runs.study))
    else {
        return Ok(content);
    };
    for train in runs.study.train_names() {
        let sweeps = salience_sweeps(runs.study, variants, train, read_out);
        let figure = figure(runs, train, read_out, &sweeps);
        content
            .figures
            .extend(figure.map(|figure| (Topic::Robustness, figure)));
        content
            .tables
            .push((Topic::Robustness, table(runs, train, &sweeps)?));
    }
    Ok(content)
}
