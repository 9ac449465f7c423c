//! Two fused layers on top of each other: a task carries one image through both, forward or back, while what
//! lies between them is in the cache.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

use rayon::prelude::*;

use super::backward::{self, Backward, Gathered, Image};
use super::forward::{self, forward, pack};
use super::geometry::Geometry;
use super::layer::{LayerGradients, total};
use crate::slices::TASK;

/// Two layers, of which the second takes what the first gives.
pub(crate) struct TwoLayers<'a> {
    pub(crate) first: Geometry,
    pub(crate) second: Geometry,
    pub(crate) spare: &'a Spare,
}

/// Memory that one step leaves for the next, which would else be filled with zeros first.
#[derive(Default)]
pub(crate) struct Spare(Mutex<Vec<Kept>>);

/// What forward leaves of one task's images for backward, and scratch memory for both.
pub(crate) struct Kept {
    /// The first layer's output.
    values: Vec<f32>,
    /// Which corner of its window each of them came from; and each of the second's.
    winners: [Vec<u32>; 2],
    /// The gradient of the first layer's output, of one image.
    gradient: Vec<f32>,
    forward: [forward::Scratch; 2],
    backward: [backward::Scratch; 2],
}

impl TwoLayers<'_> {
    /// The second layer's output for `x` `[n, c, h, w]`, given weight and bias of both, and what is kept of
    /// each task.
    pub(crate) fn forward(
        &self,
        x: &[f32],
        [of_first, of_second]: [[&[f32]; 2]; 2],
    ) -> (Vec<f32>, Vec<Kept>) {
        let (first, second) = (&self.first, &self.second);
        let below = pack(first, of_first[0], of_first[1]);
        let above = pack(second, of_second[0], of_second[1]);
        let mut output = vec![0.0; second.images * second.output()];
        let task = |(images, output): (&[f32], &mut [f32])| {
            let mut kept = self.spare.take(first, second);
            let Kept {
                values,
                winners: [below_winners, winners],
                forward: [scratch, next_scratch],
                ..
            } = &mut kept;
            let images = images.chunks_exact(first.input());
            let values = values.chunks_exact_mut(first.output());
            let below_winners = below_winners.chunks_exact_mut(first.output());
            let outputs = output.chunks_exact_mut(second.output());
            let winners = winners.chunks_exact_mut(second.output());
            let below_all = images.zip(values).zip(below_winners);
            for (((image, values), below_winners), (output, winners)) in
                below_all.zip(outputs.zip(winners))
            {
                forward(first, &below, image, scratch, values, below_winners);
                forward(second, &above, values, next_scratch, output, winners);
            }
            kept
        };
        let tasks = x.par_chunks(TASK * first.input());
        let outputs = output.par_chunks_mut(TASK * second.output());
        let kept = tasks.zip(outputs).map(task).collect();
        (output, kept)
    }

    /// Both layers' gradients, given the weights, and the second's output with its gradient.
    pub(crate) fn backward(
        &self,
        x: &[f32],
        weights: [&[f32]; 2],
        kept: Vec<Kept>,
        [output, gradient]: [&[f32]; 2],
    ) -> [LayerGradients; 2] {
        let (first, second) = (&self.first, &self.second);
        let below = Backward::new(first, weights[0], false);
        let above = Backward::new(second, weights[1], true);
        let task = |(task, mut kept): (usize, Kept)| {
            let mut sums = [&below, &above].map(Backward::gathered);
            for i in 0..TASK.min(first.images - task * TASK) {
                let at = task * TASK + i;
                let of = |geometry: &Geometry| i * geometry.output()..(i + 1) * geometry.output();
                let of_all = at * second.output()..(at + 1) * second.output();
                let image = Image {
                    input: &kept.values[of(first)],
                    pooled: &output[of_all.clone()],
                    winners: &kept.winners[1][of(second)],
                    gradient: &gradient[of_all],
                };
                let [scratch, next_scratch] = &mut kept.backward;
                above.image(&image, next_scratch, &mut sums[1], &mut kept.gradient);
                let image = Image {
                    input: &x[at * first.input()..(at + 1) * first.input()],
                    pooled: &kept.values[of(first)],
                    winners: &kept.winners[0][of(first)],
                    gradient: &kept.gradient,
                };
                below.image(&image, scratch, &mut sums[0], &mut []);
            }
            self.spare.give(kept);
            sums
        };
        let sums: Vec<[Gathered; 2]> = kept.into_par_iter().enumerate().map(task).collect();
        [(&below, 0), (&above, 1)]
            .map(|(backward, layer)| total(backward, sums.iter().map(|sums| &sums[layer])))
    }
}

impl Spare {
    fn take(&self, first: &Geometry, second: &Geometry) -> Kept {
        let spare = self.lock().pop();
        spare.unwrap_or_else(|| Kept {
            values: vec![0.0; TASK * first.output()],
            winners: [first, second].map(|geometry| vec![0; TASK * geometry.output()]),
            gradient: vec![0.0; first.output()],
            forward: [first, second].map(forward::scratch),
            backward: [
                backward::scratch(first, false),
                backward::scratch(second, true),
            ],
        })
    }

    fn give(&self, kept: Kept) {
        self.lock().push(kept);
    }

    /// What a thread that panicked left behind is as good as any: contents never matter.
    fn lock(&self) -> MutexGuard<'_, Vec<Kept>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Spare {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spare").finish_non_exhaustive()
    }
}
