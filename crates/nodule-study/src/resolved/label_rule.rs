//! Rules that assign the labels of a test set, and the names of the scored sets.

use nodule_synth::{DataSet, Distribution, ShapeLevel, TextureLevel};

/// Rule that assigns the labels of a test set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelRule {
    /// The distribution's own label.
    Declared,
    /// Abnormal if the shape is irregular.
    Shape,
    /// Abnormal if the texture is heterogeneous.
    Texture,
}

/// Returns the rules that a distribution is scored by.
///
/// If shape and texture disagree in every combination of a set for testing only, the label is not identified. Such a set
/// is scored by both rules, and no single accuracy is reported.
#[must_use]
pub fn label_rules(distribution: &Distribution) -> &'static [LabelRule] {
    let is_conflict = distribution.combinations().iter().all(|combination| {
        matches!(
            (combination.shape, combination.texture),
            (ShapeLevel::Irregular, TextureLevel::Homogeneous)
                | (ShapeLevel::Regular, TextureLevel::Heterogeneous)
        )
    });
    match is_conflict && distribution.is_test_only() {
        true => &[LabelRule::Shape, LabelRule::Texture],
        false => &[LabelRule::Declared],
    }
}

/// Returns the name of a set that is scored by a rule.
#[must_use]
pub fn scored_name(distribution: &str, rule: LabelRule) -> String {
    match rule {
        LabelRule::Declared => distribution.to_owned(),
        LabelRule::Shape => format!("{distribution}-by-shape"),
        LabelRule::Texture => format!("{distribution}-by-texture"),
    }
}

/// Returns the names of all scored sets of these distributions, in order.
#[must_use]
pub fn test_names(distributions: &[Distribution]) -> Vec<String> {
    let names = |distribution| {
        label_rules(distribution)
            .iter()
            .map(|rule| scored_name(&distribution.name, *rule))
    };
    distributions.iter().flat_map(names).collect()
}

/// Whether the labels of a distribution depend on the images. Those of a control with random labels do not.
#[must_use]
pub fn is_learnable(distribution: &Distribution) -> bool {
    distribution
        .ideal_observer_accuracy(ShapeLevel::Any, TextureLevel::Any)
        .is_none_or(|accuracy| accuracy > 0.5 + 1e-9)
}

impl LabelRule {
    /// Returns the labels of a set, 0 normal and 1 abnormal.
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
    fn conflict_is_scored_twice_and_random_labels_are_not_learnable() {
        let distribution = |name| Distribution::from_name(name).unwrap();
        assert_eq!(
            test_names(&[distribution("conflict")]),
            ["conflict-by-shape", "conflict-by-texture"]
        );
        assert_eq!(
            test_names(&[distribution("both"), distribution("shape-only")]),
            ["both", "shape-only"]
        );
        assert!(!is_learnable(&distribution("random-labels")));
        assert!(
            is_learnable(&distribution("spurious-0.5")) && is_learnable(&distribution("either"))
        );
    }
}
