//! Adam (Kingma and Ba 2015, algorithm 1) without weight decay, in one pass over each parameter.
//!
//! Candle's `AdamW` decays weights by default, allocates nine temporaries per parameter, and cannot save its state. This
//! optimizer updates parameters and moments in place. Its arithmetic is that of PyTorch's `torch.optim.Adam`:
//! `p -= (lr / (1 - b1^t)) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Result, Tensor, Var};
use candle_nn::Optimizer;
use nodule_error::conflict;
use rayon::prelude::*;

use crate::Error;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// Values that one task of the thread pool updates.
const TASK: usize = 1 << 14;

/// The Adam optimizer with the constants of the paper (0.9, 0.999, 1e-8). Its configuration is the learning rate.
///
/// A parameter without a gradient keeps its value and its moments, as in PyTorch if `grad` is `None`.
///
/// ```
/// use candle_core::{Device, Var};
/// use nodule_train::{Adam, Optimizer};
///
/// let x = Var::new(&[1.0f32, -2.0], &Device::Cpu)?;
/// let mut adam = Adam::new(vec![x.clone()], 0.1)?;
/// for _ in 0..100 {
///     adam.backward_step(&x.sqr()?.sum_all()?)?;
/// }
/// assert!(x.abs()?.max(0)?.to_scalar::<f32>()? < 0.1);
/// # Ok::<(), candle_core::Error>(())
/// ```
#[derive(Debug)]
pub struct Adam {
    learning_rate: f64,
    steps: usize,
    slots: Vec<Slot>,
}

/// A parameter with its moments.
#[derive(Debug)]
struct Slot {
    parameter: Var,
    moments: Moments,
}

/// First and second moments: plain memory for the fused loop on the CPU, tensors on other devices.
#[derive(Debug)]
enum Moments {
    Cpu(Mutex<CpuMoments>),
    Device { first: Tensor, second: Tensor },
}

#[derive(Debug)]
struct CpuMoments {
    first: Vec<f32>,
    second: Vec<f32>,
}

/// State of an optimizer, from which [`Adam::resume`] continues.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamState {
    /// Number of steps taken.
    pub steps: usize,
    /// First and second moments of each parameter, in the order of the parameters, row-major.
    pub moments: Vec<[Vec<f32>; 2]>,
}

impl Optimizer for Adam {
    type Config = f64;

    fn new(parameters: Vec<Var>, learning_rate: f64) -> Result<Self> {
        let slots = parameters.into_iter().map(Slot::new);
        Ok(Self {
            learning_rate,
            steps: 0,
            slots: slots.collect::<Result<_>>()?,
        })
    }

    fn step(&mut self, gradients: &GradStore) -> Result<()> {
        self.steps += 1;
        let t = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let update = Update {
            step_size: self.learning_rate / (1.0 - BETA1.powi(t)),
            root_correction: (1.0 - BETA2.powi(t)).sqrt(),
        };
        for slot in &mut self.slots {
            if let Some(gradient) = gradients.get(&slot.parameter) {
                slot.update(update, &gradient.contiguous()?)?;
            }
        }
        Ok(())
    }

    fn learning_rate(&self) -> f64 {
        self.learning_rate
    }

    fn set_learning_rate(&mut self, learning_rate: f64) {
        self.learning_rate = learning_rate;
    }
}

impl Adam {
    /// Returns a copy of the state.
    ///
    /// # Errors
    /// If the device fails.
    pub fn state(&self) -> std::result::Result<AdamState, Error> {
        let moments = self.slots.iter().map(|slot| slot.moments.values());
        Ok(AdamState {
            steps: self.steps,
            moments: moments.collect::<Result<_>>()?,
        })
    }

    /// Continues from `state`: the next step equals the one that would have followed it.
    ///
    /// # Errors
    /// [`Error::Input`] if its moments do not have the sizes of the parameters, which leaves the optimizer unchanged; or
    /// if the device fails.
    pub fn resume(&mut self, state: AdamState) -> std::result::Result<(), Error> {
        let sizes: Vec<_> = self
            .slots
            .iter()
            .map(|s| s.parameter.elem_count())
            .collect();
        let fits =
            |(size, moments): (&usize, &[Vec<f32>; 2])| moments.iter().all(|m| m.len() == *size);
        if sizes.len() != state.moments.len() || !sizes.iter().zip(&state.moments).all(fits) {
            let reason = format!(
                "{} pairs of moments do not have the sizes of the {} parameters",
                state.moments.len(),
                sizes.len()
            );
            return Err(conflict("state of Adam", reason).into());
        }
        for (slot, moments) in self.slots.iter_mut().zip(state.moments) {
            slot.moments = Moments::new(&slot.parameter, moments)?;
        }
        self.steps = state.steps;
        Ok(())
    }
}

impl Slot {
    fn new(parameter: Var) -> Result<Self> {
        let zeros = vec![0.0; parameter.elem_count()];
        let moments = Moments::new(&parameter, [zeros.clone(), zeros])?;
        Ok(Self { parameter, moments })
    }

