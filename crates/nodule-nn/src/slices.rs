//! The values of Candle's tensors as plain slices, and what is shared by those who work on them in parallel.

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// Images of one task. Fixed, so that sums have one order whatever the number of threads.
pub(crate) const TASK: usize = 8;

/// `total += part`.
pub(crate) fn add(total: &mut [f32], part: &[f32]) {
    total.iter_mut().zip(part).for_each(|(t, p)| *t += p);
}

/// Calls `read` with the values of contiguous f32 tensors on the CPU.
pub(crate) fn with_floats<const N: usize, R>(
    tensors: [&Tensor; N],
    read: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let storages = tensors.map(Tensor::storage_and_layout);
    let mut values = [&[] as &[f32]; N];
    for (value, (storage, layout)) in values.iter_mut().zip(&storages) {
        *value = match &**storage {
            Storage::Cpu(storage) => floats(storage, layout)?,
            _ => bail!("a tensor left the CPU"),
        };
    }
    Ok(read(values))
}

/// The values of one of them.
pub(crate) fn floats<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (CpuStorage::F32(values), Some((start, end))) = (storage, layout.contiguous_offsets())
    else {
        bail!("needs contiguous f32 tensors");
    };
    Ok(&values[start..end])
}
