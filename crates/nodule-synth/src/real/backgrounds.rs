//! Real lung as background for nodules, split into training and test patients.

use std::collections::BTreeSet;

use nodule_seed::{derive, stream};

use super::Fold;
use crate::Error;
use crate::error::{conflicting, setting};

/// Images without a nodule, each with the name of its group, such as a patient.
///
/// ```
/// use nodule_synth::Backgrounds;
///
/// let groups = vec!["patient 1".to_owned(), "patient 2".to_owned()];
/// let backgrounds = Backgrounds::new(64, vec![0.25; 2 * 64 * 64], groups)?;
/// assert_eq!(backgrounds.len(), 2);
/// # Ok::<(), nodule_synth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
pub struct Backgrounds {
    image_size: usize,
    images: Vec<f32>,
    groups: Vec<String>,
}

/// Split of the backgrounds. No group is in both, so no test image has lung that was used for training.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Split {
    /// Training and validation.
    Training,
    /// Tests and probes: the groups of the held-out fold.
    Test,
}

impl Backgrounds {
    /// Returns backgrounds from images `[n, size, size]` in [0, 1] and the names of their groups `[n]`.
    ///
    /// # Errors
    /// [`Error::Setting`] if there are no images, if their number differs from the number of groups, or if an intensity
    /// is not finite or out of range (with the image).
    pub fn new(image_size: usize, images: Vec<f32>, groups: Vec<String>) -> Result<Self, Error> {
        let error = |field: &str, value: String, allowed: String| {
            Err(setting("backgrounds", field, value, allowed))
        };
        let pixels = image_size.saturating_mul(image_size);
        let expected = pixels.checked_mul(groups.len());
        if pixels == 0 || groups.is_empty() || Some(images.len()) != expected {
            let n = groups.len();
            let allowed =
                format!("as many as {n} groups of {image_size} by {image_size} pixels need");
            return error("images", format!("{} values", images.len()), allowed);
        }
        if let Some(at) = images.iter().position(|v| !(0.0..=1.0).contains(v)) {
            let allowed = "an intensity from 0 to 1".to_owned();
            let field = format!("image {}", at / pixels);
            return error(&field, images[at].to_string(), allowed);
        }
        Ok(Self {
            image_size,
            images,
            groups,
        })
    }

    /// Returns the backgrounds of one split.
    ///
    /// # Errors
    /// As [`Backgrounds::check_fold`].
    pub fn split(&self, split: Split, fold: &Fold) -> Result<Self, Error> {
        self.check_fold(fold)?;
        let pixels = self.image_size * self.image_size;
        let (groups, images): (Vec<_>, Vec<_>) = self
            .groups
            .iter()
            .zip(self.images.chunks(pixels))
            .filter(|(group, _)| fold.contains(group) == (split == Split::Test))
            .unzip();
        Ok(Self {
            image_size: self.image_size,
            images: images.concat(),
            groups: groups.into_iter().cloned().collect(),
        })
    }

    /// Checks that the fold holds out some groups, but not all.
    ///
    /// # Errors
    /// [`Error::Setting`] if one of the splits would be empty.
    pub fn check_fold(&self, fold: &Fold) -> Result<(), Error> {
        let groups: BTreeSet<_> = self.groups.iter().collect();
        let held_out = groups.iter().filter(|group| fold.contains(group)).count();
        let found = match held_out {
            0 => "none",
            all if all == groups.len() => "all",
            _ => return Ok(()),
        };
        let (n, Fold { folds, fold, .. }) = (groups.len(), fold);
        let reason = format!(
            "{found} of its groups (n = {n}) are in fold {fold} of {folds}; training and tests both need some; add groups or choose another fold"
        );
        Err(conflicting("backgrounds", "group", reason))
    }

    /// Width and height, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// Number of backgrounds, at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "never empty")]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// Name of each background's group, `[n]`.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Returns the index of the background for this seed.
    ///
    /// Counterfactuals keep the seed, so a pair shares its background.
    #[must_use]
    pub fn index_for(&self, background_seed: u64) -> usize {
        let mut random = stream(derive(background_seed, &["backgrounds"]));
        random.below(self.groups.len() as u64) as usize
    }

    /// Returns background `i`, `[size, size]`, or `None` if `i` is out of range.
    #[must_use]
    pub fn image(&self, i: usize) -> Option<&[f32]> {
        let pixels = self.image_size * self.image_size;
        self.images.chunks(pixels).nth(i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns `n` images of 2 by 2 pixels, three per group. The first pixel identifies the image.
    fn synthetic(n: usize) -> Backgrounds {
        let images = (0..n).flat_map(|i| [i as f32 / n as f32, 0.1, 0.2, 0.3]);
        let groups = (0..n).map(|i| (7 * (i / 3)).to_string());
        Backgrounds::new(2, images.collect(), groups.collect()).unwrap()
    }

    fn select(folds: usize, fold: usize) -> Fold {
        let groups = Fold::default().groups;
        Fold {
            folds,
            fold,
            groups,
        }
    }

    #[test]
    fn no_group_is_in_both_splits() {
        for (n, folds) in [(30, 2), (60, 3), (100, 5)] {
            let all = synthetic(n);
            let fold = select(folds, 1);
            let [train, test] =
                [Split::Training, Split::Test].map(|split| all.split(split, &fold).unwrap());
            assert!(train.groups().iter().all(|g| !fold.contains(g)));
            assert!(test.groups().iter().all(|g| fold.contains(g)));
            assert_eq!(train.len() + test.len(), n);
            // Each image keeps its group.
            for split in [&train, &test] {
                for (i, group) in split.groups().iter().enumerate() {
                    let place = split.image(i).unwrap()[0] * n as f32;
                    assert_eq!((7 * (place.round() as usize / 3)).to_string(), *group);
                }
            }
        }
    }

    #[test]
    fn rejects_an_empty_split() {
        let all = Backgrounds::new(1, vec![0.1; 3], vec!["a".into(); 3]).unwrap();
        let other = usize::from(!select(2, 0).contains("a"));
        for (fold, found) in [(other, "all"), (1 - other, "none")] {
            let fold = select(2, fold);
            let expected = format!("group: {found} of its groups (n = 1) are in fold");
            for split in [Split::Training, Split::Test] {
                let message = all.split(split, &fold).unwrap_err().to_string();
                assert!(message.contains(&expected), "{message}");
            }
        }
    }

    #[test]
    fn every_background_occurs_and_depends_on_the_seed_alone() {
        let all = synthetic(9);
        let indices: Vec<_> = (0..200).map(|seed| all.index_for(seed)).collect();
        assert!((0..9).all(|i| indices.contains(&i)));
        assert!((0..200).all(|seed| all.index_for(seed) == indices[seed as usize]));
    }

    #[test]
    fn rejects_bad_intensities_and_sizes() {
        let error = |size, images: &[f32], n: usize| {
            let groups = (0..n).map(|i| i.to_string()).collect();
            let backgrounds = Backgrounds::new(size, images.to_vec(), groups);
            backgrounds.unwrap_err().to_string()
        };
        assert!(error(1, &[0.1, 0.2, f32::NAN], 3).contains("image 2 = NaN"));
        assert!(error(1, &[0.1, 1.2, 0.1], 3).contains("image 1 = 1.2"));
        assert!(error(2, &[0.1; 3], 3).contains("3 values"));
        assert!(error(0, &[], 0).contains("0 values"));
        assert!(error(2, &[], 0).contains("0 values"));
        assert!(error(usize::MAX, &[0.1], 1).contains("1 values"));
    }
}
