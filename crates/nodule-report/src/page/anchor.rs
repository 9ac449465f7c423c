//! Addresses within the page: one for each figure, table and claim.

/// `fig-reliance`: what an address may hold, in the place of what it may not.
pub(super) fn anchor(kind: &str, name: &str) -> String {
    let allowed = |c: char| match c.is_ascii_alphanumeric() || "-_.+".contains(c) {
        true => c,
        false => '-',
    };
    format!("{kind}-{}", name.chars().map(allowed).collect::<String>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_no_space() {
        assert_eq!(anchor("claim", "H 1 <b>"), "claim-H-1--b-");
        assert_eq!(
            anchor("table", "accuracy-spurious-0.5"),
            "table-accuracy-spurious-0.5"
        );
    }
}
