//! Damage to an input: of bytes, as a disk does it, and of words and numbers, as people do.

use nodule_seed::{Stream, derive, stream};

/// Numbers at the ends of what types hold, and beyond.
const NUMBERS: [&str; 22] = [
    "0",
    "-0.0",
    "1",
    "-1",
    "2",
    "16",
    "255",
    "65536",
    "4294967296",
    "9223372036854775807",
    "18446744073709551615",
    "18446744073709551616",
    "1e308",
    "-1e308",
    "1e-320",
    "1e999",
    "nan",
    "NaN",
    "inf",
    "null",
    "0.5",
    "1000000000000",
];
/// What ends a string, a list or a line where none should end.
const WORDS: [&str; 16] = [
    "\"", "'", "[", "]", "{", "}", "=", ",", "\n", "\\", "[[", "]]", "\"\"", "[]", "{}", "\u{0}",
];
/// No input grows beyond it.
const MOST_BYTES: usize = 1 << 18;

/// Input `index` of that seed: one of the corpus with one to eight things wrong.
pub(crate) fn mutated(corpus: &[Vec<u8>], seed: u64, index: u64) -> Vec<u8> {
    let mut random = stream(derive(seed, &["fuzz", &index.to_string()]));
    let mut input = pick(&mut random, corpus).clone();
    // Half of them stay what they are but for numbers: they come past the parser.
    let whole = random.below(2) == 0;
    for _ in 0..=random.below(8) {
        if whole {
            let at = place(&mut random, &input);
            number(&mut random, &mut input, at);
        } else {
            damage(&mut random, &mut input, corpus);
        }
        input.truncate(MOST_BYTES);
    }
    input
}

fn pick<'a, T>(random: &mut Stream, all: &'a [T]) -> &'a T {
    &all[random.below(all.len() as u64) as usize]
}

/// A place in the input, its end included.
fn place(random: &mut Stream, input: &[u8]) -> usize {
    random.below(input.len() as u64 + 1) as usize
}

fn damage(random: &mut Stream, input: &mut Vec<u8>, corpus: &[Vec<u8>]) {
    let at = place(random, input);
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
            let from = place(random, other);
            let to = (from + length * 4).min(other.len());
            insert(input, at, &other[from..to].to_vec());
        }
        6 | 7 => number(random, input, at),
        8 => insert(input, at, pick(random, &WORDS).as_bytes()),
        _ => line(random, input, at),
    }
}

fn insert(input: &mut Vec<u8>, at: usize, what: &[u8]) {
    input.splice(at..at, what.iter().copied());
}

/// Another number for the next one from `at` on.
fn number(random: &mut Stream, input: &mut Vec<u8>, at: usize) {
    let is_part = |b: &u8| b.is_ascii_digit() || b".-e".contains(b);
    let Some(start) = input[at..]
        .iter()
        .position(u8::is_ascii_digit)
        .map(|i| i + at)
    else {
        return;
    };
    let end = start + input[start..].iter().take_while(|b| is_part(b)).count();
    let new = pick(random, &NUMBERS).bytes();
    input.splice(start..end, new);
}

/// The line at `at` again, or gone.
fn line(random: &mut Stream, input: &mut Vec<u8>, at: usize) {
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
