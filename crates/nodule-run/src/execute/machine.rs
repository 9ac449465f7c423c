//! Description of this machine for a run's record.

use std::fs;
use std::thread;

/// Returns processor, number of threads and operating system.
pub(crate) fn describe_machine() -> String {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (system, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let processor = processor_name().unwrap_or_else(|| architecture.to_owned());
    format!("{processor}, {threads} threads, {system} {architecture}")
}

/// Returns the processor's name on Linux, `None` elsewhere.
fn processor_name() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}
