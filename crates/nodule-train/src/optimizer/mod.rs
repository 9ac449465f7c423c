//! Optimizers that update a parameter in one pass over memory: Adam, AdamW and stochastic gradient descent.
//!
//! Candle's `AdamW` decays weights by default, allocates nine temporaries per parameter, and cannot save its state. This
//! optimizer updates parameters and moments in place. Its arithmetic is that of PyTorch (see `update.rs`).

mod update;

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var};
use candle_nn::Optimizer;
use nodule_error::conflict;
use rayon::prelude::*;

use self::update::Update;
use crate::Error;

/// Values that one task of the thread pool updates.
const TASK: usize = 1 << 14;

/// Rule of an optimizer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum UpdateRule {
    /// Adam (Kingma and Ba 2015, algorithm 1) with its constants 0.9, 0.999 and 1e-8. Weight decay adds to the gradient.
    Adam,
    /// Adam whose weight decay shrinks the weights themselves (Loshchilov and Hutter 2019, algorithm 2).
    AdamW,
    /// Stochastic gradient descent with momentum, as PyTorch's `SGD`. Weight decay adds to the gradient.
    Sgd {
        /// Part of the last step that is repeated, from 0 to below 1.
        momentum: f64,
    },
}

/// Settings of [`FusedOptimizer`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OptimizerConfig {
    /// Rule.
    pub rule: UpdateRule,
    /// Step size.
    pub learning_rate: f64,
    /// Weight decay; 0 is none.
    pub weight_decay: f64,
}

impl OptimizerConfig {
    /// Returns Adam without weight decay.
    #[must_use]
    pub fn adam(learning_rate: f64) -> Self {
        Self {
            rule: UpdateRule::Adam,
            learning_rate,
            weight_decay: 0.0,
        }
    }
}

/// An optimizer with its parameters and their moments.
///
/// A parameter without a gradient keeps its value and its moments, as in PyTorch if `grad` is `None`.
///
/// ```
/// use candle_core::{Device, Var};
/// use nodule_train::{FusedOptimizer, Optimizer, OptimizerConfig};
///
/// let x = Var::new(&[1.0f32, -2.0], &Device::Cpu)?;
/// let mut adam = FusedOptimizer::new(vec![x.clone()], OptimizerConfig::adam(0.1))?;
/// for _ in 0..100 {
///     adam.backward_step(&x.sqr()?.sum_all()?)?;
/// }
/// assert!(x.abs()?.max(0)?.to_scalar::<f32>()? < 0.1);
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug)]
pub struct FusedOptimizer {
    config: OptimizerConfig,
    steps: usize,
    slots: Vec<Slot>,
}

/// A parameter with its moments.
#[derive(Debug)]
struct Slot {
    parameter: Var,
    moments: Moments,
}

/// First and second moments for Adam, the step before for descent: plain memory for the fused loop on the CPU, tensors on
/// other devices.
#[derive(Debug)]
enum Moments {
    Cpu(Mutex<Vec<Vec<f32>>>),
    Device(Vec<Tensor>),
}

/// State of an optimizer, from which [`FusedOptimizer::resume`] continues.
#[derive(Debug, Clone, PartialEq)]
pub struct OptimizerState {
    /// Number of steps taken.
    pub steps: usize,
    /// Moments of each parameter, in the order of the parameters, row-major: two for Adam, one for descent.
    pub moments: Vec<Vec<Vec<f32>>>,
}

impl Optimizer for FusedOptimizer {
    type Config = OptimizerConfig;

    fn new(parameters: Vec<Var>, config: OptimizerConfig) -> Result<Self> {
        let moments = config.rule.moments();
        let slots = parameters
            .into_iter()
            .map(|parameter| Slot::new(parameter, moments));
        Ok(Self {
            config,
            steps: 0,
            slots: slots.collect::<Result<_>>()?,
        })
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.steps += 1;
        let update = Update::new(&self.config, self.steps);
        for slot in &mut self.slots {
            if let Some(gradient) = gradients.get(&slot.parameter) {
                slot.update(update, &gradient.contiguous()?)?;
            }
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.config.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.config.learning_rate = learning_rate;
    }
}

impl UpdateRule {
    /// Number of moments of each parameter.
    pub(crate) fn moments(self) -> usize {
        match self {
            Self::Adam | Self::AdamW => 2,
            Self::Sgd { .. } => 1,
        }
    }
}

impl FusedOptimizer {
    /// Settings.
    #[must_use]
    pub fn config(&self) -> &OptimizerConfig {
        &self.config
    }

    /// Returns a copy of the state.
    ///
    /// # Errors
    /// If the device fails.
    pub fn state(&self) -> std::result::Result<OptimizerState, Error> {
        let moments = self.slots.iter().map(|slot| slot.moments.values());
        Ok(OptimizerState {
            steps: self.steps,
            moments: moments.collect::<Result<_>>()?,
        })
    }

