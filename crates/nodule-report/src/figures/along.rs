//! Along a setting, such as the number of training images: what losses differ by, and what each reaches. The x
//! axis is logarithmic: each doubling is as wide as the next.

use nodule_eval::statistics::Interval;
use nodule_eval::{Metric, ReadOut};
use nodule_study::Study;
use nodule_study::claims::{Contrast, Effect, Endpoint, Hypothesis, TestMetric};

use super::Figure;
use super::colours::LossColours;
use super::marker::mark;
use super::plot::{Anchor, Drawing, Panel, range};
use super::seen::rounded;
use crate::Error;
use nodule_analysis::endpoints::{MODES, values};
use nodule_analysis::equal_loss::Moment;
use nodule_analysis::sweep::{Sweep, format_thousands};
use nodule_analysis::sweep_differences::SweepDifference;
use nodule_analysis::unique;

const LEFT: f64 = 66.0;
const TOP: f64 = 16.0;
const SIDE: [f64; 2] = [300.0, 210.0];
const GAP: f64 = 84.0;
const BELOW: f64 = 52.0;
/// What losses reach has so many panels side by side; their differences stand below one another, for the width of
/// a column.
const COLUMNS: usize = 2;

/// A line of means.
struct Line {
    name: String,
    colour: &'static str,
    /// Value of the setting, mean, interval.
    points: Vec<(f64, f64, Option<Interval>)>,
}

/// A panel: the training distribution, the quantity of its y axis, and what is too small to matter.
struct Part {
    train: String,
    label: String,
    least: (f64, f64),
    band: Option<f64>,
    lines: Vec<Line>,
}

/// The differences that claims are about, a panel an endpoint and a line a claim, in their smallest effects of
/// interest. None before a difference is there.
pub(crate) fn differences(
    study: &Study,
    sweep: &Sweep,
    points: &[SweepDifference],
) -> Option<Figure> {
    let colours = LossColours::of(&study.losses);
    let ends: Vec<_> = points.iter().filter(|p| p.moment == Moment::End).collect();
    let panels = unique(ends.iter().filter_map(|p| endpoint(p.claim)));
    let parts = panels.into_iter().map(|(train, endpoint_of_panel)| {
        let claims = unique(ends.iter().map(|p| p.claim));
        let own = claims
            .into_iter()
            .filter(|claim| endpoint(claim) == Some((train, endpoint_of_panel)));
        let own: Vec<&Hypothesis> = own.collect();
        let line = |claim: &&Hypothesis| {
            let at = ends.iter().filter(|p| p.claim.id == claim.id);
            Line {
                name: format!("{}: {}", claim.id, losses(claim)),
                colour: other_loss(claim).map_or("#444444", |loss| colours.get(loss)),
                points: at
                    .filter_map(|p| Some((p.value, p.evidence.effect?, p.evidence.interval)))
                    .collect(),
            }
        };
        let smallest = own.iter().map(|claim| claim.smallest_effect);
        let smallest = smallest.fold(f64::INFINITY, f64::min);
        Part {
            train: train.to_owned(),
            label: format!("difference in {}", endpoint_of_panel.title()),
            least: (-1.2 * smallest, 1.2 * smallest),
            band: Some(smallest),
            lines: own.iter().map(line).collect(),
        }
    });
    let caption = format!(
        "What losses differ by, along {}: each claim's difference after training, mean over seeds with its 95% bootstrap interval over seeds. Grey band: differences smaller than the smallest of interest.",
        sweep.over
    );
    let title = format!("Differences between losses along {}", sweep.over);
    drawn(
        sweep,
        (&parts.collect::<Vec<_>>(), 1),
        (format!("along-{}", sweep.over), title, caption),
    )
}

