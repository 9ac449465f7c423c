//! The choice of device: the only place in the workspace that makes one.

use candle_core::Device;

use crate::Error;

/// Opens the device of that name: `cpu`, `cuda` (the first GPU) or `cuda:N`.
///
/// # Errors
/// [`Error::Device`] if the name is unknown, if the program was built without the feature `cuda`,
/// or if there is no such GPU. It never falls back to the CPU.
pub fn open_device(name: &str) -> Result<Device, Error> {
    let refuse = |reason: String| Error::Device {
        name: name.to_owned(),
        reason,
    };
    if name == "cpu" {
        return Ok(Device::Cpu);
    }
    let ordinal = match name.strip_prefix("cuda") {
        Some("") => 0,
        Some(rest) => rest
            .strip_prefix(':')
            .and_then(|n| n.parse::<usize>().ok())
            .ok_or_else(|| refuse("must be cpu, cuda or cuda:N (N from 0)".into()))?,
        None => return Err(refuse("must be cpu, cuda or cuda:N (N from 0)".into())),
    };
    if !cfg!(feature = "cuda") {
        return Err(refuse(
            "this program was built without CUDA; build it with --features cuda".into(),
        ));
    }
    Device::new_cuda(ordinal).map_err(|e| refuse(format!("no such GPU can be opened: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_opens_and_nonsense_is_refused() {
        assert!(open_device("cpu").is_ok_and(|d| d.is_cpu()));
        for name in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cudax", "CPU"] {
            let message = open_device(name).expect_err(name).to_string();
            assert!(message.contains("must be cpu, cuda or cuda:N"), "{message}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn cuda_without_the_feature_is_an_error_not_a_fall_back() {
        for name in ["cuda", "cuda:1"] {
            let message = open_device(name).expect_err(name).to_string();
            assert!(message.contains("--features cuda"), "{message}");
        }
    }
}
