//! Nodules over real lung: what is real stays as it is, and what is changed of a nodule changes nothing else.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::sync::Arc;

use nodule_seed::stream;
use nodule_synth::{
    Backgrounds, Distribution, Generator, GeneratorSettings, HeldOut, Latents, Mode, Outlines,
    Part, draw, generate,
};

const SIZE: usize = 64;
const PIXELS: usize = SIZE * SIZE;

/// Twelve noisy images, two of each group; the first pixel of each tells which it is.
fn made_up() -> Backgrounds {
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

fn own_lung() -> Generator {
    Generator::new(GeneratorSettings::default(), Outlines::embedded()).unwrap()
}

fn over(backgrounds: Backgrounds) -> Generator {
    own_lung().over(Arc::new(backgrounds)).unwrap()
}

fn latents(n: u64) -> impl Iterator<Item = Latents> {
    let factorial = Distribution::named("factorial").unwrap();
    let outlines = Outlines::embedded();
    (0..n).map(move |i| draw(&factorial, &outlines, 5, i).latents)
}

#[test]
fn a_pixel_that_the_nodule_does_not_reach_is_the_backgrounds() {
    let (all, generator) = (made_up(), over(made_up()));
    for latents in latents(40) {
        let real = all.image(all.of(latents.background_seed)).unwrap();
        let rendered = generator.render(&latents).unwrap();
        let far = |i: usize| {
            let at = [i % SIZE, i / SIZE].map(|a| a as f64 + 0.5);
            let mut all = rendered.contour.iter();
            all.all(|[x, y]| (x - at[0]).hypot(y - at[1]) > 6.0) && rendered.mask[i] == 0
        };
        let mut untouched = 0;
        for i in (0..PIXELS).filter(|i| far(*i)) {
            assert_eq!(rendered.image[i], real[i]);
            untouched += 1;
        }
        assert!(untouched > PIXELS / 4);
        // The nodule is there, and it is the one of the generator's own lung.
        let own = own_lung().render(&latents).unwrap();
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
    let generator = over(made_up());
    for latents in latents(10) {
        let base = generator.render(&latents).unwrap().image;
        for mode in Mode::ALL {
            let changed = generator.render(&latents.with(mode, 0.875)).unwrap().image;
            assert_eq!(changed[0], base[0], "{mode}");
            // What is real has the texture that it has.
            assert_eq!(changed == base, mode == Mode::BackgroundTexture, "{mode}");
        }
    }
}

#[test]
fn training_and_tests_lie_over_other_groups() {
    let all = made_up();
    let both = Distribution::named("both").unwrap();
    let held_out = HeldOut { folds: 2, fold: 0 };
    let seen = |part: Part| {
        let part = all.part(part, held_out).unwrap();
        let data = generate(&over(part), &both, 3, 300).unwrap();
        let firsts = data.images.chunks(PIXELS).map(|image| image[0]);
        let seen = firsts.map(|v| group((0..12).position(|i| marker(i) == v).unwrap()));
        seen.collect::<std::collections::BTreeSet<_>>()
    };
    let (training, test) = (seen(Part::Training), seen(Part::Test));
    assert_eq!(training.len() + test.len(), 6);
    assert!(training.iter().all(|group| !held_out.holds(group)));
    assert!(test.iter().all(|group| held_out.holds(group)));
}

#[test]
fn without_backgrounds_nothing_of_a_sample_moves() {
    let both = Distribution::named("both").unwrap();
    let drawn = draw(&both, &Outlines::embedded(), 3, 7);
    let data = generate(&over(made_up()), &both, 3, 8).unwrap();
    assert_eq!(data.latents[7], drawn.latents);
    assert_eq!(data.labels[7], drawn.label);
}

#[test]
fn backgrounds_of_another_size_are_refused() {
    let small = Backgrounds::new(2, vec![0.1; 12], vec!["a".into(); 3]).unwrap();
    let message = own_lung().over(Arc::new(small)).unwrap_err().to_string();
    assert!(
        message.contains("2 by 2 pixels: must be 64 by 64"),
        "{message}"
    );
}
