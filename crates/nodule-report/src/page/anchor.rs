//! Anchors of figures, tables and claims within the page.

/// Returns an id such as `fig-reliance`, with `-` in place of characters that an id must not have.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    let name: String = name
        .chars()
        .map(|c| if is_allowed(c) { c } else { '-' })
        .collect();
    format!("{kind}-{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_anchor_has_no_spaces() {
        assert_eq!(anchor("claim", "H 1 <b>"), "claim-H-1--b-");
        assert_eq!(
            anchor("table", "accuracy-spurious-0.5"),
            "table-accuracy-spurious-0.5"
        );
    }
}
