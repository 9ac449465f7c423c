//! Tests of the fused convolution, ReLU and max-pool layer: agreement with Candle's operations and finite differences,
//! and independence of the number of threads.

use candle_core::{DType, Device, Tensor, Var};
use nodule_seed::{Stream, stream};

use super::candle_ops::candle_conv_relu_pool;
use super::op::conv_relu_pool;

type Layer = fn(&Tensor, &Tensor, &Tensor) -> candle_core::Result<Tensor>;

/// Input, weight and bias.
struct Case {
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
}

/// Draws a case; of whole numbers if it should have ties.
fn case(seed: u64, [n, c, h, w, o]: [usize; 5], has_ties: bool) -> Case {
    let mut random = stream(seed);
    let draw = |random: &mut Stream| {
        if has_ties {
            random.below(3) as f32 - 1.0
        } else {
            random.normal() as f32
        }
    };
    let mut tensor = |shape: &[usize]| {
        let values: Vec<f32> = (0..shape.iter().product())
            .map(|_| draw(&mut random))
            .collect();
        Tensor::from_vec(values, shape, &Device::Cpu).unwrap()
    };
    Case {
        x: tensor(&[n, c, h, w]),
        weight: tensor(&[o, c, 5, 5]),
        bias: tensor(&[o]),
    }
}

/// Returns the output, and the gradients of x, weight and bias under a loss with uneven slopes.
fn output_and_gradients(layer: Layer, case: &Case) -> [Vec<f32>; 4] {
    let [x, weight, bias] =
        [&case.x, &case.weight, &case.bias].map(|t| Var::from_tensor(t).unwrap());
    let y = layer(&x, &weight, &bias).unwrap();
    let count = y.elem_count();
    let slopes: Vec<f32> = (0..count).map(|i| ((i * 7) % 11) as f32 - 4.0).collect();
    let slopes = Tensor::from_vec(slopes, y.shape(), &Device::Cpu).unwrap();
    let gradients = (&y * slopes)
        .unwrap()
        .sum_all()
        .unwrap()
        .backward()
        .unwrap();
    let flat = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    let gradient = |v: &Var| flat(gradients.get(v).unwrap());
    [flat(&y), gradient(&x), gradient(&weight), gradient(&bias)]
}

fn assert_close(ours: &[f32], theirs: &[f32], what: &str) {
    assert_eq!(ours.len(), theirs.len());
    let scale = theirs.iter().fold(1e-3f32, |m, v| m.max(v.abs()));
    for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
        assert!(
            (a - b).abs() <= 2e-5 * scale,
            "{what}[{i}]: {a} against {b}"
        );
    }
}

/// Sizes of which pooling drops the last row or column; a single window; one channel and many; outputs that no block
/// divides; rows wider than a vector; more images than one task has.
const SHAPES: [[usize; 5]; 8] = [
    [2, 1, 64, 64, 6],
    [3, 6, 30, 30, 16],
    [1, 1, 6, 6, 1],
    [2, 3, 7, 9, 5],
    [2, 2, 23, 16, 7],
    [19, 4, 12, 11, 8],
    [1, 13, 10, 10, 3],
    [2, 7, 15, 41, 12],
];

#[test]
fn fused_layer_and_candle_agree_in_values_and_gradients() {
    for (i, shape) in SHAPES.into_iter().enumerate() {
        for has_ties in [false, true] {
            let case = case(i as u64, shape, has_ties);
            let (ours, theirs) = (
                output_and_gradients(conv_relu_pool, &case),
                output_and_gradients(candle_conv_relu_pool, &case),
            );
            for (what, (a, b)) in ["y", "dx", "dweight", "dbias"]
                .iter()
                .zip(ours.iter().zip(&theirs))
            {
                assert_close(a, b, &format!("{shape:?} ties {has_ties} {what}"));
            }
        }
    }
}

/// Compares with the same layer in double precision.
#[test]
fn minimal_filtering_is_accurate_to_a_millionth() {
    let case = case(11, [2, 6, 30, 30, 16], false);
    let as_doubles = |t: &Tensor| t.to_dtype(DType::F64).unwrap();
    let [x, weight, bias] = [&case.x, &case.weight, &case.bias].map(as_doubles);
    let exact = candle_conv_relu_pool(&x, &weight, &bias).unwrap();
    let ours = conv_relu_pool(&case.x, &case.weight, &case.bias).unwrap();
    let largest = |t: Tensor| {
        t.abs()
            .unwrap()
            .max_all()
            .unwrap()
            .to_scalar::<f64>()
            .unwrap()
    };
    let error = largest((as_doubles(&ours) - &exact).unwrap()) / largest(exact);
    assert!(error < 1e-6, "{error}");
    assert!(error > 1e-9, "nothing was rounded: {error}");
}

