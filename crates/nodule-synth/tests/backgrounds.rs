//! Nodules over real lung: the background keeps its pixels, and counterfactuals keep their background.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use nodule_seed::stream;
use nodule_synth::{
    Backgrounds, Distribution, Fold, Generator, GeneratorSettings, Latents, Mode, Outlines, Split,
};

const SIZE: usize = 64;
const PIXELS: usize = SIZE * SIZE;

/// Returns twelve noisy images, two per group. The first pixel identifies the image.
fn synthetic() -> Backgrounds {
    let mut random = stream(1);
    let image = |i: usize| {
        let mut image: Vec<f32> = (0..PIXELS).map(|_| random.uniform() as f32 / 4.0).collect();
        image[0] = marker(i);
        image
    };
    let images = (0..12).flat_map(image).collect();
    Backgrounds::new(SIZE, images, (0..12).map(group).collect()).unwrap()
}

fn group(i: usize) -> String {
    format!("patient {}", i / 2)
}

fn marker(i: usize) -> f32 {
    i as f32 / 16.0
}

fn with_synthetic_lung() -> Generator {
    Generator::new(GeneratorSettings::default(), Outlines::lidc()).unwrap()
}

fn with_lung(backgrounds: Backgrounds) -> Generator {
    with_synthetic_lung()
        .with_backgrounds(Arc::new(backgrounds))
        .unwrap()
}

fn latents(n: usize) -> impl Iterator<Item = Latents> {
    let factorial = Distribution::from_name("factorial").unwrap();
    let samples = with_synthetic_lung().draw(&factorial, 5, 0..n);
    samples.into_iter().map(|sample| sample.latents)
}

#[test]
fn pixels_outside_the_nodule_are_the_backgrounds() {
    let (all, generator) = (synthetic(), with_lung(synthetic()));
    for latents in latents(40) {
        let real = all.image(all.index_for(latents.background_seed)).unwrap();
        let rendered = generator.render(&latents).unwrap();
        let is_outside = |i: usize| {
            let at = [i % SIZE, i / SIZE].map(|a| a as f64 + 0.5);
            let mut all = rendered.contour.iter();
            all.all(|[x, y]| (x - at[0]).hypot(y - at[1]) > 6.0) && rendered.mask[i] == 0
        };
        let mut untouched = 0;
        for i in (0..PIXELS).filter(|i| is_outside(*i)) {
            assert_eq!(rendered.image[i], real[i]);
            untouched += 1;
        }
        assert!(untouched > PIXELS / 4);
        // The nodule is that of the same latents over synthetic lung.
        let own = with_synthetic_lung().render(&latents).unwrap();
        assert_eq!(
            (&rendered.mask, &rendered.contour),
            (&own.mask, &own.contour)
        );
        let mean = |image: &[f32]| {
            let pairs = image.iter().zip(&rendered.mask).filter(|(_, m)| **m == 1);
            let (sum, n) = pairs.fold((0.0, 0.0), |(s, n), (v, _)| (s + f64::from(*v), n + 1.0));
            sum / n
        };
        let (found, expected) = (mean(&rendered.image), mean(&own.image));
        assert!((found - expected).abs() < 0.03, "{found} {expected}");
    }
}

#[test]
fn counterfactuals_keep_their_background() {
    let generator = with_lung(synthetic());
    for latents in latents(10) {
        let base = generator.render(&latents).unwrap().image;
        for mode in Mode::ALL {
            let changed = generator.render(&latents.with(mode, 0.875)).unwrap().image;
            assert_eq!(changed[0], base[0], "{mode}");
            // Background texture has no effect on real lung.
            assert_eq!(changed == base, mode == Mode::BackgroundTexture, "{mode}");
        }
    }
}

#[test]
fn training_and_test_images_have_different_groups() {
    let all = synthetic();
    let both = Distribution::from_name("both").unwrap();
    let fold = &Fold {
        folds: 2,
        ..Fold::default()
    };
    let groups = |split: Split| {
        let backgrounds = all.split(split, fold).unwrap();
        let data = with_lung(backgrounds).generate(&both, 3, 0..300).unwrap();
        data.images
            .chunks(PIXELS)
            .map(|image| group((0..12).position(|i| marker(i) == image[0]).unwrap()))
            .collect::<std::collections::BTreeSet<_>>()
    };
    let (training, test) = (groups(Split::Training), groups(Split::Test));
    assert_eq!(training.len() + test.len(), 6);
    assert!(training.iter().all(|group| !fold.contains(group)));
    assert!(test.iter().all(|group| fold.contains(group)));
}

#[test]
fn backgrounds_do_not_change_samples() {
    let both = Distribution::from_name("both").unwrap();
    let samples = with_synthetic_lung().draw(&both, 3, 7..8);
    let data = with_lung(synthetic()).generate(&both, 3, 0..8).unwrap();
    assert_eq!(data.latents[7], samples[0].latents);
    assert_eq!(data.labels[7], samples[0].label);
}

#[test]
fn rejects_backgrounds_of_another_size() {
    let small = Backgrounds::new(2, vec![0.1; 12], vec!["a".into(); 3]).unwrap();
    let message = with_synthetic_lung()
        .with_backgrounds(Arc::new(small))
        .unwrap_err()
        .to_string();
    assert!(
        message.contains("2 by 2 pixels: must be 64 by 64"),
        "{message}"
    );
}
