//! Names that are unique across processes and machines.
//!
//! They combine the host with random bits of the operating system. A process id is not enough: containers that share a
//! folder may have the same ids.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// Returns a name of this machine until it restarts: the host, and the boot id where the system has one.
pub(crate) fn machine() -> &'static str {
    static MACHINE: OnceLock<String> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let boot_id = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let boot_id: String = keep_plain(&boot_id).chars().take(13).collect();
        match boot_id.is_empty() {
            true => host().to_owned(),
            false => format!("{}-{boot_id}", host()),
        }
    })
}

/// Returns the host's name: letters, digits and `-`, at most 32 of them; `host` if it is unknown.
pub(crate) fn host() -> &'static str {
    static HOST: OnceLock<String> = OnceLock::new();
    HOST.get_or_init(|| {
        let variable = |name| std::env::var(name).ok();
        let name = fs::read_to_string("/proc/sys/kernel/hostname")
            .ok()
            .or_else(|| variable("HOSTNAME"))
            .or_else(|| variable("COMPUTERNAME"))
            .unwrap_or_default();
        let name: String = keep_plain(&name).chars().take(32).collect();
        match name.is_empty() {
            true => "host".to_owned(),
            false => name,
        }
    })
}

/// Returns 64 random bits in hexadecimal, from the keys that the standard library takes from the operating system.
pub(crate) fn random_token() -> String {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(SERIAL.fetch_add(1, Ordering::Relaxed));
    format!("{:016x}", hasher.finish())
}

fn keep_plain(text: &str) -> String {
    text.chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tokens_are_unique_and_names_are_plain() {
        let tokens: BTreeSet<_> = (0..1000).map(|_| random_token()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|token| token.len() == 16));
        assert!(!machine().is_empty());
        assert_eq!(keep_plain(" a.b/../c_d\n"), "abcd");
    }
}