/// Checks both implementations, which could share an error, by central differences of one value at a time.
#[test]
fn gradients_match_finite_differences() {
    const STEP: f32 = 5e-3;
    let case = case(3, [2, 2, 9, 8, 3], false);
    for layer in [conv_relu_pool as Layer, candle_conv_relu_pool] {
        let [y, x_gradient, weight_gradient, bias_gradient] = output_and_gradients(layer, &case);
        let value = |case: &Case| {
            let y = layer(&case.x, &case.weight, &case.bias).unwrap();
            let y = y.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            y.iter()
                .enumerate()
                .map(|(i, y)| f64::from(*y) * (((i * 7) % 11) as f64 - 4.0))
                .sum::<f64>()
        };
        assert!(
            y.iter().filter(|v| **v > 0.0).count() > 5,
            "no output is positive"
        );
        let parts: [(&Tensor, &[f32]); 3] = [
            (&case.x, &x_gradient),
            (&case.weight, &weight_gradient),
            (&case.bias, &bias_gradient),
        ];
        for (part, (tensor, gradient)) in parts.into_iter().enumerate() {
            let scale = gradient.iter().fold(0.0f32, |m, g| m.max(g.abs()));
            let value_at = |i: usize, step: f32| {
                let mut values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                values[i] += step;
                let changed = Tensor::from_vec(values, tensor.shape(), &Device::Cpu).unwrap();
                let pick = |j: usize, old: &Tensor| {
                    if part == j {
                        changed.clone()
                    } else {
                        old.clone()
                    }
                };
                value(&Case {
                    x: pick(0, &case.x),
                    weight: pick(1, &case.weight),
                    bias: pick(2, &case.bias),
                })
            };
            let wrong = (0..gradient.len()).filter(|i| {
                let slope = (value_at(*i, STEP) - value_at(*i, -STEP)) / f64::from(2.0 * STEP);
                (slope - f64::from(gradient[*i])).abs() > 2e-3 * f64::from(scale)
            });
            // A step may change the arg-max of a window: a kink, not an error.
            let wrong = wrong.count();
            assert!(
                wrong * 20 <= gradient.len(),
                "part {part}: {wrong} of {}",
                gradient.len()
            );
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let case = case(5, [37, 3, 20, 21, 6], false);
    let run_with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| output_and_gradients(conv_relu_pool, &case))
    };
    let one = run_with(1);
    for threads in [2, 3, 5] {
        assert_eq!(one, run_with(threads), "{threads} threads");
    }
}

#[test]
fn the_input_has_a_gradient_only_if_it_is_tracked() {
    let case = case(7, [2, 1, 12, 12, 2], false);
    let weight = Var::from_tensor(&case.weight).unwrap();
    let y = conv_relu_pool(&case.x, &weight, &case.bias).unwrap();
    let gradients = y.sum_all().unwrap().backward().unwrap();
    assert!(gradients.get(&weight).is_some());
    assert!(gradients.get(&case.x).is_none());
}

#[test]
fn the_first_of_equal_maxima_gets_the_gradient() {
    let x = Var::ones((1, 1, 6, 6), DType::F32, &Device::Cpu).unwrap();
    let mut kernel = vec![0.0f32; 25];
    kernel[12] = 1.0;
    let weight = Tensor::from_vec(kernel, (1, 1, 5, 5), &Device::Cpu).unwrap();
    let bias = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
    for layer in [conv_relu_pool as Layer, candle_conv_relu_pool] {
        let gradients = layer(&x, &weight, &bias)
            .unwrap()
            .sum_all()
            .unwrap()
            .backward()
            .unwrap();
        let gradient = gradients
            .get(&x)
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        let mut expected = vec![0.0; 36];
        expected[2 * 6 + 2] = 1.0;
        assert_eq!(gradient, expected);
    }
}

#[test]
fn rejects_shapes_that_do_not_fit() {
    let case = case(1, [1, 2, 8, 8, 3], false);
    let other = Tensor::zeros((3, 1, 5, 5), DType::F32, &Device::Cpu).unwrap();
    assert!(super::conv_relu_pool(&case.x, &other, &case.bias).is_err());
    let small = case.x.narrow(2, 0, 5).unwrap();
    assert!(super::conv_relu_pool(&small, &case.weight, &case.bias).is_err());
}
