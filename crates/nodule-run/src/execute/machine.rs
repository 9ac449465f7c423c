//! The machine that a run is carried out on, in words.

use std::fs;
use std::thread;

/// Processor, its threads, and the system.
pub(crate) fn machine() -> String {
    let threads = thread::available_parallelism().map_or(1, usize::from);
    let (system, architecture) = (std::env::consts::OS, std::env::consts::ARCH);
    let processor = processor().unwrap_or_else(|| architecture.to_owned());
    format!("{processor}, {threads} threads, {system} {architecture}")
}

/// As Linux names it; nothing elsewhere.
fn processor() -> Option<String> {
    let text = fs::read_to_string("/proc/cpuinfo").ok()?;
    let line = text.lines().find(|line| line.starts_with("model name"))?;
    let (_, name) = line.split_once(':')?;
    Some(name.trim().to_owned())
}
