//! Accuracy of the ideal observer, which knows the true shape and texture of every image and the distribution's table,
//! but not the label.

use super::Distribution;
use crate::{Label, ShapeLevel, TextureLevel};

impl Distribution {
    /// Returns the ideal observer's accuracy on the images with these levels of shape and texture ([`ShapeLevel::Any`]
    /// and [`TextureLevel::Any`]: on all images).
    ///
    /// It is below 1 only if the same shape and texture occur with both labels. `None` if no such images exist, and
    /// for real outlines: readers assigned their labels, and an outline alone does not determine them.
    ///
    /// ```
    /// use nodule_synth::{Distribution, ShapeLevel, TextureLevel};
    ///
    /// let control = Distribution::resolve("random-labels")?;
    /// let accuracy = control.ideal_observer_accuracy(ShapeLevel::Any, TextureLevel::Any);
    /// assert_eq!(accuracy, Some(0.5));
    /// # Ok::<(), nodule_synth::Error>(())
    /// ```
    #[must_use]
    pub fn ideal_observer_accuracy(&self, shape: ShapeLevel, texture: TextureLevel) -> Option<f64> {
        if self.has_real_outlines() {
            return None;
        }
        let rows = self.combinations();
        let shapes = intervals(shape.range(), rows.iter().map(|c| c.shape.range()));
        let textures = intervals(texture.range(), rows.iter().map(|c| c.texture.range()));
        let (mut correct, mut total) = (0.0, 0.0);
        for shape in &shapes {
            for texture in &textures {
                let mass = |label: Label| -> f64 {
                    rows.iter()
                        .filter(|c| c.label == label)
                        .map(|c| {
                            c.probability
                                * overlap(*shape, c.shape.range())
                                * overlap(*texture, c.texture.range())
                        })
                        .sum()
                };
                let (normal, abnormal) = (mass(Label::Normal), mass(Label::Abnormal));
                correct += normal.max(abnormal);
                total += normal + abnormal;
            }
        }
        (total > 0.0).then(|| correct / total)
    }
}

/// Returns `whole`, cut at every end of `others`. Within an interval the density is constant.
fn intervals(whole: (f64, f64), others: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let mut ends: Vec<f64> = others
        .flat_map(|(low, high)| [low, high])
        .filter(|end| *end > whole.0 && *end < whole.1)
        .chain([whole.0, whole.1])
        .collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// Returns the share of `range` that lies in `interval`.
fn overlap(interval: (f64, f64), range: (f64, f64)) -> f64 {
    let common = interval.1.min(range.1) - interval.0.max(range.0);
    common.max(0.0) / (range.1 - range.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn accuracy(name: &str) -> f64 {
        let distribution = Distribution::from_name(name).unwrap();
        distribution
            .ideal_observer_accuracy(ShapeLevel::Any, TextureLevel::Any)
            .unwrap()
    }

    #[test]
    fn labels_that_follow_from_the_latents_are_all_predictable_and_random_ones_at_chance() {
        let names = ["shape", "texture", "both", "either", "conflict"];
        for name in names.into_iter().chain(["spurious-0.7"]) {
            assert!((accuracy(name) - 1.0).abs() < 1e-12, "{name}");
        }
        assert!((accuracy("random-labels") - 0.5).abs() < 1e-12);
    }

    #[test]
    fn real_outlines_have_no_ideal_observer() {
        let lidc = Distribution::from_name("lidc").unwrap();
        let accuracy = lidc.ideal_observer_accuracy(ShapeLevel::Regular, TextureLevel::Any);
        assert_eq!(accuracy, None);
    }

    #[test]
    fn the_likelier_label_wins_where_levels_overlap() {
        let text = "name = \"mine\"\n[[cell]]\nlabel = \"normal\"\nshape = \"any\"\ntexture = \"any\"\nprobability = 0.5\n[[cell]]\nlabel = \"abnormal\"\nshape = \"irregular\"\ntexture = \"any\"\nprobability = 0.5\n";
        let mine = Distribution::parse(text, "mine.toml").unwrap();
        // A quarter of the normal images has the level of all abnormal ones.
        for (shape, expected) in [
            (ShapeLevel::Regular, 1.0),
            (ShapeLevel::Irregular, 0.8),
            (ShapeLevel::Any, 0.875),
        ] {
            let accuracy = mine.ideal_observer_accuracy(shape, TextureLevel::Any);
            assert!((accuracy.unwrap() - expected).abs() < 1e-12);
        }
        let both = Distribution::from_name("both").unwrap();
        let levels = (ShapeLevel::Regular, TextureLevel::Heterogeneous);
        assert_eq!(both.ideal_observer_accuracy(levels.0, levels.1), None);
    }
}
