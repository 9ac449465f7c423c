//! Which name was probably meant.

use strsim::osa_distance;

/// The one of `names` that takes the fewest slips (a letter too many, too few, another, or two swapped) to
/// become `value`; none if that is more than a third of its letters. The first of several.
pub(crate) fn nearest(
    value: &str,
    names: impl IntoIterator<Item = impl AsRef<str>>,
) -> Option<String> {
    let letters = value.chars().count();
    // A name of thousands of letters is no slip.
    if letters > 100 {
        return None;
    }
    let near = names.into_iter().filter_map(|name| {
        let name = name.as_ref();
        let slips = osa_distance(&value.to_lowercase(), &name.to_lowercase());
        (slips <= letters.max(name.chars().count()) / 3).then(|| (slips, name.to_owned()))
    });
    near.min_by_key(|(slips, _)| *slips).map(|(_, name)| name)
}

/// Of a parser's "unknown field `x`, expected one of `a`, `b`" (or variant): the nearest of those expected.
pub(crate) fn expected(line: &str) -> Option<String> {
    let unknown = line.find("unknown ")?;
    let mut names = line.get(unknown..)?.split('`').skip(1).step_by(2);
    let found = names.next()?;
    nearest(found, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_has_a_nearest_name_and_another_word_has_none() {
        let losses = ["ce", "contrastive", "ce+contrastive", "supcon"];
        assert_eq!(
            nearest("contrastiv", losses).as_deref(),
            Some("contrastive")
        );
        assert_eq!(
            nearest("cotnrastive", losses).as_deref(),
            Some("contrastive")
        );
        assert_eq!(nearest("SupCon", losses).as_deref(), Some("supcon"));
        assert_eq!(nearest("focal", losses), None);
        assert_eq!(nearest("", losses), None);
        assert_eq!(nearest(&"c".repeat(100_000), losses), None);
    }
}
