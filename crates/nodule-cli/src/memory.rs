//! Check of a plan's memory against the machine's, and the estimate of memory and time that `plan` prints.

use nodule_error::{InvalidInput, conflict};
use nodule_study::plan::Cost;
use nodule_study::text::format_duration;

/// Smaller plans are not checked: the estimate is too rough to matter.
const UNCHECKED_BYTES: u64 = 256 << 20;

/// Returns one line with the estimated memory and time of a plan.
pub(crate) fn format_estimate(cost: &Cost, jobs: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = format_bytes(cost.memory_bytes.max(1_000_000));
    let wall = format_duration((cost.cpu_seconds / cores as f64).max(1.0));
    format!(
        "estimate: {memory} of memory for {jobs} parallel runs, about {wall} on {cores} cores of a 2024 server"
    )
}

/// Returns an error if the plan needs more memory than is available, unless `force` is set.
pub(crate) fn check_memory(
    place: &str,
    cost: &Cost,
    jobs: usize,
    force: bool,
) -> Result<(), InvalidInput> {
    match available_memory() {
        Some(free) if !force && cost.memory_bytes > free.max(UNCHECKED_BYTES) => {
            let (needed, free) = (format_bytes(cost.memory_bytes), format_bytes(free));
            let reason = format!(
                "the plan needs {needed} for {jobs} parallel runs; {free} are available \
                 (--jobs 1 or smaller samples and layers need less; --force runs it anyway)"
            );
            Err(conflict("memory", reason).at(place))
        }
        _ => Ok(()),
    }
}

/// Returns nine tenths of the available memory in bytes, or `None` if the system does not report it.
fn available_memory() -> Option<u64> {
    let meminfo = std::fs::read_to_string("/proc/meminfo").ok()?;
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes.checked_mul(1024)? / 10 * 9)
}

/// Formats a number of bytes as MB, GB or TB.
fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        1_000_000_000..1_000_000_000_000 => format!("{:.1} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} TB", bytes as f64 / 1e12),
    }
}
