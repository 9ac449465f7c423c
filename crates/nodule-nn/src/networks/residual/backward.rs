//! Loss and gradients of one batch of the residual network on a CPU, for training.
//!
//! Group normalisation keeps images independent. A thread therefore runs one image through all convolutions, forward and
//! backward, while its feature maps are in the cache. Candle's graph would pass over the whole batch in every operation,
//! and add every gradient to a new tensor of zeros. The graph holds what follows the means of the feature maps.

use candle_core::backprop::GradStore;
use candle_core::{Tensor, Var};
use rayon::prelude::*;

use super::ResidualNetwork;
use super::body::{Body, Saved};
use super::packed_unit::{ParameterGradients, UnitSums};
use super::workspace::Workspace;
use crate::kernels::IMAGES_PER_TASK;
use crate::kernels::channel_lanes::{Channels, means, spread_means};
use crate::layers::slices::with_slices;
use crate::{Error, Loss};

/// Returns the same as the default [`crate::Network::gradients`] up to rounding, for `f32` images on a CPU.
pub(super) fn gradients(
    network: &ResidualNetwork,
    images: &Tensor,
    labels: &Tensor,
    loss: &dyn Loss,
) -> Result<(Tensor, GradStore), Error> {
    let images = images.contiguous()?;
    let body = Body::new(network)?;
    let count = images.dims()[0];
    let mut saved: Vec<Saved> = with_slices([&images], |[x]| forward_batch(&body, x))?;
    let means: Vec<f32> = saved
        .iter_mut()
        .flat_map(|saved| std::mem::take(&mut saved.means))
        .collect();
    let means = Tensor::from_vec(means, (count, body.channels()), images.device())?;
    let means = Var::from_tensor(&means)?;
    let value = loss.compute(&network.forward_means(&means)?, labels)?;
    let mut gradients = value.backward()?;
    let Some(means_gradient) = gradients.remove(&means) else {
        return Ok((value, gradients));
    };
    let means_gradient = means_gradient.flatten_all()?.to_vec1::<f32>()?;
    let found = with_slices([&images], |[x]| {
        backward_batch(&body, x, &mut saved, &means_gradient)
    })?;
    for (unit, found) in network.units().zip(found) {
        let found = [
            (&unit.weight, found.weight),
            (&unit.scale, found.scale),
            (&unit.shift, found.shift),
        ];
        for (parameter, values) in found {
            let gradient = Tensor::from_vec(values, parameter.shape(), images.device())?;
            gradients.insert(parameter, gradient);
        }
    }
    Ok((value, gradients))
}

