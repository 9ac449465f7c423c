//! The convolution against its definition, against finite differences, and with several numbers of threads.

use candle_core::{Device, Tensor, Var};
use nodule_seed::stream;

use super::*;

/// Images, channels, height, width, outputs, kernel, stride, padding.
const CASES: [[usize; 8]; 12] = [
    [2, 1, 64, 64, 16, 3, 1, 1],
    [2, 16, 20, 20, 16, 3, 1, 1],
    [3, 5, 17, 33, 6, 3, 2, 1],
    [2, 4, 16, 16, 8, 1, 2, 0],
    [1, 3, 8, 8, 7, 1, 1, 0],
    [2, 2, 11, 9, 3, 5, 1, 2],
    [2, 3, 13, 18, 5, 5, 2, 2],
    [1, 1, 5, 5, 1, 5, 1, 0],
    [19, 2, 6, 7, 3, 3, 1, 0],
    [2, 3, 10, 11, 2, 3, 3, 2],
    [1, 2, 9, 9, 4, 2, 2, 1],
    [1, 9, 4, 40, 13, 3, 2, 0],
];

fn tensor(seed: u64, shape: &[usize]) -> Tensor {
    let mut random = stream(seed);
    let values = (0..shape.iter().product()).map(|_| random.normal() as f32);
    Tensor::from_vec(values.collect::<Vec<f32>>(), shape, &Device::Cpu).unwrap()
}

fn case([n, c, h, w, o, k, stride, padding]: [usize; 8]) -> (Tensor, Tensor, Conv2dConfig) {
    let x = tensor(1, &[n, c, h, w]);
    let weight = tensor(2, &[o, c, k, k]);
    (x, weight, config(stride, padding))
}

fn config(stride: usize, padding: usize) -> Conv2dConfig {
    Conv2dConfig {
        stride,
        padding,
        ..Conv2dConfig::default()
    }
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Returns a scalar loss whose gradient differs from output to output.
fn uneven_sum(y: &Tensor) -> Tensor {
    let slopes = (0..y.elem_count()).map(|i| ((i * 7) % 11) as f32 - 4.0);
    let slopes = Tensor::from_vec(slopes.collect::<Vec<f32>>(), y.shape(), y.device()).unwrap();
    (y * slopes).unwrap().sum_all().unwrap()
}

/// Returns the output, and the gradients of x and weight under [`uneven_sum`].
fn output_and_gradients(
    x: &Tensor,
    weight: &Tensor,
    layer: impl Fn(&Tensor, &Tensor) -> Tensor,
) -> [Vec<f32>; 3] {
    let [x, weight] = [x, weight].map(|t| Var::from_tensor(t).unwrap());
    let y = layer(&x, &weight);
    let gradients = uneven_sum(&y).backward().unwrap();
    let gradient = |v: &Var| flat(gradients.get(v).unwrap());
    [flat(&y), gradient(&x), gradient(&weight)]
}

#[test]
fn values_and_gradients_match_the_definition() {
    for sizes in CASES {
        let (x, weight, config) = case(sizes);
        let ours = output_and_gradients(&x, &weight, |x, w| conv2d(x, w, config).unwrap());
        let theirs = output_and_gradients(&x, &weight, |x, w| by_definition(x, w, config));
        for (what, (ours, theirs)) in ["y", "dx", "dweight"].iter().zip(ours.iter().zip(&theirs)) {
            assert_eq!(ours.len(), theirs.len(), "{sizes:?} {what}");
            let scale = theirs.iter().fold(1e-3f32, |m, v| m.max(v.abs()));
            for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
                let close = (a - b).abs() <= 2e-5 * scale;
                assert!(close, "{sizes:?} {what}[{i}]: {a} against {b}");
            }
        }
    }
}

