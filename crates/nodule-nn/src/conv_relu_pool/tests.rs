//! The fused kernel against the composed path, against differences, and against itself on other
//! numbers of threads.

use candle_core::{DType, Device, Tensor, Var};
use nodule_seed::{Stream, stream};

use super::composed::composed;
use super::fused::fused;

type Layer = fn(&Tensor, &Tensor, &Tensor) -> candle_core::Result<Tensor>;

/// Input, weight and bias; whole numbers where `ties` are wanted.
struct Case {
    x: Tensor,
    weight: Tensor,
    bias: Tensor,
}

fn case(seed: u64, [n, c, h, w, o]: [usize; 5], ties: bool) -> Case {
    let mut random = stream(seed);
    let draw = |random: &mut Stream| {
        if ties {
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

/// The output, and the gradients of x, weight and bias under a loss with uneven slopes.
fn all(layer: Layer, case: &Case) -> [Vec<f32>; 4] {
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
    let of = |v: &Var| flat(gradients.get(v).unwrap());
    [flat(&y), of(&x), of(&weight), of(&bias)]
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

/// Odd sizes that pooling cuts off, one pixel that is left, one channel, many channels, outputs
/// that no block divides, rows wider than a vector, more images than a task.
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
fn both_paths_agree_in_values_and_gradients() {
    for (i, shape) in SHAPES.into_iter().enumerate() {
        for ties in [false, true] {
            let case = case(i as u64, shape, ties);
            let (ours, theirs) = (all(fused, &case), all(composed, &case));
            for (what, (a, b)) in ["y", "dx", "dweight", "dbias"]
                .iter()
                .zip(ours.iter().zip(&theirs))
            {
                assert_close(a, b, &format!("{shape:?} ties {ties} {what}"));
            }
        }
    }
}

/// With fewer products the rounding is another: against the same layer in double precision.
#[test]
fn fewer_products_round_to_a_millionth() {
    let case = case(11, [2, 6, 30, 30, 16], false);
    let as_doubles = |t: &Tensor| t.to_dtype(DType::F64).unwrap();
    let [x, weight, bias] = [&case.x, &case.weight, &case.bias].map(as_doubles);
    let exact = composed(&x, &weight, &bias).unwrap();
    let ours = fused(&case.x, &case.weight, &case.bias).unwrap();
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

/// Both paths could be wrong alike: central differences of the loss, in a direction at a time.
#[test]
fn both_paths_have_the_gradients_of_their_values() {
    const STEP: f32 = 5e-3;
    let case = case(3, [2, 2, 9, 8, 3], false);
    for layer in [fused as Layer, composed] {
        let [y, of_x, of_weight, of_bias] = all(layer, &case);
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
            "the ReLU let nothing through"
        );
        let parts: [(&Tensor, &[f32]); 3] = [
            (&case.x, &of_x),
            (&case.weight, &of_weight),
            (&case.bias, &of_bias),
        ];
        for (which, (tensor, gradient)) in parts.into_iter().enumerate() {
            let scale = gradient.iter().fold(0.0f32, |m, g| m.max(g.abs()));
            let moved = |i: usize, by: f32| {
                let mut values = tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
                values[i] += by;
                let moved = Tensor::from_vec(values, tensor.shape(), &Device::Cpu).unwrap();
                let pick = |j: usize, old: &Tensor| {
                    if which == j {
                        moved.clone()
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
                let slope = (moved(*i, STEP) - moved(*i, -STEP)) / f64::from(2.0 * STEP);
                (slope - f64::from(gradient[*i])).abs() > 2e-3 * f64::from(scale)
            });
            // A step may carry a window from one winner to another: a kink, not an error.
            let wrong = wrong.count();
            assert!(
                wrong * 20 <= gradient.len(),
                "part {which}: {wrong} of {}",
                gradient.len()
            );
        }
    }
}

#[test]
fn threads_change_no_bit() {
    let case = case(5, [37, 3, 20, 21, 6], false);
    let on = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| all(fused, &case))
    };
    let one = on(1);
    for threads in [2, 3, 5] {
        assert_eq!(one, on(threads), "{threads} threads");
    }
}

#[test]
fn the_input_has_a_gradient_only_where_it_is_asked_for() {
    let case = case(7, [2, 1, 12, 12, 2], false);
    let weight = Var::from_tensor(&case.weight).unwrap();
    let y = fused(&case.x, &weight, &case.bias).unwrap();
    let gradients = y.sum_all().unwrap().backward().unwrap();
    assert!(gradients.get(&weight).is_some());
    assert!(gradients.get(&case.x).is_none());
}

#[test]
fn the_first_of_equal_maxima_takes_all() {
    let x = Var::ones((1, 1, 6, 6), DType::F32, &Device::Cpu).unwrap();
    let mut kernel = vec![0.0f32; 25];
    kernel[12] = 1.0;
    let weight = Tensor::from_vec(kernel, (1, 1, 5, 5), &Device::Cpu).unwrap();
    let bias = Tensor::zeros(1, DType::F32, &Device::Cpu).unwrap();
    for layer in [fused as Layer, composed] {
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
fn shapes_that_do_not_fit_are_refused() {
    let case = case(1, [1, 2, 8, 8, 3], false);
    let other = Tensor::zeros((3, 1, 5, 5), DType::F32, &Device::Cpu).unwrap();
    assert!(super::conv_relu_pool(&case.x, &other, &case.bias).is_err());
    let small = case.x.narrow(2, 0, 5).unwrap();
    assert!(super::conv_relu_pool(&small, &case.weight, &case.bias).is_err());
}
