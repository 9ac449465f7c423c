//! The kind of a device, which is part of a run's id.

use nodule_error::invalid_value;

use crate::Error;

/// Returns `cpu` or `cuda`, the part of a device's name that decides a run's numbers. Opens no device.
///
/// # Errors
/// For another name.
///
/// ```
/// assert_eq!(nodule_run::device_kind("cuda:1")?, "cuda");
/// assert!(nodule_run::device_kind("gpu").is_err());
/// # Ok::<(), nodule_run::Error>(())
/// ```
pub fn device_kind(device: &str) -> Result<&'static str, Error> {
    match device.split_once(':') {
        None if device == "cpu" => Ok("cpu"),
        None if device == "cuda" => Ok("cuda"),
        Some(("cuda", ordinal)) if ordinal.parse::<u16>().is_ok() => Ok("cuda"),
        _ => Err(invalid_value("--device", device, "cpu, cuda or cuda:N (N from 0)").into()),
    }
}