/// Returns the convolution as a sum of shifted and weighted copies of the padded input.
fn by_definition(x: &Tensor, weight: &Tensor, config: Conv2dConfig) -> Tensor {
    let (o, _, k, _) = weight.dims4().unwrap();
    let x = x.pad_with_zeros(2, config.padding, config.padding).unwrap();
    let x = x.pad_with_zeros(3, config.padding, config.padding).unwrap();
    let (n, c, h, w) = x.dims4().unwrap();
    let (rows, columns) = ((h - k) / config.stride + 1, (w - k) / config.stride + 1);
    let stride_indices = |count: usize, first: usize| {
        let indices = (0..count).map(|i| (first + i * config.stride) as u32);
        Tensor::from_iter(indices, &Device::Cpu).unwrap()
    };
    let mut sum: Option<Tensor> = None;
    for ky in 0..k {
        for kx in 0..k {
            let shifted = x.index_select(&stride_indices(rows, ky), 2).unwrap();
            let shifted = shifted
                .index_select(&stride_indices(columns, kx), 3)
                .unwrap();
            let shifted = shifted.reshape((n, c, rows * columns)).unwrap();
            let tap = weight.narrow(2, ky, 1).unwrap().narrow(3, kx, 1).unwrap();
            let tap = tap.reshape((1, o, c)).unwrap();
            let part = tap.broadcast_matmul(&shifted).unwrap();
            sum = Some(match sum {
                Some(sum) => (sum + part).unwrap(),
                None => part,
            });
        }
    }
    sum.unwrap().reshape((n, o, rows, columns)).unwrap()
}

#[test]
fn gradients_match_finite_differences() {
    const STEP: f64 = 1e-2;
    let (x, weight, config) = case([2, 3, 7, 8, 5, 3, 2, 1]);
    let [_, x_gradient, weight_gradient] =
        output_and_gradients(&x, &weight, |x, w| conv2d(x, w, config).unwrap());
    let value = |x: &Tensor, weight: &Tensor| {
        let y = conv2d(x, weight, config).unwrap();
        let sum = uneven_sum(&y).to_scalar::<f32>().unwrap();
        f64::from(sum)
    };
    let (a, b) = (tensor(3, x.dims()), tensor(4, weight.dims()));
    let shift = |t: &Tensor, by: &Tensor, step: f64| (t + (by * step).unwrap()).unwrap();
    let dot = |gradient: &[f32], by: &Tensor| -> f64 {
        let by = flat(by);
        gradient
            .iter()
            .zip(&by)
            .map(|(g, d)| f64::from(g * d))
            .sum()
    };
    let along_x = (value(&shift(&x, &a, STEP), &weight) - value(&shift(&x, &a, -STEP), &weight))
        / (2.0 * STEP);
    let along_weight = (value(&x, &shift(&weight, &b, STEP))
        - value(&x, &shift(&weight, &b, -STEP)))
        / (2.0 * STEP);
    for (found, expected) in [
        (dot(&x_gradient, &a), along_x),
        (dot(&weight_gradient, &b), along_weight),
    ] {
        let close = (found - expected).abs() <= 1e-3 * expected.abs().max(1.0);
        assert!(close, "{found} against {expected}");
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let (x, weight, config) = case([21, 3, 12, 12, 6, 3, 1, 1]);
    let run_with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| output_and_gradients(&x, &weight, |x, w| conv2d(x, w, config).unwrap()))
    };
    let one = run_with(1);
    assert_eq!(one, run_with(2));
    assert_eq!(one, run_with(5));
}

#[test]
fn rejects_shapes_that_do_not_fit() {
    let (x, weight) = (tensor(1, &[1, 2, 4, 4]), tensor(2, &[3, 2, 3, 3]));
    let error = |x: &Tensor, weight: &Tensor, stride, padding| {
        conv2d(x, weight, config(stride, padding))
            .unwrap_err()
            .to_string()
    };
    assert!(error(&x, &weight, 0, 0).contains("do not fit"));
    assert!(error(&x, &weight, 1, 3).contains("do not fit"));
    assert!(error(&x, &tensor(3, &[3, 1, 3, 3]), 1, 0).contains("do not fit"));
    assert!(error(&x, &tensor(3, &[3, 2, 5, 5]), 1, 0).contains("do not fit"));
    assert!(error(&x.flatten_all().unwrap(), &weight, 1, 0).contains("four dimensions"));
    let dilated = Conv2dConfig {
        dilation: 2,
        ..config(1, 0)
    };
    let message = conv2d(&x, &weight, dilated).unwrap_err().to_string();
    assert!(message.contains("not supported"), "{message}");
}
