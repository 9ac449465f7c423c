//! Which vectors the kernels use.

use std::sync::OnceLock;

use pulp::Arch;

/// The widest vectors that this processor has; those of AVX2 where the environment variable
/// `NODULE_VECTORS` is `avx2`, for whoever measures what narrower ones cost. The kernels alone heed
/// it: the crate gemm chooses for itself.
#[doc(hidden)]
#[must_use]
pub fn arch() -> Arch {
    static ARCH: OnceLock<Arch> = OnceLock::new();
    *ARCH.get_or_init(|| {
        let narrow = std::env::var_os("NODULE_VECTORS").is_some_and(|wanted| wanted == "avx2");
        match narrow {
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
