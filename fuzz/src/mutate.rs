//! Mutations of an input: changed bytes, as from a bad disk, and changed words and numbers, as from an editor.

use nodule_seed::{Stream, derive, stream};

/// Numbers at and beyond the limits of numeric types.
const NUMBERS: &str = "0 -0.0 1 -1 2 16 255 65536 4294967296 9223372036854775807 18446744073709551615 \
    18446744073709551616 1e308 -1e308 1e-320 1e999 nan NaN inf null 0.5 1000000000000";
/// Delimiters of strings, lists, tables and lines.
const WORDS: [&str; 16] = [
    "\"", "'", "[", "]", "{", "}", "=", ",", "\n", "\\", "[[", "]]", "\"\"", "[]", "{}", "\u{0}",
];
/// Upper limit on the size of an input.
const MAX_BYTES: usize = 1 << 18;

/// Returns input `index` of a seed: an input of the corpus with one to eight mutations.
pub(crate) fn mutate(corpus: &[Vec<u8>], seed: u64, index: u64) -> Vec<u8> {
    let mut random = stream(derive(seed, &["fuzz", &index.to_string()]));
    let mut input = pick(&mut random, corpus).clone();
    // Half of the inputs only change numbers, so that they pass the parser.
    let numbers_only = random.below(2) == 0;
    for _ in 0..=random.below(8) {
        if numbers_only {
            let at = position(&mut random, &input);
            replace_number(&mut random, &mut input, at);
        } else {
            mutate_bytes(&mut random, &mut input, corpus);
        }
        input.truncate(MAX_BYTES);
    }
    input
}

fn pick<'a, T>(random: &mut Stream, all: &'a [T]) -> &'a T {
    &all[random.below(all.len() as u64) as usize]
}

/// Returns a position in the input, its end included.
fn position(random: &mut Stream, input: &[u8]) -> usize {
    random.below(input.len() as u64 + 1) as usize
}

fn mutate_bytes(random: &mut Stream, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = position(random, input);
    let length = random.below(40) as usize;
    let end = (at + length).min(input.len());
    match random.below(10) {
        0 if at < input.len() => input[at] ^= 1 << random.below(8),
        1 if at < input.len() => input[at] = random.bits() as u8,
        2 => drop(input.drain(at..end)),
        3 => {
            let copy = input[at..end].to_vec();
            insert(input, at, &copy);
        }
        4 => input.truncate(at),
        5 => {
            let other = pick(random, corpus);
            let from = position(random, other);
            let to = (from + length * 4).min(other.len());
            insert(input, at, &other[from..to].to_vec());
        }
        6 | 7 => replace_number(random, input, at),
        8 => insert(input, at, pick(random, &WORDS).as_bytes()),
        _ => mutate_line(random, input, at),
    }
}

fn insert(input: &mut Vec<u8>, at: usize, what: &[u8]) {
    input.splice(at..at, what.iter().copied());
}

/// Replaces the next number from `at` on.
fn replace_number(random: &mut Stream, input: &mut Vec<u8>, at: usize) {
    let is_part = |b: &u8| b.is_ascii_digit() || b".-e".contains(b);
    let Some(start) = input[at..].iter().position(u8::is_ascii_digit) else {
        return;
    };
    let start = at + start;
    let end = start + input[start..].iter().take_while(|b| is_part(b)).count();
    let numbers: Vec<_> = NUMBERS.split_whitespace().collect();
    let new = pick(random, &numbers).bytes();
    input.splice(start..end, new);
}

/// Duplicates or deletes the line at `at`.
fn mutate_line(random: &mut Stream, input: &mut Vec<u8>, at: usize) {
    let start = input[..at]
        .iter()
        .rposition(|b| *b == b'\n')
        .map_or(0, |i| i + 1);
    let end = input[at..]
        .iter()
        .position(|b| *b == b'\n')
        .map_or(input.len(), |i| at + i + 1);
    match random.below(2) {
        0 => drop(input.drain(start..end)),
        _ => {
            let copy = input[start..end].to_vec();
            insert(input, start, &copy);
        }
    }
}