/// What each loss reaches: reliance on both modes, and accuracy in distribution and on the claimed tests.
pub(crate) fn levels(
    study: &Study,
    sweep: &Sweep,
    tests: &[String],
    read_out: ReadOut,
) -> Result<Option<Figure>, Error> {
    let colours = LossColours::of(&study.losses);
    let mut parts = Vec::new();
    for train in study.train_names() {
        let accuracy = |test: &str| {
            Endpoint::from(TestMetric {
                metric: Metric::Accuracy,
                test: test.to_owned(),
            })
        };
        let relied = MODES.map(|mode| (Endpoint::from(Effect { mode }), (0.0, 1.0)));
        let right = unique([train].into_iter().chain(tests.iter().map(String::as_str)));
        let right = right.into_iter().map(|test| (accuracy(test), (0.5, 1.0)));
        for (endpoint, least) in relied.into_iter().chain(right) {
            let mut lines = Vec::new();
            for (loss, colour) in colours.legend() {
                let mut points = Vec::new();
                for (value, runs) in &sweep.points {
                    let mean = runs.mean(&values(runs.group(train, loss), &endpoint, read_out))?;
                    points.extend(mean.map(|mean| (*value, mean.mean, mean.interval)));
                }
                lines.push(Line {
                    name: (*loss).to_owned(),
                    colour,
                    points,
                });
            }
            if lines.iter().any(|line| !line.points.is_empty()) {
                parts.push(Part {
                    train: train.to_owned(),
                    label: endpoint.title(),
                    least,
                    band: None,
                    lines,
                });
            }
        }
    }
    let caption = format!(
        "What each loss reaches, along {}: means over seeds with 95% bootstrap intervals over seeds, {read_out} read-out.",
        sweep.over
    );
    let title = format!("Reliance and accuracy along {}", sweep.over);
    Ok(drawn(
        sweep,
        (&parts, COLUMNS),
        (format!("levels-{}", sweep.over), title, caption),
    ))
}

fn endpoint(claim: &Hypothesis) -> Option<(&str, &Endpoint)> {
    match &claim.contrast {
        Contrast::PairedDifference(pair) => Some((&claim.train, &pair.endpoint)),
        _ => None,
    }
}

fn losses(claim: &Hypothesis) -> String {
    match &claim.contrast {
        Contrast::PairedDifference(pair) => format!("{} − {}", pair.a.loss, pair.b.loss),
        _ => String::new(),
    }
}

fn other_loss(claim: &Hypothesis) -> Option<&str> {
    match &claim.contrast {
        Contrast::PairedDifference(pair) => Some(&pair.b.loss),
        _ => None,
    }
}

fn drawn(
    sweep: &Sweep,
    (parts, columns): (&[Part], usize),
    (name, title, caption): (String, String, String),
) -> Option<Figure> {
    let (first, last) = (
        sweep.points.first()?.0.log2(),
        sweep.points.last()?.0.log2(),
    );
    if parts
        .iter()
        .all(|part| part.lines.iter().all(|line| line.points.is_empty()))
    {
        return None;
    }
    let wide = parts.len().min(columns) as f64;
    let most_lines = parts.iter().map(|part| part.lines.len()).max().unwrap_or(0);
    let legend = 17.0 * most_lines.div_ceil(2) as f64;
    let pitch = [SIDE[0] + GAP, SIDE[1] + TOP + legend + BELOW];
    let bands = parts.len().div_ceil(columns) as f64;
    let mut drawing = Drawing::new(LEFT + pitch[0] * wide - GAP + 24.0, pitch[1] * bands);
    for (i, part) in parts.iter().enumerate() {
        let left = LEFT + pitch[0] * (i % columns) as f64;
        let top = TOP + legend + pitch[1] * (i / columns) as f64;
        let all = part.lines.iter().flat_map(|line| &line.points);
        let ends = all.flat_map(|(_, mean, interval)| {
            let ends = interval.map(|i| [i.low, i.high]);
            std::iter::once(*mean).chain(ends.into_iter().flatten())
        });
        let panel = Panel {
            frame: [left, top, left + SIDE[0], top + SIDE[1]],
            x: (first - 0.3, last + 0.3),
            y: range(ends, part.least),
        };
        background(&mut drawing, &panel, sweep, part);
        let rows = part.lines.len().div_ceil(2);
        for (j, line) in part.lines.iter().enumerate() {
            line_of_means(&mut drawing, &panel, line, (j, part.lines.len()));
            let place = [
                left + 6.0 + SIDE[0] / 2.0 * (j % 2) as f64,
                top - 14.0 - 17.0 * (rows - 1 - j / 2) as f64,
            ];
            mark(
                &mut drawing,
                [place[0], place[1] - 4.0],
                4.5,
                j,
                line.colour,
            );
            drawing.text([place[0] + 10.0, place[1]], &line.name, 12.0, Anchor::Start);
        }
        panel.border(&mut drawing);
    }
    Some(Figure {
        name,
        caption,
        svg: drawing.finish(&title, &seen(parts)),
    })
}

