//! How a batch is divided into parallel tasks, and how their partial sums are added.

/// Images of one parallel task. Constant, so that sums are added in the same order with any number of threads.
pub(crate) const IMAGES_PER_TASK: usize = 8;

/// Adds `part` to `total`, element by element.
pub(crate) fn accumulate(total: &mut [f32], part: &[f32]) {
    total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
}
