//! One convolution with its weights in the order the kernels read them, image by image.

use super::correlate::{Correlate, OUTPUTS, correlate, pack};
use super::gather::{Gather, gather};
use super::planes::Planes;
use super::sizes::Sizes;

/// A convolution that is ready to be carried out on any number of images.
pub(crate) struct Layer {
    sizes: Sizes,
    input: Planes,
    gradient: Planes,
    forward: Taps,
    /// One for each row and column phase of the input: its gradient comes from the taps that meet it.
    backward: Vec<Phase>,
}

struct Taps {
    places: Vec<usize>,
    weights: Vec<[f32; OUTPUTS]>,
}

/// Input rows `y`, `y + stride`, ... and columns likewise.
struct Phase {
    y: usize,
    x: usize,
    taps: Taps,
}

/// Scratch memory of one thread for one layer.
pub(crate) struct Scratch {
    input: Vec<f32>,
    gradient: Vec<f32>,
    phase: Vec<f32>,
}

impl Layer {
    /// Of `weight` `[o, c, k, k]`; `backwards` says whether the input's gradient will be asked for.
    pub(crate) fn new(sizes: Sizes, weight: &[f32], backwards: bool) -> Self {
        let s = &sizes;
        let input = Planes::new([s.channels, s.height, s.width], s.padding, s.stride);
        let border = s.kernel + s.stride;
        let gradient = Planes::new([s.outputs, s.out_height, s.out_width], border, 1);
        let phases = (0..s.stride).flat_map(|y| (0..s.stride).map(move |x| (y, x)));
        let phases = phases.filter(|(y, x)| backwards && *y < s.height && *x < s.width);
        Self {
            forward: forward(s, &input, weight),
            backward: phases
                .map(|(y, x)| phase(s, &gradient, border, (y, x), weight))
                .collect(),
            sizes,
            input,
            gradient,
        }
    }

    pub(crate) fn scratch(&self) -> Scratch {
        let s = &self.sizes;
        let parted = s.stride > 1 && !self.backward.is_empty();
        Scratch {
            input: vec![0.0; self.input.len()],
            gradient: vec![0.0; self.gradient.len()],
            phase: vec![0.0; if parted { s.input() } else { 0 }],
        }
    }

    /// The output of image `x` `[c, h, w]`.
    pub(crate) fn forward(&self, x: &[f32], scratch: &mut Scratch, output: &mut [f32]) {
        self.input.fill(x, &mut scratch.input);
        correlate(Correlate {
            input: &scratch.input,
            step: self.sizes.stride * self.input.row(),
            taps: &self.forward.places,
            weights: &self.forward.weights,
            height: self.sizes.out_height,
            width: self.sizes.out_width,
            output,
        });
    }

    /// Adds the weight's gradient of image `x` to `sums` `[o, c, k, k]`, and writes the gradient of the
    /// image itself to `of_input`, where that is given.
    pub(crate) fn backward(
        &self,
        x: &[f32],
        gradient: &[f32],
        scratch: &mut Scratch,
        sums: &mut [f32],
        of_input: Option<&mut [f32]>,
    ) {
        let s = &self.sizes;
        self.input.fill(x, &mut scratch.input);
        self.gradient.fill(gradient, &mut scratch.gradient);
        let border = s.kernel + s.stride;
        gather(Gather {
            input: &scratch.input,
            step: s.stride * self.input.row(),
            taps: &self.forward.places,
            gradient: &scratch.gradient[self.gradient.place(0, border, border)..],
            gradient_plane: self.gradient.plane(),
            gradient_row: self.gradient.row(),
            height: s.out_height,
            width: s.out_width,
            sums,
        });
        if let Some(of_input) = of_input {
            self.input_gradient(scratch, of_input);
        }
    }

    fn input_gradient(&self, scratch: &mut Scratch, of_input: &mut [f32]) {
        let s = &self.sizes;
        let step = self.gradient.row();
        let gradient = &scratch.gradient;
        for phase in &self.backward {
            if s.stride == 1 {
                phase.correlate(gradient, step, (s.height, s.width), of_input);
                continue;
            }
            let height = (s.height - phase.y).div_ceil(s.stride);
            let width = (s.width - phase.x).div_ceil(s.stride);
            let part = &mut scratch.phase[..s.channels * height * width];
            phase.correlate(gradient, step, (height, width), part);
            for (i, row) in part.chunks_exact(width).enumerate() {
                let y = i % height * s.stride + phase.y;
                let at = (i / height * s.height + y) * s.width + phase.x;
                let to = of_input[at..].iter_mut().step_by(s.stride);
                to.zip(row).for_each(|(to, v)| *to = *v);
            }
        }
    }
}

impl Phase {
    /// The gradient of the phase's pixels, `[c][height][width]`.
    fn correlate(
        &self,
        gradient: &[f32],
        step: usize,
        (height, width): (usize, usize),
        output: &mut [f32],
    ) {
        correlate(Correlate {
            input: gradient,
            step,
            taps: &self.taps.places,
            weights: &self.taps.weights,
            height,
            width,
            output,
        });
    }
}

fn forward(s: &Sizes, input: &Planes, weight: &[f32]) -> Taps {
    let places = (0..s.filter()).map(|i| {
        let (channel, y, x) = tap(s, i);
        input.place(channel, y, x)
    });
    Taps {
        places: places.collect(),
        weights: pack(s.outputs, s.filter(), |output, i| {
            weight[output * s.filter() + i]
        }),
    }
}

/// Input pixel (y + m stride) was met by tap ky of output row (y + m stride + padding - ky) / stride, where
/// that has no remainder: output row m + (y + padding - ky) / stride.
fn phase(
    s: &Sizes,
    gradient: &Planes,
    border: usize,
    (y, x): (usize, usize),
    weight: &[f32],
) -> Phase {
    let met = |pixel: usize, tap: usize| {
        let shifted = pixel + s.padding + s.stride * border - tap;
        shifted
            .is_multiple_of(s.stride)
            .then_some(shifted / s.stride)
    };
    let taps = (0..s.outputs).flat_map(|output| {
        let of_filter = (0..s.kernel * s.kernel).map(move |i| (output, i));
        of_filter.filter_map(|(output, i)| {
            let (_, ky, kx) = tap(s, i);
            Some((gradient.place(output, met(y, ky)?, met(x, kx)?), output, i))
        })
    });
    let taps: Vec<_> = taps.collect();
    let of_filter = s.kernel * s.kernel;
    let weights = pack(s.channels, taps.len(), |channel, t| {
        let (_, output, i) = taps[t];
        weight[output * s.filter() + channel * of_filter + i]
    });
    Phase {
        y,
        x,
        taps: Taps {
            places: taps.iter().map(|(place, ..)| *place).collect(),
            weights,
        },
    }
}

/// Channel, row and column of weight `i` of a filter.
fn tap(s: &Sizes, i: usize) -> (usize, usize, usize) {
    let k = s.kernel;
    (i / (k * k), i / k % k, i % k)
}
