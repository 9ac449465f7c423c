//! What an ideal observer reaches: one that knows the true shape and texture of every image, and the
//! distribution's table, but not the label.

use crate::{Distribution, Label, ShapeLevel, TextureLevel};

impl Distribution {
    /// Accuracy of the ideal observer on the images whose shape and texture lie in these levels, or
    /// on all of them for [`ShapeLevel::Any`] and [`TextureLevel::Any`]; none where there are no such
    /// images, and of real outlines: readers gave their labels, which an outline alone does not decide. It is
    /// below 1 only where the table gives one place of the square both labels.
    #[must_use]
    pub fn ceiling(&self, shape: ShapeLevel, texture: TextureLevel) -> Option<f64> {
        if self.has_real_outlines() {
            return None;
        }
        let shapes = pieces(shape.range(), self.cells().iter().map(|c| c.shape.range()));
        let textures = pieces(
            texture.range(),
            self.cells().iter().map(|c| c.texture.range()),
        );
        let (mut right, mut all) = (0.0, 0.0);
        for shape in &shapes {
            for texture in &textures {
                let mass = |label: Label| -> f64 {
                    let of_label = self.cells().iter().filter(|c| c.label == label);
                    let share = of_label.map(|c| {
                        c.probability
                            * overlap(*shape, c.shape.range())
                            * overlap(*texture, c.texture.range())
                    });
                    share.sum()
                };
                let (normal, abnormal) = (mass(Label::Normal), mass(Label::Abnormal));
                right += normal.max(abnormal);
                all += normal + abnormal;
            }
        }
        (all > 0.0).then(|| right / all)
    }
}

/// `whole`, cut at every end of `others`: inside a piece nothing changes.
fn pieces(whole: (f64, f64), others: impl Iterator<Item = (f64, f64)>) -> Vec<(f64, f64)> {
    let ends = others.flat_map(|(low, high)| [low, high]);
    let inside = ends.filter(|end| *end > whole.0 && *end < whole.1);
    let mut ends: Vec<f64> = inside.chain([whole.0, whole.1]).collect();
    ends.sort_by(f64::total_cmp);
    ends.dedup();
    ends.windows(2).map(|pair| (pair[0], pair[1])).collect()
}

/// The share of `range` that lies in `piece`.
fn overlap(piece: (f64, f64), range: (f64, f64)) -> f64 {
    let common = piece.1.min(range.1) - piece.0.max(range.0);
    common.max(0.0) / (range.1 - range.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ceiling(name: &str) -> f64 {
        let distribution = Distribution::named(name).unwrap();
        distribution
            .ceiling(ShapeLevel::Any, TextureLevel::Any)
            .unwrap()
    }

    #[test]
    fn labels_that_the_latents_decide_can_all_be_known() {
        for name in [
            "shape",
            "texture",
            "both",
            "either",
            "conflict",
            "spurious-0.7",
        ] {
            assert!((ceiling(name) - 1.0).abs() < 1e-12, "{name}");
        }
    }

    #[test]
    fn what_readers_saw_in_real_outlines_nobody_knows() {
        let lidc = Distribution::named("lidc").unwrap();
        assert_eq!(lidc.ceiling(ShapeLevel::Regular, TextureLevel::Any), None);
    }

    #[test]
    fn random_labels_cannot() {
        assert!((ceiling("random-labels") - 0.5).abs() < 1e-12);
    }

    #[test]
    fn where_cells_overlap_the_likelier_label_wins() {
        let text = "name = \"mine\"\n[[cell]]\nlabel = \"normal\"\nshape = \"any\"\ntexture = \"any\"\nprobability = 0.5\n[[cell]]\nlabel = \"abnormal\"\nshape = \"irregular\"\ntexture = \"any\"\nprobability = 0.5\n";
        let mine = Distribution::parse(text, "mine.toml").unwrap();
        let at = |shape| mine.ceiling(shape, TextureLevel::Any).unwrap();
        assert!((at(ShapeLevel::Regular) - 1.0).abs() < 1e-12);
        // A quarter of the normal lies where all of the abnormal do.
        assert!((at(ShapeLevel::Irregular) - 0.8).abs() < 1e-12);
        assert!((at(ShapeLevel::Any) - 0.875).abs() < 1e-12);
        let both = Distribution::named("both").unwrap();
        assert_eq!(
            both.ceiling(ShapeLevel::Regular, TextureLevel::Heterogeneous),
            None
        );
    }
}
