//! Adam (Kingma and Ba 2015, algorithm 1) without weight decay, one pass over each tensor.
//!
//! Candle's own `AdamW` decays weights by default, makes nine temporaries a tensor and cannot
//! save its state; this one updates parameter and moments in place. The arithmetic is that of
//! PyTorch's `torch.optim.Adam`: `p -= (lr / (1 - b1^t)) * m / (sqrt(v) / sqrt(1 - b2^t) + eps)`.

use std::sync::Mutex;

use candle_core::backprop::GradStore;
use candle_core::{CpuStorage, InplaceOp2, Layout, Tensor, Var};
use nodule_error::invalid_value;
use rayon::prelude::*;

use crate::Error;

const BETA1: f64 = 0.9;
const BETA2: f64 = 0.999;
const EPSILON: f64 = 1e-8;
/// Numbers of one task.
const TASK: usize = 1 << 14;

/// The optimizer: parameters with their first and second moments.
#[derive(Debug)]
pub struct Adam {
    learning_rate: f64,
    steps: usize,
    slots: Vec<Slot>,
}

#[derive(Debug)]
struct Slot {
    parameter: Var,
    moments: Moments,
}

/// On the CPU the moments are plain memory that one fused loop walks; elsewhere they are tensors.
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

/// Adam over `parameters`, with the paper's constants (0.9, 0.999, 1e-8).
///
/// # Errors
/// If `learning_rate` is not a positive number, or the device fails.
pub fn adam(parameters: Vec<(String, Var)>, learning_rate: f64) -> Result<Adam, Error> {
    if !(learning_rate.is_finite() && learning_rate > 0.0) {
        return Err(invalid_value("learning_rate", learning_rate, "a positive number").into());
    }
    let slots = parameters
        .into_iter()
        .map(|(_, parameter)| slot(parameter))
        .collect::<Result<_, _>>()?;
    Ok(Adam {
        learning_rate,
        steps: 0,
        slots,
    })
}

fn slot(parameter: Var) -> Result<Slot, Error> {
    let zeros = vec![0.0; parameter.elem_count()];
    let moments = Moments::of(&parameter, [zeros.clone(), zeros])?;
    Ok(Slot { parameter, moments })
}

impl Moments {
    fn of(parameter: &Var, [first, second]: [Vec<f32>; 2]) -> Result<Self, Error> {
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

    fn values(&self) -> Result<[Vec<f32>; 2], Error> {
        match self {
            Self::Cpu(moments) => {
                // A poisoned lock means another thread panicked in the loop: its numbers are lost.
                let Ok(moments) = moments.lock() else {
                    return Err(candle_core::Error::msg("adam: an earlier step panicked").into());
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

/// Where an optimizer stands: what [`Adam::resume`] goes on from.
#[derive(Debug, Clone, PartialEq)]
pub struct AdamState {
    /// Steps taken.
    pub steps: usize,
    /// First and second moments of each parameter, in the order of the parameters, row-major.
    pub moments: Vec<[Vec<f32>; 2]>,
}

impl Adam {
    /// Where it stands.
    ///
    /// # Errors
    /// If the device fails.
    pub fn state(&self) -> Result<AdamState, Error> {
        let moments = self.slots.iter().map(|slot| slot.moments.values());
        Ok(AdamState {
            steps: self.steps,
            moments: moments.collect::<Result<_, _>>()?,
        })
    }

    /// Goes on from `state`: the next step is the one that would have followed it.
    ///
    /// # Errors
    /// [`Error::Setting`] if its moments do not have the sizes of the parameters, before anything is
    /// changed; or if the device fails.
    pub fn resume(&mut self, state: AdamState) -> Result<(), Error> {
        let sizes: Vec<_> = self
            .slots
            .iter()
            .map(|s| s.parameter.elem_count())
            .collect();
        let fits =
            |(size, moments): (&usize, &[Vec<f32>; 2])| moments.iter().all(|m| m.len() == *size);
        if sizes.len() != state.moments.len() || !sizes.iter().zip(&state.moments).all(fits) {
            let found = format!("those of {} parameters", state.moments.len());
            return Err(invalid_value("moments", found, "of the sizes of the parameters").into());
        }
        for (slot, moments) in self.slots.iter_mut().zip(state.moments) {
            slot.moments = Moments::of(&slot.parameter, moments)?;
        }
        self.steps = state.steps;
        Ok(())
    }

    /// One step along `gradients`. A parameter without a gradient is left untouched, its moments
    /// too: so does PyTorch where `grad` is `None`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn step(&mut self, gradients: &GradStore) -> Result<(), Error> {
        self.steps += 1;
        let t = i32::try_from(self.steps).unwrap_or(i32::MAX);
        let update = Update {
            step_size: self.learning_rate / (1.0 - BETA1.powi(t)),
            root_correction: (1.0 - BETA2.powi(t)).sqrt(),
        };
        for slot in &mut self.slots {
            if let Some(gradient) = gradients.get(&slot.parameter) {
                let gradient = gradient.contiguous()?;
                match &mut slot.moments {
                    Moments::Cpu(moments) => {
                        let fused = FusedUpdate { update, moments };
                        slot.parameter.inplace_op2(&gradient, &fused)?;
                    }
                    Moments::Device { first, second } => {
                        update.on_device(&slot.parameter, &gradient, first, second)?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// The constants of one step, bias corrections folded in.
#[derive(Debug, Clone, Copy)]
struct Update {
    step_size: f64,
    root_correction: f64,
}

impl Update {
    fn on_device(
        self,
        parameter: &Var,
        gradient: &Tensor,
        first: &mut Tensor,
        second: &mut Tensor,
    ) -> Result<(), Error> {
        *first = ((&*first * BETA1)? + (gradient * (1.0 - BETA1))?)?;
        *second = ((&*second * BETA2)? + (gradient.sqr()? * (1.0 - BETA2))?)?;
        let denominator = ((second.sqrt()? / self.root_correction)? + EPSILON)?;
        let step = ((&*first / denominator)? * self.step_size)?;
        parameter.set(&parameter.sub(&step)?)?;
        Ok(())
    }

    /// One pass: five streams, each touched once. `#[inline(always)]` lets the caller's
    /// instruction set reach the loop.
    #[inline(always)]
    fn on_slices(self, parameter: &mut [f32], gradient: &[f32], [first, second]: [&mut [f32]; 2]) {
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
    ) -> candle_core::Result<()> {
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
        // A poisoned lock means another thread panicked in this loop: its numbers are lost.
        let Ok(mut moments) = self.moments.lock() else {
            candle_core::bail!("adam: an earlier step panicked");
        };
        if p.len() != g.len() || p.len() != moments.first.len() {
            candle_core::bail!("adam: {} parameters, {} gradients", p.len(), g.len());
        }
        let CpuMoments { first, second } = &mut *moments;
        let parts = p.par_chunks_mut(TASK).zip(g.par_chunks(TASK));
        let moments = first.par_chunks_mut(TASK).zip(second.par_chunks_mut(TASK));
        parts.zip(moments).for_each(|((p, g), (m, v))| {
            nodule_nn::arch().dispatch(|| self.update.on_slices(p, g, [m, v]));
        });
        Ok(())
    }
}
