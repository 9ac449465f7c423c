//! How fast is it here, and what could this machine do at most?

mod machine_peak;
mod train_step;

pub(crate) use machine_peak::{arithmetic_peak, copy_peak};
pub(crate) use train_step::{Span, train_step_rate};
