//! Dense layers, the ReLU between them, and how parameters begin.

use candle_core::{Device, Result, Tensor, Var};
use nodule_seed::{derive, stream};

/// A dense layer, for networks of one's own.
#[derive(Debug, Clone)]
pub struct Dense {
    name: &'static str,
    weight: Var,
    bias: Var,
}

impl Dense {
    /// A new layer from `inputs` to `outputs` numbers; its parameters are `name.weight` and `name.bias`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn new(
        name: &'static str,
        (inputs, outputs): (usize, usize),
        seed: u64,
        device: &Device,
    ) -> Result<Self> {
        let draw = |part: &str, shape: &[usize]| {
            initial(&format!("{name}.{part}"), shape, inputs, seed, device)
        };
        Ok(Self {
            name,
            weight: draw("weight", &[outputs, inputs])?,
            bias: draw("bias", &[outputs])?,
        })
    }

    /// [`linear`] of `x` `[n, inputs]`.
    ///
    /// # Errors
    /// If the shapes disagree or the device fails.
    pub fn forward(&self, x: &Tensor) -> Result<Tensor> {
        linear(x, &self.weight, &self.bias)
    }

    /// Its parameters by name.
    #[must_use]
    pub fn parameters(&self) -> [(String, Var); 2] {
        [
            (format!("{}.bias", self.name), self.bias.clone()),
            (format!("{}.weight", self.name), self.weight.clone()),
        ]
    }
}

/// A parameter as it is before training: uniform in `±1/sqrt(fan_in)`, PyTorch's default. It draws from a
/// stream of its own, named by the parameter, under `seed`.
///
/// # Errors
/// If the device fails.
pub fn initial(
    name: &str,
    shape: &[usize],
    fan_in: usize,
    seed: u64,
    device: &Device,
) -> Result<Var> {
    let mut random = stream(derive(seed, &[name]));
    let bound = 1.0 / (fan_in as f64).sqrt();
    let count = shape.iter().product();
    let values = (0..count).map(|_| random.uniform_in(-bound, bound) as f32);
    Var::from_vec(values.collect::<Vec<f32>>(), shape, device)
}

/// `x W^T + b`: x `[n, in]`, weight `[out, in]`, bias `[out]`, result `[n, out]`.
///
/// It multiplies as `(W x^T)^T`, so that the gradient of the weight comes out in the weight's own
/// layout: the other order makes the largest tensor of the network anew, transposed, every step.
///
/// # Errors
/// If the shapes disagree or the device fails.
pub fn linear(x: &Tensor, weight: &Tensor, bias: &Tensor) -> Result<Tensor> {
    weight.matmul(&x.t()?)?.t()?.broadcast_add(bias)
}

/// `max(x, 0)` with gradient 0 at 0, as PyTorch's: Candle's own has gradient 1 there.
///
/// # Errors
/// If the device fails.
pub fn relu(x: &Tensor) -> Result<Tensor> {
    let positive = x.gt(0.0)?.to_dtype(x.dtype())?.detach();
    x.mul(&positive)
}

#[cfg(test)]
mod tests {
    use candle_core::{Device, Var};

    use super::*;

    #[test]
    fn relu_has_no_gradient_at_zero() {
        let x = Var::new(&[-1.0f32, 0.0, 2.0], &Device::Cpu).unwrap();
        let y = relu(&x).unwrap();
        assert_eq!(y.to_vec1::<f32>().unwrap(), [0.0, 0.0, 2.0]);
        let gradients = y.sum_all().unwrap().backward().unwrap();
        let gradient = gradients.get(&x).unwrap().to_vec1::<f32>().unwrap();
        assert_eq!(gradient, [0.0, 0.0, 1.0]);
    }

    #[test]
    fn linear_is_x_times_weight_transposed_plus_bias() {
        let device = Device::Cpu;
        let x = Tensor::new(&[[1.0f32, 2.0], [3.0, 4.0], [5.0, 6.0]], &device).unwrap();
        let weight = Var::new(
            &[[1.0f32, 0.0], [0.0, 1.0], [1.0, 1.0], [2.0, -1.0]],
            &device,
        )
        .unwrap();
        let bias = Var::new(&[0.5f32, 0.0, 0.0, -1.0], &device).unwrap();
        let y = linear(&x, &weight, &bias).unwrap();
        assert_eq!(
            y.to_vec2::<f32>().unwrap(),
            [
                [1.5, 2.0, 3.0, -1.0],
                [3.5, 4.0, 7.0, 1.0],
                [5.5, 6.0, 11.0, 3.0]
            ]
        );
        let gradients = y.sum_all().unwrap().backward().unwrap();
        let weight_gradient = gradients.get(&weight).unwrap();
        assert!(weight_gradient.is_contiguous());
        assert_eq!(weight_gradient.to_vec2::<f32>().unwrap(), [[9.0, 12.0]; 4]);
        assert_eq!(
            gradients.get(&bias).unwrap().to_vec1::<f32>().unwrap(),
            [3.0; 4]
        );
    }
}
