//! Vector instruction set of the kernels, chosen at run time.

use std::sync::OnceLock;

use pulp::Arch;

/// Returns the widest vector instruction set of this processor.
///
/// If the environment variable `NODULE_VECTORS` is `avx2`, returns AVX2 instead, to measure what narrower vectors cost.
/// Matrix products are not affected: the crate gemm chooses its own instruction set.
#[doc(hidden)]
#[must_use]
pub fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| {
        let wants_avx2 = std::env::var_os("NODULE_VECTORS").is_some_and(|value| value == "avx2");
        match wants_avx2 {
            true => avx2().unwrap_or_default(),
            false => Arch::new(),
        }
    })
}

#[cfg(target_arch = "x86_64")]
fn avx2() -> Option<Arch> {
    pulp::x86::V3::try_new().map(Arch::V3)
}

#[cfg(not(target_arch = "x86_64"))]
fn avx2() -> Option<Arch> {
    None
}
