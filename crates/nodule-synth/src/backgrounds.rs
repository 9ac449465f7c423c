//! Real lung to draw nodules over, and which of it is for training and which for tests.

use std::collections::BTreeSet;

use nodule_seed::{derive, stream};

use crate::error::setting;
use crate::{Error, HeldOut};

/// Images without a nodule, each of a group such as a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Backgrounds {
    image_size: usize,
    images: Vec<f32>,
    groups: Vec<String>,
}

/// What backgrounds are for. No group is for both, so that no test is over lung that was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Training and validation.
    Training,
    /// Tests and probes: the groups that are held out.
    Test,
}

impl Backgrounds {
    /// Backgrounds `[n, size, size]` in [0, 1], and the names of their groups `[n]`.
    ///
    /// # Errors
    /// [`Error::Setting`] if there is none, or not as many images as groups; or if an intensity is not finite
    /// or out of range, naming the image.
    pub fn new(image_size: usize, images: Vec<f32>, groups: Vec<String>) -> Result<Self, Error> {
        let refuse = |field: &str, value: String, allowed: String| {
            Err(setting("backgrounds", field, value, allowed))
        };
        let pixels = image_size.saturating_mul(image_size);
        if pixels == 0
            || groups.is_empty()
            || Some(images.len()) != pixels.checked_mul(groups.len())
        {
            let n = groups.len();
            let allowed =
                format!("as many as {n} groups and images {image_size} wide need, and some");
            return refuse("images", format!("{} values", images.len()), allowed);
        }
        if let Some(at) = images.iter().position(|v| !(0.0..=1.0).contains(v)) {
            let allowed = "an intensity from 0 to 1".to_owned();
            let field = format!("image {}", at / pixels);
            return refuse(&field, images[at].to_string(), allowed);
        }
        Ok(Self {
            image_size,
            images,
            groups,
        })
    }

    /// Those of one part.
    ///
    /// # Errors
    /// As [`Backgrounds::check_parts`].
    pub fn part(&self, part: Part, held_out: HeldOut) -> Result<Self, Error> {
        self.check_parts(held_out)?;
        let is_of = |group: &str| held_out.holds(group) == (part == Part::Test);
        let pixels = self.image_size * self.image_size;
        let pairs = self.groups.iter().zip(self.images.chunks(pixels));
        let (groups, images): (Vec<_>, Vec<_>) = pairs.filter(|(group, _)| is_of(group)).unzip();
        Ok(Self {
            image_size: self.image_size,
            images: images.concat(),
            groups: groups.into_iter().cloned().collect(),
        })
    }

    /// Refuses to hold out all of the groups, or none: then one part would be empty.
    ///
    /// # Errors
    /// [`Error::Setting`].
    pub fn check_parts(&self, held_out: HeldOut) -> Result<(), Error> {
        let groups: BTreeSet<_> = self.groups.iter().collect();
        let held = groups.iter().filter(|group| held_out.holds(group)).count();
        let found = match held {
            0 => "none",
            all if all == groups.len() => "all",
            _ => return Ok(()),
        };
        let (n, HeldOut { folds, fold }) = (groups.len(), held_out);
        let found = format!("{found} of {n} in fold {fold} of {folds}");
        let allowed = "some that are held out and some that are not: more groups, or another fold";
        Err(setting("backgrounds", "group", found, allowed))
    }

    /// Width and height, in pixels.
    #[must_use]
    pub fn image_size(&self) -> usize {
        self.image_size
    }

    /// How many there are: at least one.
    #[must_use]
    #[expect(clippy::len_without_is_empty, reason = "they are never empty")]
    pub fn len(&self) -> usize {
        self.groups.len()
    }

    /// `[n]`: which belong together, by name.
    #[must_use]
    pub fn groups(&self) -> &[String] {
        &self.groups
    }

    /// Which background a nodule lies over whose background has that seed: what is changed of a nodule
    /// leaves the seed, so a counterfactual pair lies over the same one.
    #[must_use]
    pub fn of(&self, background_seed: u64) -> usize {
        let mut random = stream(derive(background_seed, &["backgrounds"]));
        random.below(self.groups.len() as u64) as usize
    }

    /// One of them, `[size, size]`; none if there are not so many.
    #[must_use]
    pub fn image(&self, i: usize) -> Option<&[f32]> {
        let pixels = self.image_size * self.image_size;
        self.images.chunks(pixels).nth(i)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` images of 2 by 2 pixels, three of each group; the first pixel tells which.
    fn made_up(n: usize) -> Backgrounds {
        let images = (0..n).flat_map(|i| [i as f32 / n as f32, 0.1, 0.2, 0.3]);
        let groups = (0..n).map(|i| (7 * (i / 3)).to_string());
        Backgrounds::new(2, images.collect(), groups.collect()).unwrap()
    }

    #[test]
    fn no_group_is_for_training_and_for_tests() {
        for (n, folds) in [(30, 2), (60, 3), (100, 5)] {
            let all = made_up(n);
            let held_out = HeldOut { folds, fold: 1 };
            let of_part = |part| all.part(part, held_out).unwrap();
            let [train, test] = [Part::Training, Part::Test].map(of_part);
            assert!(train.groups().iter().all(|g| !held_out.holds(g)));
            assert!(test.groups().iter().all(|g| held_out.holds(g)));
            assert_eq!(train.len() + test.len(), n);
            // Every image goes with its group.
            for part in [&train, &test] {
                for (i, group) in part.groups().iter().enumerate() {
                    let place = part.image(i).unwrap()[0] * n as f32;
                    assert_eq!((7 * (place.round() as usize / 3)).to_string(), *group);
                }
            }
        }
    }

    #[test]
    fn a_part_without_groups_is_refused() {
        let all = Backgrounds::new(1, vec![0.1; 3], vec!["a".into(); 3]).unwrap();
        let fold = usize::from(!HeldOut { folds: 2, fold: 0 }.holds("a"));
        for (fold, found) in [(fold, "all"), (1 - fold, "none")] {
            let held_out = HeldOut { folds: 2, fold };
            for part in [Part::Training, Part::Test] {
                let message = all.part(part, held_out).unwrap_err().to_string();
                assert!(
                    message.contains(&format!("group = {found} of 1 in fold")),
                    "{message}"
                );
            }
        }
    }

    #[test]
    fn all_are_drawn_and_by_their_seed_alone() {
        let all = made_up(9);
        let drawn: Vec<_> = (0..200).map(|seed| all.of(seed)).collect();
        assert!((0..9).all(|i| drawn.contains(&i)));
        assert!((0..200).all(|seed| all.of(seed) == drawn[seed as usize]));
    }

    #[test]
    fn what_is_not_sound_is_named() {
        let refused = |size, images: &[f32], n: usize| {
            let groups = (0..n).map(|i| i.to_string()).collect();
            let made = Backgrounds::new(size, images.to_vec(), groups);
            made.unwrap_err().to_string()
        };
        assert!(refused(1, &[0.1, 0.2, f32::NAN], 3).contains("image 2 = NaN"));
        assert!(refused(1, &[0.1, 1.2, 0.1], 3).contains("image 1 = 1.2"));
        assert!(refused(2, &[0.1; 3], 3).contains("3 values"));
        assert!(refused(0, &[], 0).contains("0 values"));
        assert!(refused(2, &[], 0).contains("0 values"));
        assert!(refused(usize::MAX, &[0.1], 1).contains("1 values"));
    }
}
