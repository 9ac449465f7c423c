//! The read-outs under which all losses can be compared.

use nodule_eval::ReadOut;

/// Those of `read_outs` that every loss has, in their order: all that need no head.
#[must_use]
pub fn shared_read_outs(read_outs: &[ReadOut]) -> Vec<ReadOut> {
    let all = read_outs.iter().copied();
    all.filter(|r| !r.needs_head()).collect()
}

/// The one whose decision is mapped, and shown where there is room for one: the nearest centroid where
/// the study has it, else the first that has a derivative and that every loss has, else the head.
#[must_use]
pub fn map_read_out(read_outs: &[ReadOut]) -> Option<ReadOut> {
    let wanted = [ReadOut::Centroid, ReadOut::Probe, ReadOut::Head];
    wanted.into_iter().find(|r| read_outs.contains(r))
}
