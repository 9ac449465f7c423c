//! Where maps look against what networks rely on, run by run: one panel a method.

use nodule_eval::statistics::spearman;
use nodule_study::records::MapScores;

use super::Figure;
use super::colours::LossColours;
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen::rounded;
use nodule_analysis::Runs;
use nodule_analysis::map_faithfulness::{contour_preference, shape_reliance};

const LEFT: f64 = 66.0;
const TOP: f64 = 66.0;
const PANEL: [f64; 2] = [200.0, 170.0];
const GAP: [f64; 2] = [34.0, 48.0];
const COLUMNS: usize = 3;

/// One figure, where the study has maps.
pub(crate) fn figure(runs: &Runs) -> Option<Figure> {
    let methods = runs.methods();
    let first = methods.first()?.method;
    let (read_out, _) = runs.all.iter().find_map(|run| run.map_scores(first))?;
    let points: Vec<_> = methods.iter().map(|scores| points(runs, scores)).collect();
    let all = || points.iter().flatten();
    let x = range(all().map(|p| p.0), (0.0, 1.0));
    let y = range(all().map(|p| p.1), (-0.5, 0.5));
    let rows = methods.len().div_ceil(COLUMNS);
    let width = LEFT + (PANEL[0] + GAP[0]) * COLUMNS as f64;
    let mut drawing = Drawing::new(width, TOP + (PANEL[1] + GAP[1]) * rows as f64 + 10.0);
    let colours = LossColours::of(&runs.study.losses);
    drawing.legend([LEFT, 24.0], colours.legend());
    for (i, (scores, points)) in methods.iter().zip(&points).enumerate() {
        let left = LEFT + (PANEL[0] + GAP[0]) * (i % COLUMNS) as f64;
        let top = TOP + (PANEL[1] + GAP[1]) * (i / COLUMNS) as f64;
        let panel = Panel {
            frame: [left, top, left + PANEL[0], top + PANEL[1]],
            x,
            y,
        };
        panel.x_ticks(&mut drawing);
        panel.y_ticks(&mut drawing);
        for (x, y, loss) in points {
            drawing.dot(panel.at(*x, *y), 2.6, colours.get(loss), 0.6);
        }
        panel.border(&mut drawing);
        let middle = left + PANEL[0] / 2.0;
        drawing.text(
            [middle, top - 8.0],
            &scores.method.to_string(),
            13.0,
            Anchor::Middle,
        );
        if i / COLUMNS + 1 == rows {
            let place = [middle, top + PANEL[1] + 34.0];
            drawing.text(place, "shape reliance (spreads)", 11.0, Anchor::Middle);
        }
        if i % COLUMNS == 0 {
            let middle = top + PANEL[1] / 2.0;
            drawing.text_upwards([20.0, middle], "ln(contour / interior)", 11.0);
        }
    }
    Some(Figure {
        name: "maps-truth".into(),
        caption: format!(
            "Do maps look where the network decides? Each dot is a run, of any training distribution: its counterfactual shape reliance against how much more its maps look at the contour than at the interior, {read_out} read-out. A method that tells the truth rises from left to right."
        ),
        svg: drawing.finish(
            "Where maps look against what networks rely on",
            &seen(&methods, &points),
        ),
    })
}

/// How the dots of each panel rise.
fn seen(methods: &[&MapScores], points: &[Vec<(f64, f64, &str)>]) -> String {
    let of_method = |(scores, points): (&&MapScores, &Vec<(f64, f64, &str)>)| {
        let (x, y): (Vec<_>, Vec<_>) = points.iter().map(|(x, y, _)| (*x, *y)).unzip();
        let correlation = spearman(&x, &y).ok().flatten();
        let correlation = correlation.map_or_else(|| "undefined".to_owned(), rounded);
        format!("{} {correlation} over {} runs", scores.method, x.len())
    };
    let all = methods.iter().zip(points).map(of_method);
    format!(
        "Rank correlation of the dots of each panel (1: they rise from left to right): {}.",
        all.collect::<Vec<_>>().join(", ")
    )
}

/// Reliance, preference and loss of every run that has maps by the method of `scores`.
fn points<'a>(runs: &Runs<'a>, scores: &MapScores) -> Vec<(f64, f64, &'a str)> {
    let all = runs.all.iter().copied();
    let points = all.filter_map(|run| {
        let reliance = shape_reliance(run, scores)?;
        let preference = contour_preference(run, scores)?;
        Some((reliance, preference, run.record.loss.as_str()))
    });
    points.collect()
}
