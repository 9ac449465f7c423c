#![doc = include_str!("../README.md")]

mod digest;
mod stream;

use sha2::{Digest, Sha256};

pub use digest::{hex, sha256_hex, sha256_hex_of_parts};
pub use stream::{Stream, stream, stream_at};

/// Returns the seed for one purpose, named by `path`, under a root seed: the first eight bytes of a SHA-256.
///
/// Each name is preceded by its length, so `["ab", "c"]` and `["a", "bc"]` give different seeds.
///
/// ```
/// use nodule_seed::derive;
///
/// assert_ne!(derive(1, &["weights"]), derive(1, &["order"]));
/// assert_ne!(derive(1, &["weights"]), derive(2, &["weights"]));
/// ```
#[must_use]
pub fn derive(root: u64, path: &[&str]) -> u64 {
    let mut hash = Sha256::new_with_prefix(root.to_le_bytes());
    digest::add_parts(&mut hash, path);
    let digest = hash.finalize();
    let (words, _) = digest.as_chunks();
    u64::from_le_bytes(words[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pinned values: a change here changes every number of every study.
    #[test]
    fn seeds_and_streams_are_stable() {
        assert_eq!(derive(0, &[]), 8_794_265_229_978_523_055);
        assert_eq!(derive(1, &["weights", "fc1"]), 4_958_913_497_359_829_411);
        let mut s = stream(42);
        assert_eq!(s.bits(), 12_578_764_544_318_200_737);
        assert_eq!(s.uniform(), 0.950_275_407_672_484);
        assert_eq!(s.normal(), -0.735_682_235_615_744);
        assert_eq!([s.below(10), s.below(10), s.below(10)], [2, 1, 3]);
    }

    #[test]
    fn the_boundaries_of_names_count() {
        assert_ne!(derive(0, &["ab", "c"]), derive(0, &["a", "bc"]));
        assert_ne!(derive(0, &["a"]), derive(1, &["a"]));
    }
}
