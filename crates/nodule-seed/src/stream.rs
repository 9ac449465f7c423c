//! A portable stream of random numbers: ChaCha8, with conversions that give the same bits on every platform.

use rand_chacha::ChaCha8Rng;
use rand_core::{RngCore, SeedableRng};

/// A stream of random numbers. Equal seeds give equal numbers on every platform.
///
/// ```
/// let mut stream = nodule_seed::stream(7);
/// let mut order = [0, 1, 2, 3];
/// stream.shuffle(&mut order);
/// assert!((0.0..1.0).contains(&stream.uniform()));
/// assert!(stream.below(6) < 6);
/// ```
#[derive(Debug, Clone)]
pub struct Stream(ChaCha8Rng);

/// Returns the stream of one seed, at its beginning.
#[must_use]
pub fn stream(seed: u64) -> Stream {
    Stream(ChaCha8Rng::seed_from_u64(seed))
}

/// Returns the stream of `seed` at a position that [`Stream::position`] returned, to resume interrupted work.
///
/// ```
/// let mut stream = nodule_seed::stream(7);
/// stream.bits();
/// let mut resumed = nodule_seed::stream_at(7, stream.position());
/// assert_eq!(resumed.bits(), stream.bits());
/// ```
#[must_use]
pub fn stream_at(seed: u64, position: u64) -> Stream {
    let mut stream = stream(seed);
    stream.0.set_word_pos(u128::from(position));
    stream
}

impl Stream {
    /// Returns the position in the stream, in 32-bit words from its beginning.
    #[must_use]
    pub fn position(&self) -> u64 {
        // A stream that passed 2^64 words would have run for centuries.
        self.0.get_word_pos() as u64
    }

    /// Returns the next 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Fills `bits` with the numbers that as many calls of [`Stream::bits`] would return, at half the cost.
    pub fn fill(&mut self, bits: &mut [u64]) {
        /// Numbers drawn per call of the generator.
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

    /// Returns a number in [0, 1), with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// Returns a number in [`low`, `high`), or exactly `low` if the two are equal.
    pub fn uniform_in(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.uniform()
    }

    /// Returns a standard normal number (Box and Muller 1958, the cosine branch).
    pub fn normal(&mut self) -> f64 {
        let radius = libm::sqrt(-2.0 * libm::log(1.0 - self.uniform()));
        radius * libm::cos(std::f64::consts::TAU * self.uniform())
    }

    /// Returns an unbiased integer in [0, `bound`) (Lemire 2019).
    ///
    /// # Panics
    /// If `bound` is 0.
    pub fn below(&mut self, bound: u64) -> u64 {
        assert!(bound > 0, "bound = 0: must be positive");
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let wide = u128::from(self.bits()) * u128::from(bound);
            if wide as u64 >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Shuffles `items` into a uniformly random order (Fisher and Yates).
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for i in (1..items.len()).rev() {
            items.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fill_returns_the_numbers_of_single_calls() {
        for count in [1, 3, 64, 65, 1000] {
            let (mut filled, mut single) = (stream(9), stream(9));
            // Starts inside a block of the cipher.
            assert_eq!(filled.bits(), single.bits());
            let mut bits = vec![0; count];
            filled.fill(&mut bits);
            assert!(bits.iter().all(|b| *b == single.bits()), "{count}");
            assert_eq!(filled.bits(), single.bits());
        }
    }

    #[test]
    fn a_stream_resumes_at_any_position() {
        for position in [0, 1, 7, 8, 31, 32, 33, 1000] {
            let mut whole = stream(5);
            for _ in 0..position {
                whole.bits();
            }
            let mut resumed = stream_at(5, whole.position());
            for _ in 0..100 {
                assert_eq!(whole.bits(), resumed.bits(), "{position}");
            }
            assert_eq!(whole.position(), resumed.position());
        }
    }

    #[test]
    fn uniform_and_normal_have_their_moments() {
        let mut stream = stream(1);
        let n = 100_000;
        let (mut normal_sum, mut normal_squares, mut uniform_sum) = (0.0, 0.0, 0.0);
        for _ in 0..n {
            let z = stream.normal();
            normal_sum += z;
            normal_squares += z * z;
            uniform_sum += stream.uniform();
        }
        let n = f64::from(n);
        // Five standard errors of each mean.
        assert!((normal_sum / n).abs() < 5.0 / n.sqrt());
        assert!((normal_squares / n - 1.0).abs() < 5.0 * (2.0 / n).sqrt());
        assert!((uniform_sum / n - 0.5).abs() < 5.0 / (12.0 * n).sqrt());
    }

    #[test]
    fn shuffle_reaches_every_order_equally_often() {
        let mut stream = stream(2);
        let mut counts = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let mut items = [0, 1, 2];
            stream.shuffle(&mut items);
            *counts.entry(items).or_insert(0) += 1;
        }
        assert_eq!(counts.len(), 6);
        // 1000 expected, standard deviation 29.
        let is_even = counts.values().all(|c| (855..1145).contains(c));
        assert!(is_even, "{counts:?}");
    }
}
