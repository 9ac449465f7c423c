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

/// Marks of single runs that one group shows: more hide one another, and a page of thousands opens slowly.
const MOST_MARKS: usize = 200;

/// Every so many-th of a group, so that it has no more marks than a reader can tell apart; all of a small one.
pub(super) fn shown<T>(group: &[T]) -> impl Iterator<Item = &T> {
    group.iter().step_by(step(group.len()))
}

/// Which runs have a mark of their own, for a caption: nothing where all of them have.
pub(super) fn shown_text(runs: &Runs) -> String {
    match step(runs.study.seeds) {
        1 => String::new(),
        step => {
            format!(" Of single runs one in {step} is drawn; means and intervals are over all.")
        }
    }
}

fn step(len: usize) -> usize {
    len.div_ceil(MOST_MARKS).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_groups_are_shown_whole_and_large_ones_thinned() {
        let count = |n: usize| shown(&vec![0; n]).count();
        assert_eq!([0, 1, 200, 201, 1000].map(count), [0, 1, 200, 101, 200]);
    }
}
