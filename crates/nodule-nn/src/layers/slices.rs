//! Access to the values of Candle's CPU tensors as plain slices.

use candle_core::{CpuStorage, Layout, Result, Storage, Tensor, bail};

/// Calls `f` with the values of contiguous `f32` tensors on the CPU, and returns its result.
pub(crate) fn with_slices<const N: usize, R>(
    tensors: [&Tensor; N],
    f: impl FnOnce([&[f32]; N]) -> R,
) -> Result<R> {
    let storages = tensors.map(Tensor::storage_and_layout);
    let mut slices = [&[] as &[f32]; N];
    for (slice, (storage, layout)) in slices.iter_mut().zip(&storages) {
        *slice = match &**storage {
            Storage::Cpu(storage) => as_slice(storage, layout)?,
            _ => bail!("CPU kernel: tensor is on another device"),
        };
    }
    Ok(f(slices))
}

/// Returns the values of one contiguous `f32` tensor.
pub(crate) fn as_slice<'a>(storage: &'a CpuStorage, layout: &Layout) -> Result<&'a [f32]> {
    let (CpuStorage::F32(values), Some((start, end))) = (storage, layout.contiguous_offsets())
    else {
        bail!("CPU kernel: tensor must be contiguous f32");
    };
    Ok(&values[start..end])
}
