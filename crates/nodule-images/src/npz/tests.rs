//! Unit tests of the npz reader.

use super::*;

fn npy(dtype: &str, is_fortran: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header =
        format!("{{'descr': '{dtype}', 'fortran_order': {is_fortran}, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

#[test]
fn reads_every_size_and_byte_order() {
    let one = 1.5f64.to_le_bytes();
    let array = parse(&npy("<f8", "False", "(1,)", &one)).unwrap();
    assert_eq!(array.values, Values::F64(vec![1.5]));
    let big = [1.5f32.to_be_bytes(), (-2.0f32).to_be_bytes()].concat();
    let array = parse(&npy(">f4", "False", "(2, 1)", &big)).unwrap();
    assert_eq!(
        (array.shape.as_slice(), array.is_fortran),
        (&[2, 1][..], false)
    );
    assert_eq!(array.values, Values::F32(vec![1.5, -2.0]));
    let array = parse(&npy(">i2", "True", "(2,)", &[255, 254, 0, 7])).unwrap();
    assert_eq!(
        (array.values, array.is_fortran),
        (Values::I64(vec![-2, 7]), true)
    );
    let text: Vec<u8> = "ab\0"
        .chars()
        .flat_map(|c| (c as u32).to_le_bytes())
        .collect();
    for (dtype, data) in [("<U3", text.as_slice()), ("|S3", b"ab\0")] {
        let array = parse(&npy(dtype, "False", "()", data)).unwrap();
        assert_eq!(array.values, Values::Text(vec!["ab".into()]));
    }
    let array = parse(&npy("|S2", "False", "(3,)", b"ab\xc3\xa9c\0")).unwrap();
    let texts = ["ab", "\u{e9}", "c"].map(str::to_owned);
    assert_eq!(array.values, Values::Text(texts.to_vec()));
}

#[test]
fn rejects_damaged_and_unsupported_arrays() {
    let whole = npy("<f4", "False", "(2,)", &[0; 8]);
    assert!(parse(&whole).is_ok());
    let overflow = format!("({0}, {0})", usize::MAX);
    for (bytes, words) in [
        (whole[..whole.len() - 1].to_vec(), "damaged"),
        (whole[..whole.len() - 4].to_vec(), "damaged"),
        (b"nothing".to_vec(), "damaged"),
        (npy("<f4", "False", "(9999999999,)", &[0; 8]), "cut short"),
        (npy("<f4", "False", &overflow, &[0; 8]), "cut short"),
        (npy("<c8", "False", "(1,)", &[0; 8]), "<c8"),
        (npy("|O", "False", "(1,)", &[0; 8]), ".astype(str)"),
        (npy("<U2", "False", "(2,)", &[0; 12]), "cut short"),
        (npy("|S3", "False", "(1,)", b"abcd"), "cut short"),
    ] {
        let message = parse(&bytes).unwrap_err();
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn damaged_bytes_never_panic() {
    let whole = npy("<f4", "False", "(2, 3)", &[7; 24]);
    let mut state = 1u64;
    let mut random = |below: usize| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (state >> 33) as usize % below
    };
    let mut accepted = 0;
    for _ in 0..20_000 {
        let mut bytes = whole.clone();
        for _ in 0..=random(3) {
            let at = random(bytes.len());
            bytes[at] = b"0123456789()<>fiuUS',\x00\xff"[random(23)];
        }
        bytes.truncate(bytes.len() - random(3) * random(bytes.len() / 2));
        accepted += usize::from(parse(&bytes).is_ok());
    }
    // Damage of the values alone cannot be detected.
    assert!(accepted > 1000 && accepted < 19_000, "{accepted}");
}