/// Axes with their names, the band and the line of no difference.
fn background(drawing: &mut Drawing, panel: &Panel, sweep: &Sweep, part: &Part) {
    let [left, top, right, bottom] = panel.frame;
    if let Some(band) = part.band {
        let [high, low] = [band, -band].map(|y| panel.at(panel.x.0, y)[1]);
        drawing.rectangle([left, high], [right - left, low - high], "#ececec");
    }
    panel.y_ticks(drawing);
    for (value, _) in &sweep.points {
        let [x, _] = panel.at(value.log2(), panel.y.0);
        drawing.line([x, top], [x, bottom], "#e5e5e5", 1.0);
        drawing.text(
            [x, bottom + 15.0],
            &format_thousands(*value),
            11.0,
            Anchor::Middle,
        );
    }
    for (size, name) in sweep
        .marks
        .iter()
        .filter(|(size, _)| first_to_last(sweep, *size))
    {
        let [x, _] = panel.at(size.log2(), panel.y.0);
        drawing.dashed([x, top], [x, bottom], "#888", 1.2);
        drawing.text([x + 4.0, bottom - 7.0], name, 11.0, Anchor::Start);
    }
    if part.band.is_some() {
        let [_, zero] = panel.at(panel.x.0, 0.0);
        drawing.line([left, zero], [right, zero], "#888", 1.0);
    }
    let middle = f64::midpoint(left, right);
    let unit = match sweep.over {
        "samples.train" => "training images (samples.train)",
        other => other,
    };
    let name = format!("{unit}, trained on {}", part.train);
    drawing.text([middle, bottom + 33.0], &name, 12.0, Anchor::Middle);
    drawing.text_upwards([left - 46.0, f64::midpoint(top, bottom)], &part.label, 11.0);
}

fn first_to_last(sweep: &Sweep, size: f64) -> bool {
    let ends = sweep.points.first().zip(sweep.points.last());
    ends.is_some_and(|(first, last)| (first.0..=last.0).contains(&size))
}

/// The lines of a panel stand beside each other, so that no interval hides another.
fn line_of_means(drawing: &mut Drawing, panel: &Panel, line: &Line, (place, of): (usize, usize)) {
    let aside = 7.0 * (place as f64 - (of as f64 - 1.0) / 2.0);
    let at = |value: f64, y: f64| {
        let [x, y] = panel.at(value.log2(), y);
        [x + aside, y]
    };
    let means: Vec<_> = line
        .points
        .iter()
        .map(|(value, mean, _)| at(*value, *mean))
        .collect();
    drawing.path(&means, line.colour, 1.4, 0.7);
    for (value, mean, interval) in &line.points {
        if let Some(i) = interval {
            drawing.line(at(*value, i.low), at(*value, i.high), line.colour, 2.0);
        }
        mark(drawing, at(*value, *mean), 4.0, place, line.colour);
    }
}

/// Where each line begins and ends.
fn seen(parts: &[Part]) -> String {
    let of_line = |line: &Line| {
        let (first, last) = (line.points.first()?, line.points.last()?);
        Some(format!(
            "{} from {} to {}",
            line.name,
            rounded(first.1),
            rounded(last.1)
        ))
    };
    let of_part = |part: &Part| {
        let lines: Vec<_> = part.lines.iter().filter_map(of_line).collect();
        format!(
            "{}, trained on {}: {}",
            part.label,
            part.train,
            lines.join(", ")
        )
    };
    let all: Vec<_> = parts.iter().map(of_part).collect();
    format!(
        "Means from the least value to the greatest. {}.",
        all.join(". ")
    )
}
