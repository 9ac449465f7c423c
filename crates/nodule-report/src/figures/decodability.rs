//! Linear decodability of shape and texture from each layer, after and before training.

use nodule_analysis::Runs;
use nodule_study::records::LayerDecodability;

use super::Figure;
use super::curve_grid::{CurveAxis, CurveRow, Series, figure as curve_grid};
use super::figure::lines_note;
use crate::Error;

/// Returns the figure; none if the study does not measure representations.
pub(super) fn figure(runs: &Runs) -> Result<Vec<Figure>, Error> {
    let mut measured = runs.all.iter().map(|run| &run.evaluation.representation);
    let Some(first) = measured.find_map(Option::as_ref) else {
        return Ok(Vec::new());
    };
    let names: Vec<&str> = first.layers.iter().map(|l| l.layer.as_str()).collect();
    let row = |label, after, before| CurveRow {
        label: [label, "(AUROC)"],
        least: (0.5, 1.0),
        series: by_layer(after),
        before: (!runs.external).then(|| by_layer(before)),
    };
    let rows = [
        row("shape decoded", |l| l.shape, |l| l.untrained_shape),
        row("texture decoded", |l| l.texture, |l| l.untrained_texture),
    ];
    let caption = format!(
        "Linear decodability: AUROC of a ridge-regression probe of each layer for shape and for texture, on held-out images. {}{}",
        lines_note(runs),
        match runs.external {
            true => "",
            false => " Grey: the same networks before training.",
        }
    );
    let axis = CurveAxis {
        label: "layer",
        range: (-0.4, names.len() as f64 - 0.6),
        names: &names,
    };
    let title = "Linear decodability by layer";
    curve_grid(runs, ("decodability", title, caption), &axis, &rows)
}

fn by_layer(value: fn(&LayerDecodability) -> Option<f64>) -> Series<'static> {
    Box::new(move |run| {
        let layers = run.evaluation.representation.iter().flat_map(|r| &r.layers);
        layers
            .enumerate()
            .filter_map(|(i, l)| Some((i as f64, value(l)?)))
            .collect()
    })
}
