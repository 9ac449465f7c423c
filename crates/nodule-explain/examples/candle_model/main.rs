//! Maps of a model made by Candle's own crates, by every method, with the scores that say how far to trust
//! each: `cargo run --release -p nodule-explain --example candle_model -- [MAPS.csv [STEPS]]`.

mod small;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write;

use candle_core::{Device, Tensor};
use nodule_eval::saliency::pointing_game;
use nodule_explain::score::{completeness_gap, deletion_insertion};
use nodule_explain::{Convolutional, Method, Model, attribute};
use nodule_seed::stream;

use small::Small;

const SIZE: usize = 16;
const N: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// The program on these arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let file = arguments.next();
    let steps = arguments.next().map_or(Ok(150), |n| n.parse())?;
    let (images, labels, masks) = images()?;
    let model = Explained(small::trained(&images, &labels, steps)?);

    // The first images that show something.
    let shown = images.narrow(0, 0, 8)?;
    writeln!(out, "method,unit,points_at_it,gap,deletion,insertion")?;
    let mut table = String::from("method,image,pixel,value\n");
    for method in Method::ALL {
        let maps = attribute(method, &model, &shown, 7)?;
        let gaps = completeness_gap(&model, &shown, &maps, 0.0)?;
        let gap = median(gaps.into_iter().flatten().collect());
        let areas = deletion_insertion(&model, &shown, &maps, 16)?.areas();
        let mean = |of: fn(&(f64, f64)) -> f64| areas.iter().map(of).sum::<f64>() / 8.0;
        let mut hits = 0;
        for (i, map) in maps.flatten_from(1)?.to_vec2::<f32>()?.iter().enumerate() {
            hits += usize::from(pointing_game(map, &masks[i])? == Some(true));
            for (pixel, value) in map.iter().enumerate() {
                writeln!(table, "{method},{i},{pixel},{value}")?;
            }
        }
        let title = method.unit().title();
        let (deletion, insertion) = (mean(|a| a.0), mean(|a| a.1));
        writeln!(
            out,
            "{method},{title},{hits} of 8,{gap:.3},{deletion:.3},{insertion:.3}"
        )?;
    }
    if let Some(file) = file {
        std::fs::write(&file, table)?;
        writeln!(out, "{file}")?;
    }
    Ok(())
}

/// What the methods need to know of the model: its decision value, and, for Grad-CAM, its maps.
struct Explained(Small);

impl Model for Explained {
    fn decide(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        self.decide_features(&self.0.maps(images)?)
    }

    fn as_convolutional(&self) -> Option<&dyn Convolutional> {
        Some(self)
    }
}

impl Convolutional for Explained {
    fn features(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        self.0.maps(images)
    }

    fn decide_features(&self, features: &Tensor) -> candle_core::Result<Tensor> {
        let logits = self.0.logits(features)?;
        let (of, against) = (logits.narrow(1, 1, 1)?, logits.narrow(1, 0, 1)?);
        (of - against)?.squeeze(1)
    }
}

/// Images, their labels, and where what they show lies.
type Labelled = (Tensor, Tensor, Vec<Vec<u8>>);

/// Noise, the first half of it with a bright square of 5 by 5 pixels somewhere.
fn images() -> candle_core::Result<Labelled> {
    let mut random = stream(7);
    let (mut pixels, mut masks) = (Vec::new(), Vec::new());
    for image in 0..N {
        let (left, top) = (random.below(10) as usize, random.below(10) as usize);
        let within = |p: usize| {
            let (x, y) = (p % SIZE, p / SIZE);
            image < N / 2 && (left..left + 5).contains(&x) && (top..top + 5).contains(&y)
        };
        let bright = |p| if within(p) { 0.7 } else { 0.0 };
        pixels.extend((0..SIZE * SIZE).map(|p| (bright(p) + 0.3 * random.uniform()) as f32));
        masks.push((0..SIZE * SIZE).map(|p| u8::from(within(p))).collect());
    }
    let labels: Vec<u32> = (0..N).map(|image| u32::from(image < N / 2)).collect();
    Ok((
        Tensor::from_vec(pixels, (N, 1, SIZE, SIZE), &Device::Cpu)?,
        Tensor::from_vec(labels, N, &Device::Cpu)?,
        masks,
    ))
}

/// Not a number without values.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f32::NAN)
}
