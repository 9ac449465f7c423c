#![doc = include_str!("../README.md")]

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};
use sha2::{Digest, Sha256};

/// The seed for the purpose named by `path` under `root`: the first eight bytes of a SHA-256.
///
/// Every part is preceded by its length, so `["ab", "c"]` and `["a", "bc"]` differ.
#[must_use]
pub fn derive(root: u64, path: &[&str]) -> u64 {
    let mut hash = Sha256::new();
    hash.update(root.to_le_bytes());
    for part in path {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    let digest = hash.finalize();
    digest[..8]
        .iter()
        .rev()
        .fold(0, |seed, byte| (seed << 8) | u64::from(*byte))
}

/// A portable random stream.
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// The stream of one seed.
#[must_use]
pub fn stream(seed: u64) -> Stream {
    Stream(ChaCha8Rng::seed_from_u64(seed))
}

/// The stream of `seed` as it was when [`Stream::position`] gave `position`: work that was
/// interrupted goes on with the numbers that it would have drawn.
#[must_use]
pub fn stream_at(seed: u64, position: u64) -> Stream {
    let mut stream = stream(seed);
    stream.0.set_word_pos(u128::from(position));
    stream
}

impl Stream {
    /// How far into the stream this is, in words of 32 bits: what [`stream_at`] goes on from.
    #[must_use]
    pub fn position(&self) -> u64 {
        // A stream that passed 2^64 words would have run for centuries.
        self.0.get_word_pos() as u64
    }

    /// The next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Fills `bits` with what as many calls of [`Stream::bits`] would give, at half the cost.
    pub fn fill(&mut self, bits: &mut [u64]) {
        /// Numbers that are drawn together.
        const BLOCK: usize = 64;
        let mut bytes = [0; 8 * BLOCK];
        for block in bits.chunks_mut(BLOCK) {
            let bytes = &mut bytes[..8 * block.len()];
            self.0.fill_bytes(bytes);
            let (words, _) = bytes.as_chunks();
            for (bits, word) in block.iter_mut().zip(words) {
                *bits = u64::from_le_bytes(*word);
            }
        }
    }

    /// A number in [0, 1), with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in [`low`, `high`); exactly `low` where the two are equal.
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// A standard normal number (Box and Muller 1958, the cosine branch).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// A whole number in [0, `bound`), unbiased (Lemire 2019).
    ///
    /// # Panics
    /// If `bound` is zero: there is no such number.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "no whole number lies below 0");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let wide = u128::from(self.bits()) * u128::from(bound);
            if wide as u64 >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Puts `items` into a uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
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
    fn filling_draws_what_single_calls_draw() {
        for count in [1, 3, 64, 65, 1000] {
            let (mut filled, mut single) = (stream(9), stream(9));
            // Begins inside a block of the cipher.
            assert_eq!(filled.bits(), single.bits());
            let mut bits = vec![0; count];
            filled.fill(&mut bits);
            assert!(bits.iter().all(|b| *b == single.bits()), "{count}");
            assert_eq!(filled.bits(), single.bits());
        }
    }

    #[test]
    fn a_stream_goes_on_from_any_position() {
        for drawn in [0, 1, 7, 8, 31, 32, 33, 1000] {
            let mut whole = stream(5);
            for _ in 0..drawn {
                whole.bits();
            }
            let mut resumed = stream_at(5, whole.position());
            for _ in 0..100 {
                assert_eq!(whole.bits(), resumed.bits(), "{drawn}");
            }
            assert_eq!(whole.position(), resumed.position());
        }
    }

    #[test]
    fn parts_of_a_path_are_not_joined() {
        assert_ne!(derive(0, &["ab", "c"]), derive(0, &["a", "bc"]));
        assert_ne!(derive(0, &["a"]), derive(1, &["a"]));
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let mut s = stream(1);
        let n = 100_000;
        let (mut sum, mut square, mut flat) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            let z = s.normal();
            (sum, square, flat) = (sum + z, square + z * z, flat + s.uniform());
        }
        let n = f64::from(n);
        // Five standard errors of each mean.
        assert!((sum / n).abs() < 5.0 / n.sqrt());
        assert!((square / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        assert!((flat / n - 0.5).abs() < 5.0 / (12.0 * n).sqrt());
    }

    #[test]
    fn shuffle_gives_each_order_its_share() {
        let mut s = stream(2);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut items = [0, 1, 2];
            s.shuffle(&mut items);
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // 1000 expected, standard deviation 29.
        assert!(
            counts.values().all(|c| (855..1145).contains(c)),
            "{counts:?}"
        );
    }
}
