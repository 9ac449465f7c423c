//! One nodule at every point of the square of shape and texture, and what networks decide there and look
//! at.

use nodule_battery::sets::{POINTS, Square, factorial, generator, square};
use nodule_eval::FittedReadOut;
use nodule_explain::{Method, attribute};
use nodule_study::plan::shared_seed;
use nodule_study::records::{Explored, FinishedRun, SquareView};
use nodule_study::{Error, Resolved};
use nodule_synth::Part;
use nodule_train::infer;
use rayon::prelude::*;

use super::fitted::unit;
use super::open::OpenedRun;
use crate::images::{images_tensor, map_values};
use crate::measure::{decision, decision_values};

/// The method that the paper uses.
const METHOD: Method = Method::Gradient;

/// A network under each of the read-outs that it has, fitted.
pub(super) type Network<'a> = (&'a OpenedRun, &'a [FittedReadOut]);

/// Of networks trained on `train`; `runs` hold the unit of their decisions.
pub(super) fn square_view(
    resolved: &Resolved,
    train: &str,
    networks: &[Network],
    runs: &[FinishedRun],
) -> Result<SquareView, Error> {
    let seed = shared_seed(resolved.study.root_seed, "explorer", "factorial");
    let generator = generator(resolved, Part::Test)?;
    let square = square(&generator, &factorial(&generator, seed, 1)?.latents)?;
    let image_size = resolved.study.generator.image_size;
    let of_network = networks.par_iter();
    let of_network = of_network.map(|network| explored(*network, &square, image_size, runs));
    let networks = of_network.collect::<Result<Vec<_>, _>>()?;
    Ok(SquareView {
        train: train.to_owned(),
        points: POINTS,
        image_size,
        images: square.images,
        networks: networks.into_iter().flatten().collect(),
    })
}

/// One network under each of the read-outs that it has.
fn explored(
    (run, read_outs): Network,
    square: &Square,
    image_size: usize,
    runs: &[FinishedRun],
) -> Result<Vec<Explored>, Error> {
    let network = run.network.as_ref();
    let seen = infer(network, &square.images)?;
    let of_read_out = |fitted: &FittedReadOut| {
        let read_out = fitted.read_out();
        let unit = unit(runs, &run.record.run, read_out);
        let decided = decision_values(fitted, &seen)?;
        let maps = || {
            let decision = decision(network, fitted)?;
            let images = images_tensor(&square.images, image_size)?;
            map_values(&attribute(METHOD, &decision, &images, 0)?)
        };
        Ok(Explored {
            loss: run.record.loss.clone(),
            read_out,
            decisions: decided.iter().map(|d| f64::from(*d) * unit).collect(),
            maps: read_out.has_derivative().then(maps).transpose()?,
        })
    };
    read_outs.par_iter().map(of_read_out).collect()
}
