//! Names of groups, such as patients, in one normal form, so that spellings of different programs agree.

use unicode_normalization::UnicodeNormalization;

/// Texts that programs write for a missing value.
const MISSING: [&str; 6] = ["", "nan", "none", "null", "n/a", "<na>"];

/// Returns the normal form of a group's name: Unicode form NFKC in lower case, without surrounding white space and
/// invisible characters, zeros in front of a number, and `.0` after a whole number.
///
/// ```
/// use nodule_images::normal_name;
///
/// assert_eq!(normal_name(" P0012 "), normal_name("p12"));
/// assert_eq!(normal_name("12.0"), normal_name("0012"));
/// assert_ne!(normal_name("1.05"), normal_name("1.5"));
/// ```
#[must_use]
pub fn normal_name(name: &str) -> String {
    let is_visible = |c: &char| {
        !c.is_control() && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
    };
    // Lower case may leave NFKC, as for some letters with dots.
    let lower: String = name.nfkc().collect::<String>().to_lowercase();
    let text: String = lower
        .nfkc()
        .filter(|c| c.is_whitespace() || is_visible(c))
        .collect();
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    without_leading_zeros(without_fraction(&text))
}

/// Returns whether a name in normal form stands for a missing value.
pub(crate) fn is_missing(name: &str) -> bool {
    MISSING.contains(&name)
}

/// Returns a whole number without its fraction of zeros, and any other text unchanged.
fn without_fraction(text: &str) -> &str {
    match text.split_once('.') {
        Some((whole, zeros))
            if !whole.is_empty()
                && whole
                    .trim_start_matches('-')
                    .bytes()
                    .all(|b| b.is_ascii_digit())
                && zeros.bytes().all(|b| b == b'0') =>
        {
            whole
        }
        _ => text,
    }
}

/// Returns the text without zeros in front of numbers, except for digits of a fraction.
fn without_leading_zeros(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(|c: char| c.is_ascii_digit()) {
        let (before, number) = rest.split_at(start);
        kept.push_str(before);
        let end = number
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(number.len());
        let (digits, after) = number.split_at(end);
        let mut last = kept.chars().rev();
        let is_fraction =
            last.next() == Some('.') && last.next().is_some_and(|c| c.is_ascii_digit());
        let significant = digits.trim_start_matches('0');
        kept.push_str(match significant {
            _ if is_fraction => digits,
            "" => "0",
            digits => digits,
        });
        rest = after;
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_name_agree() {
        for (one, others) in [
            (
                "7",
                &[
                    "007",
                    "7.0",
                    "7.",
                    " 7",
                    "7\u{a0}",
                    "\u{feff}7",
                    "\u{ff17}",
                    "07.00",
                ][..],
            ),
            ("0", &["000", "0.0"]),
            ("-3", &["-3.0", "-03"]),
            (
                "LIDC-IDRI-0078",
                &["lidc-idri-78", "LIDC-IDRI-78 ", "Lidc-Idri-0078\t"],
            ),
            ("Ren\u{e9}", &["rene\u{301}", "REN\u{c9}"]),
            ("study 4", &["Study  04"]),
        ] {
            for other in others {
                assert_eq!(normal_name(one), normal_name(other), "{one} {other:?}");
            }
        }
        assert!(is_missing(&normal_name(" NaN")) && !is_missing("nancy"));
    }

    #[test]
    fn different_names_stay_different() {
        let names = [
            "7", "70", "7.5", "7.05", "-7", "p7", "7p", "1.2.3", "1.20.3", "1.02.3", "p 7", "p-7",
        ];
        let normal: std::collections::BTreeSet<_> = names.map(normal_name).into_iter().collect();
        assert_eq!(normal.len(), names.len());
    }
}
