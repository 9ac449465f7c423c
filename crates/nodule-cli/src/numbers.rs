//! Parsers of numeric options, whose messages name what is allowed.
//!
//! These options take `allow_hyphen_values`, so that `--seed -1` is a bad value and not an unknown option.

/// Returns a parser of whole numbers from `low` to `high`.
pub(crate) fn whole<T: TryFrom<u64>>(
    low: u64,
    high: u64,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static {
    move |text| {
        let number = text.parse().ok().filter(|n| (low..=high).contains(n));
        let number = number.and_then(|n| T::try_from(n).ok());
        number.ok_or_else(|| format!("must be a whole number from {low} to {high}"))
    }
}

/// Returns a parser of any seed.
pub(crate) fn seed() -> impl Fn(&str) -> Result<u64, String> + Clone + Send + Sync + 'static {
    whole(0, u64::MAX)
}
