//! A drawing with its caption.

use crate::analysis::Runs;

/// A figure: a file name without its ending, what it shows, and the drawing.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) svg: String,
}

/// How many seeds are behind each mark of a figure.
pub(super) fn seeds_text(runs: &Runs) -> String {
    let study = runs.study;
    let trains = study.train.iter();
    let cells = trains.flat_map(|train| study.losses.iter().map(move |loss| (train, loss)));
    let counts = cells.map(|(train, loss)| runs.of(train, loss).len());
    let (least, most) = counts.fold((usize::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
    match (least, most) {
        (1, 1) => "n = 1 seed".to_owned(),
        _ if least == most => format!("n = {most} seeds"),
        _ => format!("n = {least} to {most} seeds, as far as runs are finished"),
    }
}
