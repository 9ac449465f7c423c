//! Suggestions for misspelt names.

use strsim::osa_distance;

/// Returns the candidate with the smallest edit distance to `value`, or `None` if that distance is more than a third
/// of the longer word. Insertion, deletion, substitution and transposition cost 1; the first of several wins.
pub(crate) fn nearest_name(
    value: &str,
    candidates: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<String> {
    let length = value.chars().count();
    // A value this long is not a misspelt name, and the distance would be slow to compute.
    if length > 100 {
        return None;
    }
    let similar = candidates.into_iter().filter_map(|candidate| {
        let candidate = candidate.as_ref();
        let distance = osa_distance(&value.to_lowercase(), &candidate.to_lowercase());
        let longer = length.max(candidate.chars().count());
        (distance <= longer / 3).then(|| (distance, candidate.to_owned()))
    });
    similar
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// Returns the nearest expected name in a parser's message "unknown field `x`, expected one of `a`, `b`" (or variant).
pub(crate) fn nearest_expected(message: &str) -> Option<String> {
    let unknown = message.find("unknown ")?;
    let mut names = message.get(unknown..)?.split('`').skip(1).step_by(2);
    let found = names.next()?;
    nearest_name(found, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn suggests_misspelt_names_only() {
        let losses = ["ce", "contrastive", "ce+contrastive", "supcon"];
        let nearest = |value| nearest_name(value, losses);
        assert_eq!(nearest("contrastiv").as_deref(), Some("contrastive"));
        assert_eq!(nearest("cotnrastive").as_deref(), Some("contrastive"));
        assert_eq!(nearest("SupCon").as_deref(), Some("supcon"));
        assert_eq!(nearest("focal"), None);
        assert_eq!(nearest(""), None);
        assert_eq!(nearest_name(&"c".repeat(100_000), losses), None);
    }
}