    fn update(&mut self, update: Update, gradient: &Tensor) -> Result<()> {
        match &mut self.moments {
            Moments::Cpu(moments) => {
                let fused = FusedUpdate { update, moments };
                self.parameter.inplace_op2(gradient, &fused)
            }
            Moments::Device { first, second } => {
                update.apply_to_tensors(&self.parameter, gradient, first, second)
            }
        }
    }
}

impl Moments {
    fn new(parameter: &Var, [first, second]: [Vec<f32>; 2]) -> Result<Self> {
        let device = parameter.device();
        if device.is_cpu() {
            return Ok(Self::Cpu(Mutex::new(CpuMoments { first, second })));
        }
        let tensor = |values| Tensor::from_vec(values, parameter.shape(), device);
        Ok(Self::Device {
            first: tensor(first)?,
            second: tensor(second)?,
        })
    }

    fn values(&self) -> Result<[Vec<f32>; 2]> {
        match self {
            Self::Cpu(moments) => {
                // A poisoned lock means that a panic interrupted the update: the moments are not usable.
                let Ok(moments) = moments.lock() else {
                    candle_core::bail!("adam: an earlier step panicked");
                };
                Ok([moments.first.clone(), moments.second.clone()])
            }
            Self::Device { first, second } => Ok([
                first.flatten_all()?.to_vec1()?,
                second.flatten_all()?.to_vec1()?,
            ]),
        }
    }
}

/// The constants of one step, with the bias corrections.
#[derive(Debug, Clone, Copy)]
struct Update {
    step_size: f64,
    root_correction: f64,
}

impl Update {
    /// Updates with tensor operations, for devices other than the CPU.
    fn apply_to_tensors(
        self,
        parameter: &Var,
        gradient: &Tensor,
        first: &mut Tensor,
        second: &mut Tensor,
    ) -> Result<()> {
        *first = ((&*first * BETA1)? + (gradient * (1.0 - BETA1))?)?;
        *second = ((&*second * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
        let denominator = ((second.sqrt()? / self.root_correction)? + EPSILON)?;
        let step = ((&*first / denominator)? * self.step_size)?;
        parameter.set(&parameter.sub(&step)?)
    }

    /// Updates in one pass over memory. `#[inline(always)]` compiles the loop for the instruction set of the caller.
    #[inline(always)]
    fn apply_to_slices(
        self,
        parameter: &mut [f32],
        gradient: &[f32],
        [first, second]: [&mut [f32]; 2],
    ) {
        let (b1, b2) = (BETA1 as f32, BETA2 as f32);
        let (c1, c2) = ((1.0 - BETA1) as f32, (1.0 - BETA2) as f32);
        let (step_size, epsilon) = (self.step_size as f32, EPSILON as f32);
        let root_scale = (1.0 / self.root_correction) as f32;
        let moments = first.iter_mut().zip(second);
        for ((p, g), (m, v)) in parameter.iter_mut().zip(gradient).zip(moments) {
            *m = b1 * *m + c1 * g;
            *v = b2 * *v + c2 * g * g;
            *p -= step_size * *m / (v.sqrt() * root_scale + epsilon);
        }
    }
}

/// In-place update of a parameter on the CPU, parallel over chunks.
struct FusedUpdate<'a> {
    update: Update,
    moments: &'a Mutex<CpuMoments>,
}

impl InplaceOp2 for FusedUpdate<'_> {
    fn name(&self) -> &'static str {
        "adam"
    }

    fn cpu_fwd(
        &self,
        parameter: &mut CpuStorage,
        parameter_layout: &Layout,
        gradient: &CpuStorage,
        gradient_layout: &Layout,
    ) -> Result<()> {
        let (CpuStorage::F32(p), CpuStorage::F32(g)) = (parameter, gradient) else {
            candle_core::bail!("adam: parameters and gradients must be f32");
        };
        let (Some((p0, p1)), Some((g0, g1))) = (
            parameter_layout.contiguous_offsets(),
            gradient_layout.contiguous_offsets(),
        ) else {
            candle_core::bail!("adam: parameters and gradients must be contiguous");
        };
        let (p, g) = (&mut p[p0..p1], &g[g0..g1]);
        // A poisoned lock means that a panic interrupted the update: the moments are not usable.
        let Ok(mut moments) = self.moments.lock() else {
            candle_core::bail!("adam: an earlier step panicked");
        };
        if p.len() != g.len() || p.len() != moments.first.len() {
            candle_core::bail!("adam: {} parameters, {} gradients", p.len(), g.len());
        }
        let CpuMoments { first, second } = &mut *moments;
        let chunks = p.par_chunks_mut(TASK).zip(g.par_chunks(TASK));
        let moments = first.par_chunks_mut(TASK).zip(second.par_chunks_mut(TASK));
        chunks.zip(moments).for_each(|((p, g), (m, v))| {
            nodule_nn::arch().dispatch(|| self.update.apply_to_slices(p, g, [m, v]));
        });
        Ok(())
    }
}
