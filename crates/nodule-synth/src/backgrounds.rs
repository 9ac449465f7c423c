//! Real lung to draw nodules over, and which of it is for training and which for tests.

use nodule_seed::{derive, stream};

use crate::Error;
use crate::error::setting;

/// One group in so many is for tests.
const TEST_SHARE: usize = 3;
/// So many groups at least: some for training, and one for tests.
const FEWEST_GROUPS: usize = TEST_SHARE;

/// Images without a nodule, each of a group such as a patient.
#[derive(Debug, Clone, PartialEq)]
pub struct Backgrounds {
    image_size: usize,
    images: Vec<f32>,
    groups: Vec<usize>,
}

/// What backgrounds are for. No group is for both, so that no test is over lung that was trained on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Training and validation: two groups in three.
    Training,
    /// Tests and probes: one group in three.
    Test,
}

impl Backgrounds {
    /// Backgrounds `[n, size, size]` in [0, 1], and `[n]` groups.
    ///
    /// # Errors
    /// [`Error::Setting`] if there are not as many images as groups, or fewer than three groups; or if an
    /// intensity is not finite or out of range, naming the image.
    pub fn new(image_size: usize, images: Vec<f32>, groups: Vec<usize>) -> Result<Self, Error> {
        let refuse = |field: &str, value: String, allowed: String| {
            Err(setting("backgrounds", field, value, allowed))
        };
        let pixels = image_size.saturating_mul(image_size);
        if pixels == 0 || Some(images.len()) != pixels.checked_mul(groups.len()) {
            let n = groups.len();
            let allowed = format!("as many as {n} groups and images {image_size} wide need");
            return refuse("images", format!("{} values", images.len()), allowed);
        }
        if let Some(at) = images.iter().position(|v| !(0.0..=1.0).contains(v)) {
            let allowed = "an intensity from 0 to 1".to_owned();
            let field = format!("image {}", at / pixels);
            return refuse(&field, images[at].to_string(), allowed);
        }
        let found = distinct(&groups).len();
        if found < FEWEST_GROUPS {
            let allowed = format!(
                "of at least {FEWEST_GROUPS} groups: no group is for training and for tests too"
            );
            return refuse("group", format!("of {found}"), allowed);
        }
        Ok(Self {
            image_size,
            images,
            groups,
        })
    }

    /// Those of one part. Groups are put in an order that is derived from their numbers alone, and the
    /// first third of them is for tests: the same whatever seed a study has.
    #[must_use]
    pub fn part(&self, part: Part) -> Self {
        let mut groups = distinct(&self.groups);
        groups.sort_by_key(|group| derive(0, &["backgrounds", "group", &group.to_string()]));
        let for_tests = groups.len() / TEST_SHARE;
        let chosen = match part {
            Part::Test => &groups[..for_tests],
            Part::Training => &groups[for_tests..],
        };
        let pixels = self.image_size * self.image_size;
        let pairs = self.groups.iter().zip(self.images.chunks(pixels));
        let pairs = pairs.filter(|(group, _)| chosen.contains(group));
        let (groups, images): (Vec<_>, Vec<_>) = pairs.unzip();
        Self {
            image_size: self.image_size,
            images: images.concat(),
            groups,
        }
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

    /// `[n]`: which belong together.
    #[must_use]
    pub fn groups(&self) -> &[usize] {
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

/// The groups that occur, once each, by their numbers.
fn distinct(groups: &[usize]) -> Vec<usize> {
    let mut groups = groups.to_vec();
    groups.sort_unstable();
    groups.dedup();
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `n` images of 2 by 2 pixels, three of each group; the first pixel tells which.
    fn made_up(n: usize) -> Backgrounds {
        let images = (0..n).flat_map(|i| [i as f32 / n as f32, 0.1, 0.2, 0.3]);
        let groups = (0..n).map(|i| 7 * (i / 3));
        Backgrounds::new(2, images.collect(), groups.collect()).unwrap()
    }

    #[test]
    fn no_group_is_for_training_and_for_tests() {
        for n in [7, 9, 30, 100] {
            let all = made_up(n);
            let [train, test] = [Part::Training, Part::Test].map(|part| all.part(part));
            let in_both = distinct(train.groups());
            let in_both = in_both.iter().filter(|g| test.groups().contains(g));
            assert_eq!(in_both.count(), 0);
            assert_eq!(train.len() + test.len(), n);
            assert_eq!(
                distinct(test.groups()).len(),
                distinct(all.groups()).len() / 3
            );
            // Every image goes with its group.
            for part in [&train, &test] {
                for (i, group) in part.groups().iter().enumerate() {
                    let place = part.image(i).unwrap()[0] * n as f32;
                    assert_eq!(7 * (place.round() as usize / 3), *group);
                }
            }
        }
    }

    #[test]
    fn the_order_in_the_file_moves_no_group() {
        let all = made_up(30);
        let images = (0..30).rev().flat_map(|i| all.image(i).unwrap().to_vec());
        let groups = all.groups().iter().rev().copied().collect();
        let turned = Backgrounds::new(2, images.collect(), groups).unwrap();
        let of = |all: &Backgrounds| distinct(all.part(Part::Test).groups());
        assert_eq!(of(&turned), of(&all));
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
        let refused = |size, images: &[f32], groups: &[usize]| {
            let made = Backgrounds::new(size, images.to_vec(), groups.to_vec());
            made.unwrap_err().to_string()
        };
        assert!(refused(1, &[0.1; 3], &[0, 1, 1]).contains("group = of 2: must be of at least 3"));
        assert!(refused(1, &[0.1, 0.2, f32::NAN], &[0, 1, 2]).contains("image 2 = NaN"));
        assert!(refused(1, &[0.1, 1.2, 0.1], &[0, 1, 2]).contains("image 1 = 1.2"));
        assert!(refused(2, &[0.1; 3], &[0, 1, 2]).contains("3 values"));
        assert!(refused(0, &[], &[]).contains("0 values"));
        assert!(refused(usize::MAX, &[0.1], &[0]).contains("1 values"));
    }
}
