//! Samples: label, levels and latents of one image, drawn from a distribution.

use std::ops::Range;

use nodule_seed::{Stream, derive, stream};

use crate::{
    Combination, Distribution, FactorLevels, GENERATOR_VERSION, Generator, Label, Latents, Mode,
    Outlines,
};

/// One image before rendering.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Sample {
    /// Its label.
    pub label: Label,
    /// Levels of the combination that it was drawn from.
    pub levels: FactorLevels,
    /// Its latents.
    pub latents: Latents,
}

impl Generator {
    /// Draws the samples `indices` of the data set with this seed, without rendering them.
    ///
    /// Sample i is a pure function of the distribution, the outlines, the seed, i and [`GENERATOR_VERSION`].
    ///
    /// ```
    /// use nodule_synth::{Distribution, Generator, Outlines};
    ///
    /// let generator = Generator::new(Default::default(), Outlines::lidc())?;
    /// let both = Distribution::resolve("both")?;
    /// let samples = generator.draw(&both, 7, 0..3);
    /// assert_eq!(samples[2], generator.draw(&both, 7, 2..3)[0]);
    /// # Ok::<(), nodule_synth::Error>(())
    /// ```
    #[must_use]
    pub fn draw(
        &self,
        distribution: &Distribution,
        seed: u64,
        indices: Range<usize>,
    ) -> Vec<Sample> {
        indices
            .map(|index| draw_sample(distribution, self.outlines(), seed, index))
            .collect()
    }
}

/// Draws sample `index` of the data set with this seed.
pub(super) fn draw_sample(
    distribution: &Distribution,
    outlines: &Outlines,
    seed: u64,
    index: usize,
) -> Sample {
    let version = GENERATOR_VERSION.to_string();
    let mut random = stream(derive(seed, &["sample", &version, &index.to_string()]));
    let combination = choose(distribution.combinations(), &mut random);
    let mut level = || random.uniform();
    let between = |(low, high): (f64, f64), level: f64| low + (high - low) * level;
    // The order of the fields is the order of the draws.
    let mut latents = Latents {
        shape: between(combination.shape.range(), level()),
        texture: between(combination.texture.range(), level()),
        size: level(),
        elongation: level(),
        rotation: level(),
        position_x: level(),
        position_y: level(),
        contrast: level(),
        brightness: level(),
        background_texture: level(),
        noise: level(),
        blur: level(),
        outline: None,
        outline_seed: random.bits(),
        texture_seed: random.bits(),
        background_seed: random.bits(),
        noise_seed: random.bits(),
    };
    shift_nuisances(&mut latents, distribution);
    if distribution.has_real_outlines() {
        let rows = outlines.rows(combination.shape);
        latents.outline = Some(rows[random.below(rows.len() as u64) as usize]);
    }
    Sample {
        label: combination.label,
        levels: combination.levels(),
        latents,
    }
}

/// Chooses a combination with its probability.
fn choose(combinations: &[Combination], random: &mut Stream) -> Combination {
    let place = random.uniform();
    let mut sum = 0.0;
    let chosen = combinations.iter().find(|combination| {
        sum += combination.probability;
        place < sum
    });
    // The sum may be slightly below 1 because of rounding; the last possible combination takes the rest.
    let last = combinations.iter().rfind(|c| c.probability > 0.0);
    *chosen.or(last).unwrap_or(&combinations[0])
}

/// Maps the levels of shifted nuisances from [0, 1] to their ranges.
fn shift_nuisances(latents: &mut Latents, distribution: &Distribution) {
    for shift in &distribution.shifts {
        let (low, high) = shift.range;
        let stretch = |level: &mut f64| *level = low + (high - low) * *level;
        if shift.mode == Mode::Position {
            stretch(&mut latents.position_x);
            stretch(&mut latents.position_y);
        } else if let Some(level) = latents.nuisance_mut(shift.mode) {
            stretch(level);
        }
    }
}