/// Runs a batch `x` `[n, 1, h, w]` forward, in parallel over images.
fn forward_batch(body: &Body, x: &[f32]) -> Vec<Saved> {
    let tasks = x.par_chunks(IMAGES_PER_TASK * body.image_len());
    let tasks = tasks.map(|images| {
        let images = images.chunks_exact(body.image_len());
        body.pool.with_workspace(
            || body.workspace(),
            |workspace| -> Vec<_> { images.map(|x| forward(body, x, workspace)).collect() },
        )
    });
    tasks.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// Runs one image forward.
fn forward(body: &Body, image: &[f32], workspace: &mut Workspace) -> Saved {
    let mut saved = Saved::default();
    body.fill_patches(image, workspace);
    let scratch = &mut workspace.scratch;
    let run_unit = |saved: &mut Saved, scratch: &mut [Vec<Channels>], i: usize, x: &[Channels]| {
        let (convolved, statistics) = body.units[i].forward(x, &mut scratch[i], body.pool);
        saved.convolved.push(convolved);
        saved.statistics.push(statistics);
    };
    run_unit(&mut saved, scratch, 0, &workspace.patches);
    body.activate_stem(&saved, &mut workspace.outputs[0]);
    for (b, block) in body.blocks.iter().enumerate() {
        run_unit(&mut saved, scratch, block.first, &workspace.outputs[b]);
        body.activate_hidden(b, &saved, &mut workspace.hidden[b]);
        run_unit(&mut saved, scratch, block.second, &workspace.hidden[b]);
        if let Some(shortcut) = block.shortcut {
            run_unit(&mut saved, scratch, shortcut, &workspace.outputs[b]);
        }
        body.activate_output(b, &saved, &mut workspace.outputs);
    }
    let last = body.blocks.len();
    saved.means = means(body.output_map(last), &workspace.outputs[last]);
    saved
}

/// Returns the parameter gradients of every unit, given the gradient of the means `[n, channels]`.
fn backward_batch(
    body: &Body,
    x: &[f32],
    saved: &mut [Saved],
    means_gradient: &[f32],
) -> Vec<ParameterGradients> {
    let tasks = x
        .par_chunks(IMAGES_PER_TASK * body.image_len())
        .zip(saved.par_chunks_mut(IMAGES_PER_TASK))
        .zip(means_gradient.par_chunks(IMAGES_PER_TASK * body.channels()));
    let tasks = tasks.map(|((images, saved), means_gradient)| {
        let images = images
            .chunks_exact(body.image_len())
            .zip(saved)
            .zip(means_gradient.chunks_exact(body.channels()));
        let run = |workspace: &mut Workspace| {
            workspace.sums.iter_mut().for_each(UnitSums::reset);
            for ((x, saved), means_gradient) in images {
                backward(body, x, saved, means_gradient, workspace);
                body.pool.put(saved.convolved.drain(..));
            }
            let units = body.units.iter().zip(&workspace.sums);
            units.map(|(unit, sums)| unit.unpack(sums)).collect()
        };
        body.pool.with_workspace(|| body.workspace(), run)
    });
    let tasks: Vec<Vec<ParameterGradients>> = tasks.collect();
    let mut tasks = tasks.into_iter();
    let mut total = tasks.next().unwrap_or_default();
    for part in tasks {
        for (total, part) in total.iter_mut().zip(&part) {
            total.add(part);
        }
    }
    total
}

/// Adds the parameter gradients of one image to the sums of `workspace`.
fn backward(
    body: &Body,
    image: &[f32],
    saved: &Saved,
    means_gradient: &[f32],
    workspace: &mut Workspace,
) {
    body.fill_patches(image, workspace);
    body.activate_stem(saved, &mut workspace.outputs[0]);
    for b in 0..body.blocks.len() {
        body.activate_hidden(b, saved, &mut workspace.hidden[b]);
        body.activate_output(b, saved, &mut workspace.outputs);
    }
    let Workspace {
        patches,
        outputs,
        hidden,
        gradients,
        hidden_gradients,
        scratch,
        sums,
    } = workspace;
    let last = body.blocks.len();
    spread_means(body.output_map(last), means_gradient, &mut gradients[last]);
    let mut run_unit = |i: usize,
                        x: &[Channels],
                        output: Option<&[Channels]>,
                        gradient: &mut [Channels],
                        x_gradient: Option<&mut [Channels]>| {
        let forward = (x, &saved.statistics[i], saved.convolved[i].as_slice());
        let buffers = (scratch[i].as_mut_slice(), &mut sums[i]);
        body.units[i].backward(forward, output, gradient, buffers, x_gradient);
    };
    for (b, block) in body.blocks.iter().enumerate().rev() {
        let (x, output, hidden) = (&outputs[b], &outputs[b + 1], &hidden[b]);
        let (x_gradient, gradient) = gradients.split_at_mut(b + 1);
        let (x_gradient, gradient) = (&mut x_gradient[b], &mut gradient[0]);
        let hidden_gradient = &mut hidden_gradients[b];
        hidden_gradient.fill(Channels::ZERO);
        run_unit(
            block.second,
            hidden,
            Some(output),
            gradient,
            Some(hidden_gradient),
        );
        if let Some(shortcut) = block.shortcut {
            x_gradient.fill(Channels::ZERO);
            run_unit(shortcut, x, None, gradient, Some(x_gradient));
        } else {
            x_gradient.copy_from_slice(gradient);
        }
        run_unit(
            block.first,
            x,
            Some(hidden),
            hidden_gradient,
            Some(x_gradient),
        );
    }
    run_unit(0, patches, Some(&outputs[0]), &mut gradients[0], None);
}
