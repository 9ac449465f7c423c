//! The distributions that come with the crate.

use crate::distribution::{Cell, OutlineSource};
use crate::{Distribution, Label, ShapeLevel, TextureLevel};

/// The distributions that come with the crate, by name.
pub(crate) const BUILT_IN: [(&str, &str); 13] = [
    (
        "shape",
        include_str!("../../../data/distributions/shape.toml"),
    ),
    (
        "texture",
        include_str!("../../../data/distributions/texture.toml"),
    ),
    (
        "both",
        include_str!("../../../data/distributions/both.toml"),
    ),
    (
        "either",
        include_str!("../../../data/distributions/either.toml"),
    ),
    (
        "conflict",
        include_str!("../../../data/distributions/conflict.toml"),
    ),
    (
        "shape-only",
        include_str!("../../../data/distributions/shape-only.toml"),
    ),
    (
        "texture-only",
        include_str!("../../../data/distributions/texture-only.toml"),
    ),
    (
        "lidc",
        include_str!("../../../data/distributions/lidc.toml"),
    ),
    (
        "factorial",
        include_str!("../../../data/distributions/factorial.toml"),
    ),
    (
        "both-noise",
        include_str!("../../../data/distributions/both-noise.toml"),
    ),
    (
        "both-contrast",
        include_str!("../../../data/distributions/both-contrast.toml"),
    ),
    (
        "both-size",
        include_str!("../../../data/distributions/both-size.toml"),
    ),
    (
        "random-labels",
        include_str!("../../../data/distributions/random-labels.toml"),
    ),
];

/// `spurious-R`: the label is the shape's, and texture agrees with it with probability R.
pub(crate) fn spurious(name: &str) -> Option<Distribution> {
    let rate: f64 = name.strip_prefix("spurious-")?.parse().ok()?;
    if !(0.0..=1.0).contains(&rate) {
        return None;
    }
    let cell = |label, shape, texture, probability| Cell {
        label,
        shape,
        texture,
        probability,
    };
    let (agree, differ) = (rate / 2.0, 0.5 - rate / 2.0);
    let cells = [
        cell(
            Label::Normal,
            ShapeLevel::Regular,
            TextureLevel::Homogeneous,
            agree,
        ),
        cell(
            Label::Normal,
            ShapeLevel::Regular,
            TextureLevel::Heterogeneous,
            differ,
        ),
        cell(
            Label::Abnormal,
            ShapeLevel::Irregular,
            TextureLevel::Heterogeneous,
            agree,
        ),
        cell(
            Label::Abnormal,
            ShapeLevel::Irregular,
            TextureLevel::Homogeneous,
            differ,
        ),
    ];
    Some(Distribution {
        name: name.to_owned(),
        description: format!(
            "The label is the shape's; texture agrees with it with probability {rate}."
        ),
        test_only: false,
        outlines: OutlineSource::Synthetic,
        shifts: Vec::new(),
        cells: cells.into_iter().filter(|c| c.probability > 0.0).collect(),
    })
}
