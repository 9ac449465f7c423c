//! Group normalisation against Candle's own, and by its properties.

use candle_core::{DType, Device, Tensor, Var};
use nodule_seed::stream;

use super::*;

fn tensor(seed: u64, shape: &[usize]) -> Tensor {
    let mut random = stream(seed);
    let values = (0..shape.iter().product()).map(|_| random.normal() as f32 + 0.3);
    Tensor::from_vec(values.collect::<Vec<f32>>(), shape, &Device::Cpu).unwrap()
}

fn flat(tensor: &Tensor) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

/// Returns the output, and the gradients of x, weight and bias under a loss with uneven slopes.
fn output_and_gradients(
    shape: [usize; 4],
    layer: impl Fn(&Tensor, &Tensor, &Tensor) -> Tensor,
) -> [Vec<f32>; 4] {
    let channels = shape[1];
    let tensors = [
        tensor(1, &shape),
        tensor(2, &[channels]),
        tensor(3, &[channels]),
    ];
    let [x, weight, bias] = tensors.map(|t| Var::from_tensor(&t).unwrap());
    let y = layer(&x, &weight, &bias);
    let slopes = (0..y.elem_count()).map(|i| ((i * 7) % 11) as f32 - 4.0);
    let slopes = Tensor::from_vec(slopes.collect::<Vec<f32>>(), y.shape(), y.device()).unwrap();
    let gradients = (&y * slopes)
        .unwrap()
        .sum_all()
        .unwrap()
        .backward()
        .unwrap();
    let gradient = |v: &Var| flat(gradients.get(v).unwrap());
    [flat(&y), gradient(&x), gradient(&weight), gradient(&bias)]
}

#[test]
fn values_and_gradients_match_candle() {
    for (shape, groups) in [
        ([2, 4, 5, 7], 2),
        ([3, 6, 8, 8], 6),
        ([1, 16, 4, 4], 8),
        ([2, 3, 3, 1], 1),
    ] {
        for relu in [false, true] {
            let ours = output_and_gradients(shape, |x, w, b| {
                match relu {
                    true => group_norm_relu(x, w, b, groups),
                    false => group_norm(x, w, b, groups),
                }
                .unwrap()
            });
            let theirs = output_and_gradients(shape, |x, w, b| {
                let y = candle_group_norm(x, w, b, groups).unwrap();
                if relu { crate::relu(&y).unwrap() } else { y }
            });
            let names = ["y", "dx", "dweight", "dbias"];
            for (what, (ours, theirs)) in names.iter().zip(ours.iter().zip(&theirs)) {
                let scale = theirs.iter().fold(1e-3f32, |m, v| m.max(v.abs()));
                for (i, (a, b)) in ours.iter().zip(theirs).enumerate() {
                    let close = (a - b).abs() <= 3e-5 * scale;
                    assert!(close, "{shape:?} relu {relu} {what}[{i}]: {a} against {b}");
                }
            }
        }
    }
}

#[test]
fn groups_have_mean_0_and_variance_1() {
    let x = (tensor(1, &[2, 6, 9, 9]) * 5.0).unwrap();
    let ones = Tensor::ones(6, DType::F32, &Device::Cpu).unwrap();
    let y = group_norm(&x, &ones, &ones.zeros_like().unwrap(), 3).unwrap();
    for group in flat(&y).chunks_exact(2 * 81) {
        let mean = group.iter().sum::<f32>() / 162.0;
        let variance = group.iter().map(|v| (v - mean).powi(2)).sum::<f32>() / 162.0;
        assert!(
            mean.abs() < 1e-5 && (variance - 1.0).abs() < 1e-4,
            "{mean} {variance}"
        );
    }
}

#[test]
fn rejects_shapes_that_do_not_fit() {
    let (x, weight) = (tensor(1, &[1, 4, 3, 3]), tensor(2, &[4]));
    for (weight, groups) in [(&weight, 3), (&weight, 0), (&tensor(2, &[2]), 2)] {
        let message = group_norm(&x, weight, weight, groups)
            .unwrap_err()
            .to_string();
        assert!(message.contains("do not fit"), "{message}");
    }
}
