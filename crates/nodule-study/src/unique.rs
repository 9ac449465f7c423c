//! Names that no other process makes: from the host and from random bits of the operating system. A process
//! number would not do: processes in containers share one folder and have the same numbers.

use std::collections::hash_map::RandomState;
use std::fs;
use std::hash::{BuildHasher, Hasher};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

/// This machine as long as it runs: the host's name and, where the system tells, what it drew when it
/// started. Letters, digits and `-`.
pub(crate) fn machine() -> &'static str {
    static MACHINE: OnceLock<String> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let start = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
        let start: String = plain(&start).chars().take(13).collect();
        match start.is_empty() {
            true => host().to_owned(),
            false => format!("{}-{start}", host()),
        }
    })
}

/// The host's name: letters, digits and `-`, at most 32 of them; `host` where there is none.
pub(crate) fn host() -> &'static str {
    static HOST: OnceLock<String> = OnceLock::new();
    HOST.get_or_init(|| {
        let told = fs::read_to_string("/proc/sys/kernel/hostname").ok();
        let variable = |name| std::env::var(name).ok();
        let told = told.or_else(|| variable("HOSTNAME"));
        let name = plain(
            &told
                .or_else(|| variable("COMPUTERNAME"))
                .unwrap_or_default(),
        );
        match name.is_empty() {
            true => "host".to_owned(),
            false => name.chars().take(32).collect(),
        }
    })
}

/// 64 random bits in hexadecimal: the keys that the standard library draws from the operating system.
pub(crate) fn random_token() -> String {
    static SERIAL: AtomicU64 = AtomicU64::new(0);
    let mut hasher = RandomState::new().build_hasher();
    hasher.write_u64(SERIAL.fetch_add(1, Ordering::Relaxed));
    format!("{:016x}", hasher.finish())
}

fn plain(text: &str) -> String {
    let allowed = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    text.trim().chars().filter(allowed).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn tokens_differ_and_names_are_plain() {
        let tokens: BTreeSet<_> = (0..1000).map(|_| random_token()).collect();
        assert_eq!(tokens.len(), 1000);
        assert!(tokens.iter().all(|token| token.len() == 16));
        assert!(!machine().is_empty());
        assert_eq!(plain(" a.b/../c_d\n"), "abcd");
    }
}
