//! SHA-256 digests as hexadecimal text.

use sha2::{Digest, Sha256};

/// Returns `bytes` in lower-case hexadecimal, two digits per byte.
#[must_use]
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref().iter();
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// Returns the SHA-256 of `bytes` in hexadecimal (64 digits).
///
/// ```
/// let digest = nodule_seed::sha256_hex("abc");
/// assert!(digest.starts_with("ba7816bf"));
/// ```
#[must_use]
pub fn sha256_hex(bytes: impl AsRef<[u8]>) -> String {
    hex(Sha256::digest(bytes))
}

/// Returns the SHA-256 of a sequence of parts in hexadecimal.
///
/// Each part is preceded by its length (u64, little endian), so `["ab", "c"]` and `["a", "bc"]` differ.
#[must_use]
pub fn sha256_hex_of_parts<T: AsRef<[u8]>>(parts: impl IntoIterator<Item = T>) -> String {
    let mut hash = Sha256::new();
    add_parts(&mut hash, parts);
    hex(hash.finalize())
}

/// Adds each part to the hash, preceded by its length.
pub(crate) fn add_parts<T: AsRef<[u8]>>(hash: &mut Sha256, parts: impl IntoIterator<Item = T>) {
    for part in parts {
        let part = part.as_ref();
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The test vector of FIPS 180-4 for "abc".
    #[test]
    fn sha256_is_the_standard_one() {
        let expected = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
        assert_eq!(sha256_hex("abc"), expected);
        assert_eq!(hex([0, 10, 255]), "000aff");
    }

    #[test]
    fn the_boundaries_of_parts_count() {
        let [first, second] = [["ab", "c"], ["a", "bc"]].map(sha256_hex_of_parts);
        assert_ne!(first, second);
        let with_length = [&2u64.to_le_bytes()[..], b"ab"].concat();
        assert_eq!(sha256_hex_of_parts(["ab"]), sha256_hex(with_length));
    }
}
