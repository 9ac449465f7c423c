//! Check of the available memory before a large allocation.

use std::fs;

use crate::Error;

/// Size in bytes below which the check is skipped, because it would cost more than it saves.
const MIN_CHECKED: u64 = 64 << 20;

/// Checks that `needed` bytes fit into memory; `None` stands for an overflow. `what` starts the message.
///
/// # Errors
/// [`Error::Memory`] if `needed` exceeds nine tenths of the available memory (Linux's `MemAvailable`; the rest is for
/// other processes), or cannot be allocated in one piece.
pub(super) fn check_fits(what: &str, needed: Option<u64>) -> Result<(), Error> {
    check_against(what, needed, available_memory)
}

fn check_against(
    what: &str,
    needed: Option<u64>,
    available: impl Fn() -> Option<u64>,
) -> Result<(), Error> {
    let error = |available: Option<u64>| Error::Memory {
        what: what.to_owned(),
        needed: needed.map_or_else(|| "an uncountable amount".to_owned(), format_bytes),
        available: available.map_or_else(|| "fewer".to_owned(), format_bytes),
    };
    let bytes = needed.ok_or_else(|| error(available()))?;
    if bytes < MIN_CHECKED {
        return Ok(());
    }
    if let Some(free) = available().filter(|free| bytes > *free) {
        return Err(error(Some(free)));
    }
    // Not every system reports its available memory, so also try to reserve it.
    let length = usize::try_from(bytes).map_err(|_| error(available()))?;
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(length)
        .map_err(|_| error(available()))
}

/// Returns nine tenths of the available memory in bytes, or `None` if the system does not report it.
fn available_memory() -> Option<u64> {
    let free = parse_available(&fs::read_to_string("/proc/meminfo").ok()?)?;
    Some(free / 10 * 9)
}

/// Returns the bytes of `MemAvailable` in the text of `/proc/meminfo`.
fn parse_available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Formats a number of bytes as MB, GB or TB.
fn format_bytes(bytes: u64) -> String {
    match bytes {
        0..1_000_000_000 => format!("{:.0} MB", bytes as f64 / 1e6),
        1_000_000_000..1_000_000_000_000 => format!("{:.1} GB", bytes as f64 / 1e9),
        _ => format!("{:.1} TB", bytes as f64 / 1e12),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rejects_what_does_not_fit_with_both_sizes() {
        let check = |needed, free| check_against("a data set", needed, move || free);
        assert!(check(Some(1 << 30), Some(2 << 30)).is_ok());
        // Small sizes are not checked.
        assert!(check(Some(1 << 20), Some(0)).is_ok());
        let message = check(Some(20_480_000_000), Some(8_123_456_789)).unwrap_err();
        assert_eq!(
            message.to_string(),
            "a data set needs 20.5 GB of memory; 8.1 GB are available; ask for fewer or smaller images"
        );
        assert!(check(None, Some(1)).is_err());
        // It cannot be allocated, although the available memory is unknown.
        assert!(check(Some(u64::MAX), None).is_err());
    }

    #[test]
    fn parses_the_available_memory_of_linux() {
        let text = "MemTotal:       24000000 kB\nMemFree: 1 kB\nMemAvailable:   12000000 kB\n";
        assert_eq!(parse_available(text), Some(12_288_000_000));
        assert_eq!(parse_available("MemAvailable: lots\n"), None);
        assert_eq!(parse_available(""), None);
    }
}
