//! Initial weights from portable random streams, as a backend of Candle's [`VarBuilder`].

use candle_core::{DType, Device, Result, Shape, Tensor, Var, bail};
use candle_nn::init::NormalOrUniform;
use candle_nn::var_builder::SimpleBackend;
use candle_nn::{Init, VarBuilder};
use nodule_seed::{Stream, derive, stream};

/// Returns a [`VarBuilder`] that draws new weights: every tensor is a variable, drawn from its own stream.
///
/// The stream is derived from `seed` and the full name of the tensor. The same seed therefore gives the same weights on
/// every machine, whatever else is built. Replaces a `VarBuilder` over a [`candle_nn::VarMap`], because Candle's CPU
/// generator cannot be seeded.
///
/// # Example
/// ```
/// use candle_core::Device;
/// use nodule_nn::{LeNet, LeNetConfig, Network, seeded_weights};
///
/// # fn main() -> Result<(), nodule_nn::Error> {
/// let network = LeNet::new(&LeNetConfig::default(), seeded_weights(7, &Device::Cpu))?;
/// assert_eq!(network.parameters().len(), 10);
/// # Ok(())
/// # }
/// ```
#[must_use]
pub fn seeded_weights(seed: u64, device: &Device) -> VarBuilder<'static> {
    VarBuilder::from_backend(Box::new(SeededWeights { seed }), DType::F32, device.clone())
}

/// Returns PyTorch's default initialisation of dense layers and convolutions: uniform in `±1/sqrt(fan_in)`.
///
/// `fan_in` is the number of inputs of one output: the channels times the size of a filter.
#[must_use]
pub fn uniform_init(fan_in: usize) -> Init {
    let bound = 1.0 / (fan_in as f64).sqrt();
    Init::Uniform {
        lo: -bound,
        up: bound,
    }
}

/// Returns a tensor of `weights` as a variable: the one that the backend holds if it holds variables, else a copy.
pub(crate) fn parameter(
    weights: &VarBuilder,
    shape: impl Into<Shape>,
    name: &str,
    init: Init,
) -> Result<Var> {
    Var::from_tensor(&weights.get_with_hints(shape, name, init)?)
}

struct SeededWeights {
    seed: u64,
}

impl SimpleBackend for SeededWeights {
    fn get(
        &self,
        shape: Shape,
        name: &str,
        init: Init,
        dtype: DType,
        device: &Device,
    ) -> Result<Tensor> {
        let mut random = stream(derive(self.seed, &[name]));
        let values: Vec<f32> = (0..shape.elem_count())
            .map(|_| draw(&mut random, init, &shape) as f32)
            .collect();
        let tensor = Tensor::from_vec(values, shape, device)?.to_dtype(dtype)?;
        Ok(Var::from_tensor(&tensor)?.into_inner())
    }

    fn get_unchecked(&self, name: &str, _: DType, _: &Device) -> Result<Tensor> {
        bail!("{name}: new weights need a shape; use `get` instead of `get_unchecked`")
    }

    fn contains_tensor(&self, _: &str) -> bool {
        true
    }
}

/// Returns one value of the distribution `init`.
fn draw(random: &mut Stream, init: Init, shape: &Shape) -> f64 {
    match init {
        Init::Const(value) => value,
        Init::Uniform { lo, up } => random.uniform_in(lo, up),
        Init::Randn { mean, stdev } => mean + stdev * random.normal(),
        Init::Kaiming {
            dist,
            fan,
            non_linearity,
        } => {
            let sd = non_linearity.gain() / (fan.for_shape(shape) as f64).sqrt();
            let bound = 3f64.sqrt() * sd;
            match dist {
                NormalOrUniform::Normal => sd * random.normal(),
                NormalOrUniform::Uniform => random.uniform_in(-bound, bound),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use candle_nn::Module;

    use super::*;

    #[test]
    fn candle_layers_can_be_built_from_seeded_weights() {
        let build =
            |seed| candle_nn::linear(8, 4, seeded_weights(seed, &Device::Cpu).pp("fc")).unwrap();
        let values = |layer: &candle_nn::Linear| layer.weight().to_vec2::<f32>().unwrap();
        assert_eq!(values(&build(1)), values(&build(1)));
        assert_ne!(values(&build(1)), values(&build(2)));
        let layer = build(1);
        let x = Tensor::ones((2, 8), DType::F32, &Device::Cpu).unwrap();
        let gradients = layer
            .forward(&x)
            .unwrap()
            .sum_all()
            .unwrap()
            .backward()
            .unwrap();
        assert!(gradients.get(layer.weight()).is_some());
    }

    #[test]
    fn uniform_weights_fill_their_range() {
        let weights = seeded_weights(3, &Device::Cpu);
        let drawn = weights.get_with_hints((120, 2704), "fc1.weight", uniform_init(2704));
        let values = drawn
            .unwrap()
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        let bound = 1.0 / 2704f32.sqrt();
        let largest = values.iter().fold(0.0f32, |m, w| m.max(w.abs()));
        assert!(
            largest <= bound && largest > 0.999 * bound,
            "{largest} of {bound}"
        );
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        assert!(mean.abs() < 0.01 * bound, "{mean}");
    }
}
