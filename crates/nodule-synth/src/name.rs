//! Names of distributions and outlines, restricted so that they are safe in paths, tables and command lines.

/// Maximum length of a name, in characters.
pub(crate) const MAX_NAME: usize = 64;

/// Returns whether `name` is 1 to 64 of `a-z`, `0-9`, `-` and `.`, starting with a letter or a digit.
pub(crate) fn is_name(name: &str) -> bool {
    let is_alphanumeric = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
    (1..=MAX_NAME).contains(&name.len())
        && name.starts_with(is_alphanumeric)
        && name
            .chars()
            .all(|c| is_alphanumeric(c) || c == '-' || c == '.')
}
