//! A rule that looks at the spread of grey values alone, judged on nodules of a built-in distribution: how good it is,
//! and how far its decision moves when nothing but the outline or the texture changes.

use std::error::Error;

use nodule_eval::{Metric, ScoreSd, Scores, reliance};
use nodule_synth::descriptors::masked_moments;
use nodule_synth::{Distribution, Generator, GeneratorSettings, Mode, Outlines};

fn main() -> Result<(), Box<dyn Error>> {
    let generator = Generator::new(GeneratorSettings::default(), Outlines::lidc())?;
    let data = generator.generate(&Distribution::resolve("texture")?, 7, 0..200)?;
    let pixels = data.image_size * data.image_size;
    let rule = |image: &[f32], mask: &[u8]| {
        let moments = masked_moments(image, mask, 1);
        moments.map_or(0.0, |(_, deviation)| deviation as f32)
    };
    let nodules = data.images.chunks(pixels).zip(data.masks.chunks(pixels));
    let scores: Vec<f32> = nodules.map(|(image, mask)| rule(image, mask)).collect();
    let judged = Scores::new(&scores, &data.labels)?.metrics();
    let auroc = judged.value(Metric::Auroc).ok_or("one class alone")?;
    println!("AUROC of the rule: {auroc:.3}");

    let sd = ScoreSd::from_scores(&scores)?;
    let mut found = Vec::new();
    for mode in [Mode::Shape, Mode::Texture] {
        let at = |level| -> Result<Vec<f32>, nodule_synth::Error> {
            let nodules = data.latents.iter().take(50);
            let rendered = nodules.map(|latents| generator.render(&latents.with(mode, level)));
            rendered
                .map(|r| r.map(|r| rule(&r.image, &r.mask)))
                .collect()
        };
        let relies = reliance(&at(0.0)?, &at(1.0)?, sd)?;
        println!("reliance on {}: {:.3} SD", mode.name(), relies.effect);
        found.push(relies.effect);
    }
    // It looks at the interior: what changes the interior moves it further than what changes the outline.
    if auroc > 0.6 && found[1] > found[0] {
        return Ok(());
    }
    Err("the rule does not do what it must".into())
}