    /// Continues from `state`: the next step equals the one that would have followed it.
    ///
    /// # Errors
    /// [`Error::Input`] if its moments do not have the number and sizes of the parameters, which leaves the optimizer
    /// unchanged; or if the device fails.
    pub fn resume(&mut self, state: OptimizerState) -> std::result::Result<(), Error> {
        let count = self.config.rule.moments();
        let fits = |(slot, moments): (&Slot, &Vec<Vec<f32>>)| {
            let size = slot.parameter.elem_count();
            moments.len() == count && moments.iter().all(|m| m.len() == size)
        };
        if self.slots.len() != state.moments.len()
            || !self.slots.iter().zip(&state.moments).all(fits)
        {
            let reason = format!(
                "the moments of {} parameters do not have the number and sizes of the {} parameters",
                state.moments.len(),
                self.slots.len()
            );
            return Err(conflict("state of the optimizer", reason).into());
        }
        for (slot, moments) in self.slots.iter_mut().zip(state.moments) {
            slot.moments = Moments::new(&slot.parameter, moments)?;
        }
        self.steps = state.steps;
        Ok(())
    }
}

impl Slot {
    fn new(parameter: Var, moments: usize) -> Result<Self> {
        let zeros = vec![vec![0.0; parameter.elem_count()]; moments];
        let moments = Moments::new(&parameter, zeros)?;
        Ok(Self { parameter, moments })
    }

    fn update(&mut self, update: Update, gradient: &Tensor) -> Result<()> {
        match &mut self.moments {
            Moments::Cpu(moments) => {
                let fused = FusedUpdate { update, moments };
                self.parameter.inplace_op2(gradient, &fused)
            }
            Moments::Device(moments) => update.apply_to_tensors(&self.parameter, gradient, moments),
        }
    }
}

impl Moments {
    fn new(parameter: &Var, values: Vec<Vec<f32>>) -> Result<Self> {
        let device = parameter.device();
        if device.is_cpu() {
            return Ok(Self::Cpu(Mutex::new(values)));
        }
        let tensor = |values| Tensor::from_vec(values, parameter.shape(), device);
        let tensors = values.into_iter().map(tensor).collect::<Result<_>>()?;
        Ok(Self::Device(tensors))
    }

    fn values(&self) -> Result<Vec<Vec<f32>>> {
        match self {
            Self::Cpu(moments) => {
                // A poisoned lock means that a panic interrupted the update: the moments are not usable.
                let Ok(moments) = moments.lock() else {
                    candle_core::bail!("optimizer: an earlier step panicked");
                };
                Ok(moments.clone())
            }
            Self::Device(tensors) => tensors
                .iter()
                .map(|tensor| tensor.flatten_all()?.to_vec1())
                .collect(),
        }
    }
}

/// In-place update of a parameter on the CPU, parallel over chunks.
struct FusedUpdate<'a> {
    update: Update,
    moments: &'a Mutex<Vec<Vec<f32>>>,
}

impl InplaceOp2 for FusedUpdate<'_> {
    fn name(&self) -> &'static str {
        "optimizer"
    }

    fn cpu_fwd(
        &self,
        parameter: &mut CpuStorage,
        parameter_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(p), CpuStorage::F32(g)) = (parameter, gradient) else {
            candle_core::bail!("optimizer: parameters and gradients must be f32");
        };
        let (Some((p0, p1)), Some((g0, g1))) = (
            parameter_layout.contiguous_offsets(),
            gradient_layout.contiguous_offsets(),
        ) else {
            candle_core::bail!("optimizer: parameters and gradients must be contiguous");
        };
        let (p, g) = (&mut p[p0..p1], &g[g0..g1]);
        // A poisoned lock means that a panic interrupted the update: the moments are not usable.
        let Ok(mut moments) = self.moments.lock() else {
            candle_core::bail!("optimizer: an earlier step panicked");
        };
        if p.len() != g.len() || moments.iter().any(|m| m.len() != p.len()) {
            candle_core::bail!("optimizer: {} parameters, {} gradients", p.len(), g.len());
        }
        let chunks = p.par_chunks_mut(TASK).zip(g.par_chunks(TASK));
        let apply = |p: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]| {
            nodule_nn::arch().dispatch(|| self.update.apply_to_slices(p, g, m, v));
        };
        match moments.as_mut_slice() {
            [first] => chunks
                .zip(first.par_chunks_mut(TASK))
                .for_each(|((p, g), m)| apply(p, g, m, &mut [])),
            [first, second] => chunks
                .zip(first.par_chunks_mut(TASK).zip(second.par_chunks_mut(TASK)))
                .for_each(|((p, g), (m, v))| apply(p, g, m, v)),
            _ => candle_core::bail!("optimizer: {} moments", moments.len()),
        }
        Ok(())
    }
}
