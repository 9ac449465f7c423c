//! A figure with its caption, and texts that captions share.

use nodule_analysis::Runs;

use super::drawing::Drawing;
use crate::text::{count_of, training_set};

/// A figure of the report.
pub(crate) struct Figure {
    /// File name without extension.
    pub(crate) name: String,
    /// Title in the table of contents and in the SVG file.
    pub(crate) title: String,
    /// Content of the figure, how to read it, and n; names in backticks are set as code.
    pub(crate) caption: String,
    pub(crate) svg: String,
}

impl Figure {
    /// Returns the figure of a drawing; `description` is its text alternative.
    pub(super) fn new(
        name: &str,
        title: &str,
        drawing: Drawing,
        description: &str,
        caption: String,
    ) -> Self {
        Self {
            name: name.to_owned(),
            title: title.to_owned(),
            svg: drawing.finish(title, description),
            caption,
        }
    }

    /// Returns the caption file beside the SVG file, with the least width in print.
    pub(crate) fn caption_file(&self) -> String {
        let width = least_width(&self.svg).map(|cm| {
            format!("\nPrinted at least {cm:.1} cm wide, its smallest text has {LEAST_PT} pt.\n")
        });
        format!("{}\n{}", self.caption, width.unwrap_or_default())
    }
}

/// Smallest font size in print, in points.
const LEAST_PT: f64 = 7.0;

/// Returns the width in centimetres at which the smallest text has [`LEAST_PT`] points; `None` without text.
fn least_width(svg: &str) -> Option<f64> {
    let numbers = |attribute: &'static str| {
        let values = svg.split(attribute).skip(1);
        values.filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok())
    };
    let smallest = numbers(" font-size=\"").fold(f64::INFINITY, f64::min);
    let width = numbers(" width=\"").next()?;
    let inches = width * LEAST_PT / smallest / 72.0;
    smallest.is_finite().then_some(2.54 * inches)
}

/// Returns a title for the panel of each training distribution.
pub(crate) fn train_titles(runs: &Runs) -> Vec<String> {
    let trains = runs.study.train_names();
    trains
        .map(|train| format!("{}: {train}", training_set(runs)))
        .collect()
}

/// Returns the sentence of a caption on dots of runs and marks of their means; `small` and `large` name them.
pub(super) fn dots_note(runs: &Runs, small: &str, large: &str) -> String {
    let dots = match (runs.external, runs.study.seeds) {
        (true, 1) => return "One mark for each model.".to_owned(),
        (true, _) => "single seeds of a model".to_owned(),
        (false, _) => format!("single runs{small}"),
    };
    let n = sample_size(runs);
    format!("Small dots: {dots}; {large} with 95% bootstrap intervals, {n}.")
}

/// Returns what means are over.
pub(super) fn over_seeds(runs: &Runs) -> &'static str {
    match runs.external {
        true => "the seeds of a model",
        false => "training seeds",
    }
}

/// Returns the sentence of a caption on lines.
pub(super) fn lines_note(runs: &Runs) -> String {
    if runs.external && runs.study.seeds == 1 {
        return "One line for each model.".to_owned();
    }
    let (seeds, n) = (over_seeds(runs), sample_size(runs));
    format!("Lines: means over {seeds} with 95% bootstrap intervals, {n}.")
}

/// Returns what a figure compares: `loss` or `model`.
pub(super) fn subject(runs: &Runs) -> &'static str {
    if runs.external { "model" } else { "loss" }
}

/// Returns the number of seeds behind each mark of a figure, such as `n = 8 seeds`.
pub(super) fn sample_size(runs: &Runs) -> String {
    let study = runs.study;
    let sizes = study.train_names().flat_map(|train| {
        let losses = study.losses.iter();
        losses.map(move |loss| runs.group(train, loss).len())
    });
    let (least, most) = sizes.fold((usize::MAX, 0), |(low, high), n| (low.min(n), high.max(n)));
    match (least == most, runs.external) {
        (true, _) => format!("n = {}", count_of(most, "seed")),
        (false, true) => format!("n = {least} to {most} seeds"),
        (false, false) => format!("n = {least} to {most} seeds, because not all runs are finished"),
    }
}

/// Most marks of single runs in a group: more would hide each other and slow down the page.
const MOST_MARKS: usize = 200;

/// Returns every k-th element of a group, so that at most [`MOST_MARKS`] are drawn.
pub(super) fn thin<T>(group: &[T]) -> impl Iterator<Item = &T> {
    group.iter().step_by(thinning_step(group.len()))
}

/// Returns the sentence of a caption about thinning; empty if every run is drawn.
pub(super) fn thinning_note(runs: &Runs) -> String {
    match thinning_step(runs.study.seeds) {
        1 => String::new(),
        step => {
            let noun = if runs.external { "seeds" } else { "runs" };
            format!(" Only one in {step} {noun} is drawn; means and intervals use all of them.")
        }
    }
}

fn thinning_step(len: usize) -> usize {
    len.div_ceil(MOST_MARKS).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_caption_states_the_least_width_in_print() {
        let svg = r#"<svg width="480" height="9"><text font-size="12">a</text><text font-size="10">b</text></svg>"#;
        let figure = Figure {
            name: "a".into(),
            title: "A".into(),
            caption: "A caption.".into(),
            svg: svg.into(),
        };
        let expected = "A caption.\n\nPrinted at least 11.9 cm wide, its smallest text has 7 pt.\n";
        assert_eq!(figure.caption_file(), expected);
        assert_eq!(least_width("<svg width=\"480\"></svg>"), None);
    }

    #[test]
    fn only_large_groups_are_thinned() {
        let count = |n: usize| thin(&vec![0; n]).count();
        assert_eq!([0, 1, 200, 201, 1000].map(count), [0, 1, 200, 101, 200]);
    }
}
