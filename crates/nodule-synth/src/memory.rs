//! What fits into memory: asked before it is taken.

use std::fs;

use crate::Error;

/// Below this many bytes nobody asks: reading what is free would cost more than it saves.
const SMALL: u64 = 64 << 20;

/// Refuses `needed` bytes where they are more than nine tenths of what is free (Linux's
/// `MemAvailable`: a tenth is left to others), or cannot be had in one piece; none is more than can
/// be counted. `what` begins the message.
pub(crate) fn check_fits(what: &str, needed: Option<u64>) -> Result<(), Error> {
    check_against(what, needed, available_memory)
}

fn check_against(
    what: &str,
    needed: Option<u64>,
    available: impl Fn() -> Option<u64>,
) -> Result<(), Error> {
    let refuse = |available: Option<u64>| Error::Memory {
        what: what.to_owned(),
        needed: needed.map_or_else(|| "more than can be counted".to_owned(), readable_bytes),
        available: available.map_or_else(|| "fewer".to_owned(), readable_bytes),
    };
    let bytes = needed.ok_or_else(|| refuse(available()))?;
    if bytes < SMALL {
        return Ok(());
    }
    if let Some(free) = available().filter(|free| bytes > *free) {
        return Err(refuse(Some(free)));
    }
    // Where the system does not tell what is free, it is asked for the room, which is given back.
    let length = usize::try_from(bytes).map_err(|_| refuse(available()))?;
    let mut room: Vec<u8> = Vec::new();
    room.try_reserve_exact(length)
        .map_err(|_| refuse(available()))
}

/// Bytes of memory that can be taken without swapping and without leaving nothing to others; none where the
/// system does not say.
#[must_use]
pub fn available_memory() -> Option<u64> {
    let free = memory_available(&fs::read_to_string("/proc/meminfo").ok()?)?;
    Some(free / 10 * 9)
}

fn memory_available(meminfo: &str) -> Option<u64> {
    let line = meminfo
        .lines()
        .find_map(|line| line.strip_prefix("MemAvailable:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

/// Bytes in the unit that suits them.
#[must_use]
pub fn readable_bytes(bytes: u64) -> String {
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
    fn what_does_not_fit_is_refused_with_both_numbers() {
        let check = |needed, free| check_against("a data set", needed, move || free);
        assert!(check(Some(1 << 30), Some(2 << 30)).is_ok());
        assert!(
            check(Some(1 << 20), Some(0)).is_ok(),
            "small ones are never asked about"
        );
        let message = check(Some(20_480_000_000), Some(8_123_456_789)).unwrap_err();
        assert_eq!(
            message.to_string(),
            "a data set would take 20.5 GB of memory, and 8.1 GB can be had: ask for fewer or smaller images"
        );
        assert!(check(None, Some(1)).is_err());
        assert!(
            check(Some(u64::MAX), None).is_err(),
            "no room, though nothing says how much is free"
        );
    }

    #[test]
    fn linux_tells_what_is_free() {
        let text = "MemTotal:       24000000 kB\nMemFree: 1 kB\nMemAvailable:   12000000 kB\n";
        assert_eq!(memory_available(text), Some(12_288_000_000));
        assert_eq!(memory_available("MemAvailable: lots\n"), None);
        assert_eq!(memory_available(""), None);
    }
}
