//! Evaluation of an external model: renders the test images of the smoke study, scores them with a model that sees
//! only brightness, and prints how much its score changes with each mode of variation.

use nodule_battery::{Battery, ExpectedSets, Model, Predictions, audit};
use nodule_study::{Error, Registry, load_study};

fn main() -> Result<(), Error> {
    let study = load_study("smoke", &Registry::default())?;
    let battery = Battery::new(study, &["both".to_owned()], 1)?;

    let mut predictions = Predictions::default();
    for (name, set) in ExpectedSets::new(&battery, "both", 0)?.sets() {
        if set.kind.needs_scores() {
            let images = battery.render(set)?.images;
            let pixels = battery.image_size() * battery.image_size();
            let scores = images.chunks(pixels).map(mean_brightness).collect();
            predictions.scores.insert(name.clone(), scores);
        }
    }

    let model = Model {
        name: "brightness".to_owned(),
        train: "both".to_owned(),
        seed: 0,
        predictions,
    };
    let audit = audit(&battery, &[model])?;
    for read_out in &audit.runs[0].evaluation.read_outs {
        for reliance in &read_out.reliance {
            println!("{:<20} {:+.2} SD", reliance.mode, reliance.effect);
        }
    }
    Ok(())
}

/// Returns the decision score: mean intensity above 0.3.
fn mean_brightness(image: &[f32]) -> f32 {
    image.iter().sum::<f32>() / image.len() as f32 - 0.3
}
