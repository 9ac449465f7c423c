//! What can be read linearly from each layer, against the network before training.

use nodule_study::records::{FinishedRun, LayerDecodability};

use super::Figure;
use super::curves::{Along, Row, figure as curves};
use super::figure::seeds_text;
use crate::Error;
use nodule_analysis::Runs;

/// One figure, where the study asks what layers hold.
pub(crate) fn figure(runs: &Runs) -> Result<Option<Figure>, Error> {
    let mut measured = runs.all.iter().map(|run| &run.evaluation.representation);
    let Some(first) = measured.find_map(Option::as_ref) else {
        return Ok(None);
    };
    let names: Vec<&str> = first.layers.iter().map(|l| l.layer.as_str()).collect();
    let (shape, shape_before) = (series(|l| l.shape), series(|l| l.untrained_shape));
    let (texture, texture_before) = (series(|l| l.texture), series(|l| l.untrained_texture));
    let rows = [
        Row {
            label: "shape decoded (AUROC)",
            least: (0.5, 1.0),
            series: &*shape,
            before: Some(&*shape_before),
        },
        Row {
            label: "texture decoded (AUROC)",
            least: (0.5, 1.0),
            series: &*texture,
            before: Some(&*texture_before),
        },
    ];
    let caption = format!(
        "What the layers hold, whatever the decision makes of it: AUROC of shape and of texture, read from each layer by ridge regression, on images that it was not fitted on. Lines: means over seeds, in their 95% bootstrap intervals over seeds, {}. Grey: the same networks before training.",
        seeds_text(runs)
    );
    let along = Along {
        label: "layer",
        range: (-0.4, names.len() as f64 - 0.6),
        names: &names,
    };
    let title = "Linear decodability by layer";
    curves(runs, ("decodability", title, caption), &along, &rows).map(Some)
}

type OfRun = Box<dyn Fn(&FinishedRun) -> Vec<(f64, f64)>>;

fn series(of: fn(&LayerDecodability) -> Option<f64>) -> OfRun {
    Box::new(move |run| {
        let layers = run.evaluation.representation.iter().flat_map(|r| &r.layers);
        layers
            .enumerate()
            .filter_map(|(i, l)| Some((i as f64, of(l)?)))
            .collect()
    })
}
