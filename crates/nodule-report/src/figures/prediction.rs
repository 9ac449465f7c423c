//! Reliance against accuracy out of distribution, run by run: the picture behind a declared rank
//! correlation.

use nodule_eval::statistics::spearman;
use nodule_study::claims::Contrast;
use nodule_study::records::FinishedRun;
use nodule_study::text::format_number;

use super::Figure;
use super::colours::LossColours;
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen::rounded;
use crate::Error;
use nodule_analysis::Runs;

const FRAME: [f64; 4] = [78.0, 50.0, 478.0, 350.0];

/// One figure for the first rank correlation that the study declares, if it declares one.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    let declared = runs
        .study
        .hypotheses
        .iter()
        .find_map(|h| match &h.contrast {
            Contrast::RankCorrelation(claim) => Some((h, &claim.x, &claim.y, claim.read_out)),
            _ => None,
        });
    let Some((hypothesis, x, y, read_out)) = declared else {
        return Ok(None);
    };
    let points: Vec<Point> = runs
        .trained_on(&hypothesis.train)
        .filter_map(|run| Some((run, x.value(run, read_out)?, y.value(run, read_out)?)))
        .collect();
    let panel = Panel {
        frame: FRAME,
        x: range(points.iter().map(|p| p.1), (0.0, 1.0)),
        y: range(points.iter().map(|p| p.2), (0.4, 1.0)),
    };
    let mut drawing = Drawing::new(510.0, 410.0);
    let colours = LossColours::of(&runs.study.losses);
    drawing.legend([FRAME[0], 26.0], colours.legend());
    panel.x_ticks(&mut drawing);
    panel.y_ticks(&mut drawing);
    for (run, x, y) in &points {
        drawing.dot(panel.at(*x, *y), 4.0, colours.get(&run.record.loss), 0.75);
    }
    panel.border(&mut drawing);
    let middle = f64::midpoint(FRAME[0], FRAME[2]);
    drawing.text([middle, FRAME[3] + 40.0], &x.title(), 13.0, Anchor::Middle);
    drawing.text_upwards([24.0, f64::midpoint(FRAME[1], FRAME[3])], &y.title(), 13.0);
    Ok(Some(Figure {
        name: "reliance-and-accuracy".into(),
        caption: format!(
            "{}: every run trained on {}, {read_out} read-out; {} runs. Spearman's correlation within each loss: {}.",
            hypothesis.id,
            hypothesis.train,
            points.len(),
            within_losses(&runs.study.losses, &points)?
        ),
        svg: drawing.finish(&hypothesis.claim, &seen(&points)),
    }))
}

/// Where the dots lie.
fn seen(points: &[Point]) -> String {
    let ends = |of: fn(&Point) -> f64| {
        let all = points.iter().map(of);
        let (low, high) = all.fold((f64::INFINITY, f64::NEG_INFINITY), |(l, h), v| {
            (l.min(v), h.max(v))
        });
        format!("from {} to {}", rounded(low), rounded(high))
    };
    match points.len() {
        0 => "No dots yet.".to_owned(),
        n => format!(
            "{n} dots, {} to the right and {} upwards.",
            ends(|p| p.1),
            ends(|p| p.2)
        ),
    }
}

/// A run, and both of its numbers.
type Point<'a> = (&'a FinishedRun, f64, f64);

/// The correlation of each loss by itself: one over all runs may be a difference between losses.
fn within_losses(losses: &[String], points: &[Point]) -> Result<String, Error> {
    let of_loss = |loss: &String| {
        let runs = points.iter().filter(|(run, ..)| run.record.loss == *loss);
        let (x, y): (Vec<_>, Vec<_>) = runs.map(|(_, x, y)| (*x, *y)).unzip();
        let correlation = spearman(&x, &y)?.map_or_else(|| "undefined".to_owned(), format_number);
        Ok(format!("{loss} {correlation} ({} runs)", x.len()))
    };
    let all = losses
        .iter()
        .map(of_loss)
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(all.join(", "))
}
