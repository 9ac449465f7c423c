//! A drawing with its caption.

use nodule_analysis::Runs;

/// A figure: a file name without its ending, what it shows, and the drawing.
pub(crate) struct Figure {
    pub(crate) name: String,
    pub(crate) caption: String,
    pub(crate) svg: String,
}

impl Figure {
    /// The caption as a text beside the drawing, with the width that it needs in print.
    pub(crate) fn text(&self) -> String {
        let width = least_width(&self.svg).map_or_else(String::new, |cm| {
            format!("\nPrinted at least {cm:.1} cm wide, its smallest text has {LEAST_PT} pt.\n")
        });
        format!("{}\n{width}", self.caption)
    }
}

/// Smaller text in print is too small to read.
const LEAST_PT: f64 = 7.0;

/// The width in centimetres at which the smallest text of a drawing has [`LEAST_PT`] points; none for one
/// without text.
fn least_width(svg: &str) -> Option<f64> {
    let numbers = |name: &'static str| {
        let parts = svg.split(name).skip(1);
        parts.filter_map(|rest| rest.split('"').next()?.parse::<f64>().ok())
    };
    let smallest = numbers(" font-size=\"").fold(f64::INFINITY, f64::min);
    let width = numbers(" width=\"").next()?;
    let inches = width * LEAST_PT / smallest / 72.0;
    (smallest.is_finite()).then_some(2.54 * inches)
}

/// How many seeds are behind each mark of a figure.
pub(super) fn seeds_text(runs: &Runs) -> String {
    let study = runs.study;
    let trains = study.train_names();
    let cells = trains.flat_map(|train| study.losses.iter().map(move |loss| (train, loss)));
    let counts = cells.map(|(train, loss)| runs.group(train, loss).len());
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
    fn a_caption_says_how_wide_its_figure_must_be_in_print() {
        let svg = r#"<svg width="480" height="9"><text font-size="12">a</text><text font-size="10">b</text></svg>"#;
        let figure = Figure {
            name: "a".into(),
            caption: "What is seen.".into(),
            svg: svg.into(),
        };
        let expected =
            "What is seen.\n\nPrinted at least 11.9 cm wide, its smallest text has 7 pt.\n";
        assert_eq!(figure.text(), expected);
        assert_eq!(least_width("<svg width=\"480\"></svg>"), None);
    }

    #[test]
    fn small_groups_are_shown_whole_and_large_ones_thinned() {
        let count = |n: usize| shown(&vec![0; n]).count();
        assert_eq!([0, 1, 200, 201, 1000].map(count), [0, 1, 200, 101, 200]);
    }
}
