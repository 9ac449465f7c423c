//! Which label a test set is scored against, and the name it carries in the tables.

use nodule_synth::{DataSet, Distribution};

/// A label rule: how the cells of a set are called abnormal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rule {
    /// The distribution's own label.
    Declared,
    /// Abnormal where the shape is irregular.
    Shape,
    /// Abnormal where the texture is heterogeneous.
    Texture,
}

/// The rules a distribution is scored by. Where shape and texture disagree in every cell the
/// label is not identified: it is scored twice, and no one accuracy is reported.
pub(crate) fn rules(distribution: &Distribution) -> &'static [Rule] {
    if distribution.name == "conflict" {
        &[Rule::Shape, Rule::Texture]
    } else {
        &[Rule::Declared]
    }
}

/// The name of a set under a rule.
pub(crate) fn scored_name(distribution: &str, rule: Rule) -> String {
    match rule {
        Rule::Declared => distribution.to_owned(),
        Rule::Shape => format!("{distribution}-by-shape"),
        Rule::Texture => format!("{distribution}-by-texture"),
    }
}

/// The names of all scored sets of these distributions, in order.
pub(crate) fn test_names(distributions: &[Distribution]) -> Vec<String> {
    let names = |d| {
        rules(d)
            .iter()
            .map(move |rule: &Rule| scored_name(&d.name, *rule))
    };
    distributions.iter().flat_map(names).collect()
}

/// The labels of a set under a rule.
pub(crate) fn labels(data: &DataSet, rule: Rule) -> Vec<u8> {
    match rule {
        Rule::Declared => data.labels.clone(),
        Rule::Shape => data
            .latents
            .iter()
            .map(|l| u8::from(l.shape > 0.5))
            .collect(),
        Rule::Texture => data
            .latents
            .iter()
            .map(|l| u8::from(l.texture > 0.5))
            .collect(),
    }
}
