//! The `spurious-R` distributions: the label follows shape, and texture agrees with it with probability R.

use super::{Combination, Distribution, OutlineSource};
use crate::name::MAX_NAME;
use crate::{Label, ShapeLevel, TextureLevel};

/// Pattern of the names, for messages.
pub(super) const PATTERN: &str = "spurious-R (R from 0 to 1)";

/// Returns the distribution of a name such as `spurious-0.9`, or `None` for other names.
pub(super) fn spurious(name: &str) -> Option<Distribution> {
    let digits = name.strip_prefix("spurious-")?;
    // Other number formats (`+.5`, `-0`, `1e-1`) would give one distribution several names.
    let is_decimal = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.chars().all(|c| c.is_ascii_digit() || c == '.');
    if !is_decimal || name.len() > MAX_NAME {
        return None;
    }
    let rate: f64 = digits.parse().ok()?;
    if !(0.0..=1.0).contains(&rate) {
        return None;
    }
    let combination = |label, shape, texture, probability| Combination {
        label,
        shape,
        texture,
        probability,
    };
    let (agree, differ) = (rate / 2.0, 0.5 - rate / 2.0);
    let (normal, abnormal) = (Label::Normal, Label::Abnormal);
    let (regular, irregular) = (ShapeLevel::Regular, ShapeLevel::Irregular);
    let (homogeneous, heterogeneous) = (TextureLevel::Homogeneous, TextureLevel::Heterogeneous);
    let combinations = [
        combination(normal, regular, homogeneous, agree),
        combination(normal, regular, heterogeneous, differ),
        combination(abnormal, irregular, heterogeneous, agree),
        combination(abnormal, irregular, homogeneous, differ),
    ];
    Some(Distribution {
        name: name.to_owned(),
        description: format!(
            "The label is the shape's; texture agrees with it with probability {rate}."
        ),
        test_only: false,
        outlines: OutlineSource::Synthetic,
        shifts: Vec::new(),
        combinations: combinations
            .into_iter()
            .filter(|c| c.probability > 0.0)
            .collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spurious_distributions_have_their_rate() {
        let ninety = Distribution::from_name("spurious-0.9").unwrap();
        assert_eq!(ninety.combinations().len(), 4);
        let always = Distribution::from_name("spurious-1").unwrap();
        let both = Distribution::from_name("both").unwrap();
        assert_eq!(always.combinations(), both.combinations());
    }

    #[test]
    fn rejects_other_numbers() {
        let long = format!("spurious-0.{}", "5".repeat(100_000));
        for name in [
            "spurious-",
            "spurious-1.1",
            "spurious-x",
            "spurious-nan",
            "spurious--0.1",
            "spurious--0.0",
            "spurious-+0.5",
            "spurious-.5",
            "spurious-5e-1",
            "spurious-0.5.5",
            "spurious-inf",
            &long,
        ] {
            assert_eq!(Distribution::from_name(name), None, "{name}");
            assert!(Distribution::resolve(name).is_err(), "{name}");
        }
    }
}
