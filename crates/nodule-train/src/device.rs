//! Opens devices. No other module of the workspace does.

use candle_core::Device;

use crate::Error;

/// Opens a device by name: `cpu`, `cuda` (the first GPU) or `cuda:N`.
///
/// # Errors
/// [`Error::Device`] if the name is unknown, the program was built without the feature `cuda`, or the GPU cannot be
/// opened. There is no fallback to the CPU.
///
/// ```
/// use nodule_train::open_device;
///
/// assert!(open_device("cpu")?.is_cpu());
/// assert!(open_device("tpu").is_err());
/// # Ok::<(), nodule_train::Error>(())
/// ```
pub fn open_device(name: &str) -> Result<Device, Error> {
    let error = |reason: String| Error::Device {
        name: name.to_owned(),
        reason,
    };
    let unknown = || error("must be cpu, cuda or cuda:N (N from 0)".into());
    if name == "cpu" {
        return Ok(Device::Cpu);
    }
    let ordinal = match name.strip_prefix("cuda").ok_or_else(unknown)? {
        "" => 0,
        suffix => suffix
            .strip_prefix(':')
            .and_then(|n| n.parse::<usize>().ok())
            .ok_or_else(unknown)?,
    };
    if !cfg!(feature = "cuda") {
        return Err(error(
            "this program was built without CUDA; build it with --features cuda".into(),
        ));
    }
    Device::new_cuda(ordinal).map_err(|e| error(format!("cannot open the GPU: {e}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_opens_and_unknown_names_are_errors() {
        assert!(open_device("cpu").is_ok_and(|d| d.is_cpu()));
        for name in ["", "gpu", "cuda:", "cuda:x", "cuda:-1", "cudax", "CPU"] {
            let message = open_device(name).expect_err(name).to_string();
            assert!(message.contains("must be cpu, cuda or cuda:N"), "{message}");
        }
    }

    #[cfg(not(feature = "cuda"))]
    #[test]
    fn cuda_without_the_feature_is_an_error() {
        for name in ["cuda", "cuda:1"] {
            let message = open_device(name).expect_err(name).to_string();
            assert!(message.contains("--features cuda"), "{message}");
        }
    }
}
