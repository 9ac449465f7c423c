//! Rules that assign the labels of a test set, and the names of the scored sets.

use nodule_synth::{Combination, DataSet, Distribution, Label, ShapeLevel, TextureLevel};

use super::UserImages;
use crate::claims::ScoredTest;

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

/// Returns the scored sets of these distributions and images, in order.
#[must_use]
pub fn scored_tests(distributions: &[Distribution], images: &[UserImages]) -> Vec<ScoredTest> {
    let generated = distributions.iter().flat_map(|distribution| {
        label_rules(distribution).iter().map(|rule| ScoredTest {
            name: scored_name(&distribution.name, *rule),
            images: ScoredTest::generated_images(&distribution.name),
            // Both rules score the same images, of which each is abnormal by one of them.
            is_reversed: *rule == LabelRule::Texture,
            is_balanced: (abnormal_share(distribution, *rule) - 0.5).abs() < 1e-9,
        })
    });
    let own = images.iter().map(|images| ScoredTest {
        name: images.name().to_owned(),
        images: images.sha256().to_owned(),
        is_reversed: false,
        is_balanced: images.content().is_some_and(|content| {
            let abnormal = content.labels.iter().filter(|label| **label == 1).count();
            2 * abnormal == content.labels.len()
        }),
    });
    generated.chain(own).collect()
}

/// Returns the share of abnormal images by a rule. Only sets without factors between the levels have other rules than
/// [`LabelRule::Declared`].
fn abnormal_share(distribution: &Distribution, rule: LabelRule) -> f64 {
    let combinations = distribution.combinations().iter();
    let is_abnormal = |combination: &&Combination| match rule {
        LabelRule::Declared => combination.label == Label::Abnormal,
        LabelRule::Shape => combination.shape == ShapeLevel::Irregular,
        LabelRule::Texture => combination.texture == TextureLevel::Heterogeneous,
    };
    combinations
        .filter(is_abnormal)
        .map(|combination| combination.probability)
        .sum()
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
