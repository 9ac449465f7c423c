//! Which label a test set is scored against, and the name it carries in the tables.

use nodule_synth::{DataSet, Distribution, ShapeLevel, TextureLevel};

/// How the images of a set are called abnormal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelRule {
    /// By the distribution's own label.
    Declared,
    /// Where the shape is irregular.
    Shape,
    /// Where the texture is heterogeneous.
    Texture,
}

/// The rules that a distribution is scored by. Where shape and texture disagree in every cell of a set
/// that is for testing only, the label is not identified: it is scored twice, and no one accuracy is
/// reported.
#[must_use]
pub fn label_rules(distribution: &Distribution) -> &'static [LabelRule] {
    let mut cells = distribution.combinations().iter();
    let conflict = cells.all(|cell| {
        matches!(
            (cell.shape, cell.texture),
            (ShapeLevel::Irregular, TextureLevel::Homogeneous)
                | (ShapeLevel::Regular, TextureLevel::Heterogeneous)
        )
    });
    if conflict && distribution.is_test_only() {
        &[LabelRule::Shape, LabelRule::Texture]
    } else {
        &[LabelRule::Declared]
    }
}

/// The name of a set under a rule.
#[must_use]
pub fn scored_name(distribution: &str, rule: LabelRule) -> String {
    match rule {
        LabelRule::Declared => distribution.to_owned(),
        LabelRule::Shape => format!("{distribution}-by-shape"),
        LabelRule::Texture => format!("{distribution}-by-texture"),
    }
}

/// The names of all scored sets of these distributions, in order.
#[must_use]
pub fn test_names(distributions: &[Distribution]) -> Vec<String> {
    let names = |d| {
        let rules = label_rules(d).iter();
        rules.map(move |rule| scored_name(&d.name, *rule))
    };
    distributions.iter().flat_map(names).collect()
}

/// Whether the labels of a distribution say anything of its images: those of a control do not.
#[must_use]
pub fn is_learnable(distribution: &Distribution) -> bool {
    let ceiling = distribution.ideal_observer_accuracy(ShapeLevel::Any, TextureLevel::Any);
    ceiling.is_none_or(|c| c > 0.5 + 1e-9)
}

impl LabelRule {
    /// The labels of a set under this rule.
    #[must_use]
    pub fn labels(self, data: &DataSet) -> Vec<u8> {
        let latents = data.latents.iter();
        match self {
            Self::Declared => data.class_indices(),
            Self::Shape => latents.map(|l| u8::from(l.shape > 0.5)).collect(),
            Self::Texture => latents.map(|l| u8::from(l.texture > 0.5)).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conflict_is_scored_twice_and_random_labels_teach_nothing() {
        let named = |name| Distribution::from_name(name).unwrap();
        assert_eq!(test_names(&[named("conflict")]).len(), 2);
        assert_eq!(test_names(&[named("both"), named("shape-only")]).len(), 2);
        assert!(!is_learnable(&named("random-labels")));
        assert!(is_learnable(&named("spurious-0.5")) && is_learnable(&named("either")));
    }
}
