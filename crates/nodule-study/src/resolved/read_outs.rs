//! Choice of read-outs for comparisons between losses and for attribution maps.

use nodule_eval::ReadOut;

/// Returns those of `read_outs` that every loss has: all that need no head.
#[must_use]
pub fn shared_read_outs(read_outs: &[ReadOut]) -> Vec<ReadOut> {
    read_outs
        .iter()
        .copied()
        .filter(|read_out| !read_out.needs_head())
        .collect()
}

/// Returns the read-out whose decision score the maps explain, and which is shown where only one fits.
///
/// The nearest centroid, else the linear probe (both are differentiable and every loss has them), else the head.
#[must_use]
pub fn choose_map_read_out(read_outs: &[ReadOut]) -> Option<ReadOut> {
    [ReadOut::Centroid, ReadOut::Probe, ReadOut::Head]
        .into_iter()
        .find(|read_out| read_outs.contains(read_out))
}
