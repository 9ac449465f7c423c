//! Attribution maps of a `candle-nn` model by every method, with metrics of each.
//!
//! `cargo run --release -p nodule-explain --example candle_model -- [MAPS.csv [STEPS]]`

mod small;

use std::error::Error;
use std::fmt::Write as _;
use std::io::Write;

use candle_core::{Device, Tensor};
use nodule_eval::saliency::pointing_game;
use nodule_explain::metrics::{completeness_gap, deletion_insertion};
use nodule_explain::{Method, Model, default_attribution};
use nodule_seed::stream;

use small::Small;

const SIZE: usize = 16;
const N: usize = 64;

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// Runs the program with command-line arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let file = arguments.next();
    let steps = arguments.next().map_or(Ok(150), |n| n.parse())?;
    let (images, labels, masks) = draw_images()?;
    let model = Explained(small::train(&images, &labels, steps)?);

    // The first half of the images contains squares.
    let shown = images.narrow(0, 0, 8)?;
    writeln!(out, "method,unit,pointing_game,gap,deletion,insertion")?;
    let mut table = String::from("method,image,pixel,value\n");
    for method in Method::ALL {
        let maps = default_attribution(method, 7).attribute(&model, &shown)?;
        let gaps = completeness_gap(&model, &shown, &maps, 0.0)?;
        let gap = median(gaps.into_iter().flatten().collect());
        let means = deletion_insertion(&model, &shown, &maps, 16)?.means();
        let mean = |curve: fn(&(f64, f64)) -> f64| means.iter().map(curve).sum::<f64>() / 8.0;
        let mut hits = 0;
        for (i, map) in maps.flatten_from(1)?.to_vec2::<f32>()?.iter().enumerate() {
            hits += usize::from(pointing_game(map, &masks[i])? == Some(true));
            for (pixel, value) in map.iter().enumerate() {
                writeln!(table, "{method},{i},{pixel},{value}")?;
            }
        }
        let title = method.unit().title();
        let (deletion, insertion) = (mean(|m| m.0), mean(|m| m.1));
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

/// The model as the methods use it: its decision score and, for Grad-CAM, its feature maps.
struct Explained(Small);

impl Model for Explained {
    fn decide(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        self.decide_from_feature_maps(&self.feature_maps(images)?)
    }

    fn has_feature_maps(&self) -> bool {
        true
    }

    fn feature_maps(&self, images: &Tensor) -> candle_core::Result<Tensor> {
        self.0.feature_maps(images)
    }

    fn decide_from_feature_maps(&self, maps: &Tensor) -> candle_core::Result<Tensor> {
        let logits = self.0.logits(maps)?;
        let margin = (logits.narrow(1, 1, 1)? - logits.narrow(1, 0, 1)?)?;
        margin.squeeze(1)
    }
}

/// Images, labels, and the mask of the square in each image.
type LabelledImages = (Tensor, Tensor, Vec<Vec<u8>>);

/// Draws noise images; the first half contains a bright square of 5 by 5 pixels at a random position.
fn draw_images() -> candle_core::Result<LabelledImages> {
    let mut random = stream(7);
    let (mut pixels, mut masks) = (Vec::new(), Vec::new());
    for image in 0..N {
        let (left, top) = (random.below(10) as usize, random.below(10) as usize);
        let is_in_square = |p: usize| {
            let (x, y) = (p % SIZE, p / SIZE);
            image < N / 2 && (left..left + 5).contains(&x) && (top..top + 5).contains(&y)
        };
        let brightness = |p| if is_in_square(p) { 0.7 } else { 0.0 };
        pixels.extend((0..SIZE * SIZE).map(|p| (brightness(p) + 0.3 * random.uniform()) as f32));
        masks.push(
            (0..SIZE * SIZE)
                .map(|p| u8::from(is_in_square(p)))
                .collect(),
        );
    }
    let labels: Vec<u32> = (0..N).map(|image| u32::from(image < N / 2)).collect();
    Ok((
        Tensor::from_vec(pixels, (N, 1, SIZE, SIZE), &Device::Cpu)?,
        Tensor::from_vec(labels, N, &Device::Cpu)?,
        masks,
    ))
}

/// Returns the upper median; NaN without values.
fn median(mut values: Vec<f32>) -> f32 {
    values.sort_by(f32::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f32::NAN)
}
