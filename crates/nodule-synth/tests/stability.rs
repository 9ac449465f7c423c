//! The same sample has the same bits: whatever else is drawn, on whatever threads, on whatever
//! machine. If a pinned value here must change, raise `GENERATOR_VERSION`.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use nodule_seed::hex;
use nodule_synth::{
    DataSet, Distribution, GENERATOR_VERSION, Generator, GeneratorSettings, Outlines, audit, draw,
    generate,
};
use sha2::{Digest, Sha256};

fn generator() -> Generator {
    Generator::new(GeneratorSettings::default(), Outlines::embedded()).unwrap()
}

fn digest(data: &DataSet) -> String {
    let mut hash = Sha256::new();
    data.images
        .iter()
        .for_each(|v| hash.update(v.to_bits().to_le_bytes()));
    hash.update(&data.masks);
    hash.update(&data.labels);
    hex(&hash.finalize()[..8])
}

#[test]
fn pinned_samples_keep_their_bits() {
    let pinned = [
        ("both", "890a4c7a900c6459"),
        ("either", "906e2a5b13e8fe3a"),
        ("lidc", "f99388f8d804e15e"),
    ];
    assert_eq!(GENERATOR_VERSION, 1);
    for (name, expected) in pinned {
        let data = generate(&generator(), &Distribution::named(name).unwrap(), 2021, 16).unwrap();
        assert_eq!(digest(&data), expected, "{name}");
    }
}

#[test]
fn a_sample_does_not_depend_on_how_many_are_drawn_or_on_how_many_threads() {
    let (generator, either) = (generator(), Distribution::named("either").unwrap());
    let on = |threads: usize, n: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| generate(&generator, &either, 5, n).unwrap())
    };
    let (few, many) = (on(1, 3), on(3, 40));
    assert_eq!(few.images, many.images[..few.images.len()]);
    assert_eq!(few.latents, many.latents[..3]);
    assert_eq!(many, on(2, 40));
    assert_ne!(
        few.latents[0],
        generate(&generator, &either, 6, 1).unwrap().latents[0]
    );
}

#[test]
fn what_is_drawn_is_what_was_declared() {
    let generator = generator();
    let small = Generator::new(
        GeneratorSettings {
            image_size: 16,
            ..GeneratorSettings::default()
        },
        Outlines::embedded(),
    )
    .unwrap();
    for name in [
        "shape",
        "texture",
        "both",
        "either",
        "conflict",
        "lidc",
        "spurious-0.9",
        "both-size",
    ] {
        let distribution = Distribution::named(name).unwrap();
        let data = generate(&small, &distribution, 1, 2000).unwrap();
        let audit = audit(&distribution, &data.labels, &data.cells);
        assert!(audit.passes(), "{name}\n{audit}");
        for (latents, cell) in data.latents.iter().zip(&data.cells) {
            let within = |(low, high): (f64, f64), level: f64| (low..=high).contains(&level);
            assert!(
                within(cell.shape.range(), latents.shape)
                    && within(cell.texture.range(), latents.texture)
            );
            assert_eq!(latents.outline.is_some(), name == "lidc");
            assert_eq!(
                latents.size > 1.0,
                name == "both-size" && latents.size != 1.0
            );
        }
    }
    // The audit must be able to fail: a sample of one distribution is not one of another.
    let other = Distribution::named("either").unwrap();
    let data = generate(&small, &Distribution::named("conflict").unwrap(), 1, 200).unwrap();
    assert!(!audit(&other, &data.labels, &data.cells).passes());
    let drawn = draw(&other, generator.outlines(), 1, 0);
    assert!(drawn.label <= 1);
}

#[test]
fn intensities_are_hardly_ever_cut_and_nodules_stay_inside() {
    let generator = generator();
    for name in ["both", "lidc", "both-size", "both-contrast", "both-noise"] {
        let data = generate(&generator, &Distribution::named(name).unwrap(), 8, 300).unwrap();
        let cut = data
            .images
            .iter()
            .filter(|v| **v <= 0.0 || **v >= 1.0)
            .count();
        let share = cut as f64 / data.images.len() as f64;
        assert!(share < 1e-3, "{name}: {share}");
        for (i, mask) in data.masks.chunks(64 * 64).enumerate() {
            let edge = (0..64).any(|k| {
                [k, 63 * 64 + k, k * 64, k * 64 + 63]
                    .iter()
                    .any(|p| mask[*p] == 1)
            });
            assert!(!edge, "{name}: nodule {i} touches the border");
        }
    }
}

#[test]
fn settings_outside_their_range_are_refused() {
    let refused = |settings: GeneratorSettings| {
        Generator::new(settings, Outlines::embedded())
            .unwrap_err()
            .to_string()
    };
    let base = GeneratorSettings::default;
    assert!(
        refused(GeneratorSettings {
            image_size: 8,
            ..base()
        })
        .contains("image_size = 8")
    );
    assert!(
        refused(GeneratorSettings {
            shape_amplitude: f64::NAN,
            ..base()
        })
        .contains("shape_amplitude = NaN")
    );
    assert!(
        refused(GeneratorSettings {
            texture_amplitude: -0.1,
            ..base()
        })
        .contains("texture_amplitude = -0.1")
    );
    assert!(generate(&generator(), &Distribution::named("both").unwrap(), 0, 0).is_err());
}
