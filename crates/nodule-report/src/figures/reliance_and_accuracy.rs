//! Scatter plot behind a declared rank correlation, such as reliance against out-of-distribution accuracy.

use nodule_analysis::Runs;
use nodule_eval::statistics::spearman;
use nodule_study::claims::{Contrast, RankCorrelation};
use nodule_study::records::FinishedRun;
use nodule_study::text::format_number;

use super::Figure;
use super::alt_text::two_digits;
use super::colours::LossColours;
use super::panel::range;
use super::panel_grid::PanelGrid;
use crate::Error;
use crate::text::classifier;

/// A run and its two values.
type Point<'a> = (&'a FinishedRun, f64, f64);

/// Returns the figure of the first rank correlation that the study declares; none if it declares none.
pub(super) fn figure(runs: &Runs) -> Result<Vec<Figure>, Error> {
    let mut claims = runs.study.hypotheses.iter();
    let declared = claims.find_map(|claim| match &claim.contrast {
        Contrast::RankCorrelation(RankCorrelation { x, y, read_out }) => {
            Some((claim, x, y, *read_out))
        }
        _ => None,
    });
    let Some((claim, x, y, read_out)) = declared else {
        return Ok(Vec::new());
    };
    let points: Vec<Point> = runs
        .trained_on(&claim.train)
        .filter_map(|run| Some((run, x.value(run, read_out)?, y.value(run, read_out)?)))
        .collect();
    let colours = LossColours::new(&runs.study.losses);
    let grid = PanelGrid {
        width: (400.0, 400.0),
        heights: vec![300.0],
        legend: colours.legend(),
        x_labels: vec![x.title()],
        y_labels: vec![[y.title(), String::new()]],
        ..PanelGrid::default()
    };
    let mut drawing = grid.draw_labels();
    let x_range = range(points.iter().map(|p| p.1), (0.0, 1.0));
    let y_range = range(points.iter().map(|p| p.2), (0.4, 1.0));
    let panel = grid.panel(0, 0, x_range, y_range);
    panel.x_ticks(&mut drawing);
    panel.y_ticks(&mut drawing);
    for (run, x, y) in &points {
        drawing.dot(panel.at(*x, *y), 4.0, colours.get(&run.record.loss), 0.75);
    }
    panel.border(&mut drawing);
    let caption = format!(
        "{}: every run trained on the `{}` distribution, {} ({} runs). Spearman's rank correlation within each loss: {}.",
        claim.id,
        claim.train,
        classifier(read_out),
        points.len(),
        correlations_within_losses(&runs.study.losses, &points)?
    );
    let title = format!("{} against {}", y.title(), x.title());
    let (name, description) = ("reliance-and-accuracy", describe(&points));
    let figure = Figure::new(name, &title, drawing, &description, caption);
    Ok(vec![figure])
}

/// Returns the number of dots and their ranges.
fn describe(points: &[Point]) -> String {
    let extent = |value: fn(&Point) -> f64| {
        let low = points.iter().map(value).fold(f64::INFINITY, f64::min);
        let high = points.iter().map(value).fold(f64::NEG_INFINITY, f64::max);
        format!("from {} to {}", two_digits(low), two_digits(high))
    };
    match points.len() {
        0 => "No run is finished yet, so no dots.".to_owned(),
        n => format!(
            "{n} dots, {} on the x axis and {} on the y axis.",
            extent(|p| p.1),
            extent(|p| p.2)
        ),
    }
}

/// A correlation over all runs may reflect a difference between losses; those within losses do not.
fn correlations_within_losses(losses: &[String], points: &[Point]) -> Result<String, Error> {
    let correlations = losses.iter().map(|loss| {
        let runs = points.iter().filter(|(run, ..)| run.record.loss == *loss);
        let (x, y): (Vec<_>, Vec<_>) = runs.map(|(_, x, y)| (*x, *y)).unzip();
        let correlation = spearman(&x, &y)?.map_or_else(|| "undefined".to_owned(), format_number);
        Ok(format!("{loss} {correlation} ({} runs)", x.len()))
    });
    Ok(correlations.collect::<Result<Vec<_>, Error>>()?.join(", "))
}
