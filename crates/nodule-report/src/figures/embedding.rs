//! Pictures of embeddings: their first two principal components, coloured by cell, one panel a
//! training distribution and loss.

use nodule_study::records::{FinishedRun, Representation};

use super::Figure;
use super::bands::Bands;
use super::plot::{Anchor, Drawing, Panel};
use super::seen::by_train;
use nodule_analysis::Runs;

const LEFT: f64 = 60.0;
const TOP: f64 = 74.0;
const SIDE: f64 = 180.0;
const GAP: [f64; 2] = [24.0, 44.0];
/// Below the panels of a band: for the title of the next.
const BELOW: f64 = 20.0;

/// Colours of (irregular, heterogeneous), told apart by the colour-blind too.
const CELLS: [((bool, bool), &str, &str); 4] = [
    ((false, false), "regular, homogeneous", "#999999"),
    ((false, true), "regular, heterogeneous", "#0072b2"),
    ((true, false), "irregular, homogeneous", "#e69f00"),
    ((true, true), "irregular, heterogeneous", "#d55e00"),
];

/// One figure, of the first seed's networks, where the study asks what layers hold.
pub(crate) fn figure(runs: &Runs) -> Option<Figure> {
    let study = runs.study;
    let first = |train: &str, loss: &str| -> Option<&Representation> {
        let first = runs.find(train, loss, 0)?;
        first.evaluation.representation.as_ref()
    };
    let mut all = runs.all.iter();
    all.find(|run| run.evaluation.representation.is_some())?;
    let pitch = SIDE + GAP[1];
    let bands = Bands::of(study.train.len(), LEFT, GAP[0], (SIDE, SIDE));
    let band = pitch * study.losses.len() as f64 + BELOW;
    let width = bands.whole_width().max(LEFT + 2.0 * 200.0);
    let height = TOP + band * bands.bands as f64 - BELOW;
    let mut drawing = Drawing::new(width, height);
    drawing.legend([LEFT, 24.0], &CELLS.map(|(_, name, colour)| (name, colour)));
    for (row, loss) in study.losses.iter().enumerate() {
        for (column, train) in study.train_names().enumerate() {
            let above = TOP + band * bands.band_of(column) as f64;
            let (left, top) = (bands.left_of(column), above + pitch * row as f64);
            if bands.is_first(column) {
                drawing.text_upwards([22.0, top + SIDE / 2.0], loss, 13.0);
                drawing.text_upwards([44.0, top + SIDE / 2.0], "2nd component", 11.0);
            }
            if row == 0 {
                let title = format!("trained on {train}");
                drawing.text(
                    [left + SIDE / 2.0, above - 12.0],
                    &title,
                    13.0,
                    Anchor::Middle,
                );
            }
            match first(train, loss) {
                Some(representation) => scatter(&mut drawing, [left, top], representation),
                None => {
                    let middle = [left + SIDE / 2.0, top + SIDE / 2.0];
                    drawing.text(middle, "not finished", 11.0, Anchor::Middle);
                }
            }
        }
    }
    Some(Figure {
        name: "embedding".into(),
        caption: "The embedding of the first seed's networks: normalised embeddings of nodules of all cells, in the plane of their first two principal components, with the share of the variance that it holds. Each panel has its own axes.".into(),
        svg: drawing.finish("Embeddings by cell", &silhouettes(runs)),
    })
}

/// How far apart the classes lie, by loss.
fn silhouettes(runs: &Runs) -> String {
    let silhouette = |run: &FinishedRun| run.evaluation.representation.as_ref()?.silhouette;
    format!(
        "Clouds of dots, one colour a cell. Mean silhouette of the two classes (1: two far points, 0: mixed), {}.",
        by_train(runs, &silhouette)
    )
}

fn scatter(drawing: &mut Drawing, [left, top]: [f64; 2], representation: &Representation) {
    let picture = &representation.projection;
    let reach = picture
        .iter()
        .fold(1e-6f64, |m, p| m.max(p.x.abs()).max(p.y.abs()))
        * 1.08;
    let panel = Panel {
        frame: [left, top, left + SIDE, top + SIDE],
        x: (-reach, reach),
        y: (-reach, reach),
    };
    for image in picture {
        let cell = (image.shape > 0.5, image.texture > 0.5);
        let colour = CELLS
            .iter()
            .find(|(other, ..)| *other == cell)
            .map_or("#000", |c| c.2);
        drawing.dot(panel.at(image.x, image.y), 2.4, colour, 0.75);
    }
    panel.border(drawing);
    let [first, second] = representation
        .explained_variance
        .map(|e| format!("{:.0}%", 100.0 * e));
    let below = [left + SIDE / 2.0, top + SIDE + 16.0];
    let text = format!("1st component; variance {first} + {second}");
    drawing.text(below, &text, 11.0, Anchor::Middle);
}
