//! Colours of figures: one for each loss in all figures, and two diverging scales (blue, white, red).

use std::ops::{Add, Mul, Sub};

use nodule_study::settings::built_in_losses;

use super::markers::{CIRCLE, Marker};
use super::panel_grid::LegendEntry;

/// Colours of the built-in losses, in their order, distinguishable with colour blindness (Okabe and Ito 2008; wine
/// of Tol 2021 in place of black, which is the colour of text).
const PALETTE: [&str; 8] = [
    "#0072b2", "#d55e00", "#009e73", "#e69f00", "#56b4e9", "#f0e442", "#cc79a7", "#882255",
];
/// Colours of losses beyond the palette.
const GREYS: [&str; 3] = ["#444444", "#777777", "#aaaaaa"];

/// The losses of a study with their colours, in its order.
///
/// A built-in loss has the same colour in every study. Another loss has the first free colour of the palette, or a
/// grey.
pub(super) struct LossColours<'a>(Vec<(&'a str, &'static str)>);

impl<'a> LossColours<'a> {
    pub(super) fn new(losses: &'a [String]) -> Self {
        let fixed_colour = |loss: &str| {
            let place = built_in_losses().position(|name| name == loss);
            place.and_then(|place| PALETTE.get(place).copied())
        };
        let taken = losses.iter().filter_map(|loss| fixed_colour(loss));
        let taken: Vec<_> = taken.collect();
        let free = PALETTE.into_iter().filter(|colour| !taken.contains(colour));
        let mut free = free.chain(GREYS.into_iter().cycle());
        let with_colour = |loss: &'a String| {
            let colour = fixed_colour(loss).or_else(|| free.next());
            (loss.as_str(), colour.unwrap_or(GREYS[0]))
        };
        Self(losses.iter().map(with_colour).collect())
    }

    /// Returns names and colours.
    pub(super) fn entries(&self) -> &[(&'a str, &'static str)] {
        &self.0
    }

    /// Returns a legend of filled circles.
    pub(super) fn legend(&self) -> Vec<LegendEntry<'a>> {
        let entry = |&(name, colour)| (name, Marker::solid(CIRCLE, colour));
        self.0.iter().map(entry).collect()
    }

    /// Returns the colour of a loss.
    pub(super) fn get(&self, loss: &str) -> &'static str {
        let found = self.0.iter().find(|(name, _)| *name == loss);
        found.map_or(GREYS[0], |(_, colour)| colour)
    }
}

/// Returns the colour of a decision score from -1 (blue) to 1 (red), light enough for black lines on it.
pub(super) fn score_colour(value: f64) -> String {
    const ENDS: [[f64; 3]; 2] = [[60.0, 130.0, 200.0], [220.0, 90.0, 60.0]];
    let [r, g, b] = diverging(value, ENDS);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// Returns the colour of a saliency map's pixel from -1 (blue: lowers the score) to 1 (red: raises it).
pub(super) fn map_colour(value: f32) -> [u8; 3] {
    const ENDS: [[f32; 3]; 2] = [[0.0, 90.0, 181.0], [200.0, 40.0, 20.0]];
    diverging(value, ENDS)
}

/// Interpolates from one end (-1) over white to the other (1), in the precision of the value.
fn diverging<T>(value: T, [low, high]: [[T; 3]; 2]) -> [u8; 3]
where
    T: Copy + PartialOrd + From<u8> + Into<f64>,
    T: Add<Output = T> + Sub<Output = T> + Mul<Output = T>,
{
    let [zero, one, white] = [0, 1, 255].map(T::from);
    let (end, size) = match value < zero {
        true => (low, zero - value),
        false => (high, value),
    };
    let part = if size < one { size } else { one };
    end.map(|channel| {
        let mixed: f64 = (white + part * (channel - white)).into();
        mixed.round() as u8
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn colours(losses: &[&str]) -> Vec<&'static str> {
        let losses: Vec<_> = losses.iter().map(|l| (*l).to_owned()).collect();
        let LossColours(entries) = LossColours::new(&losses);
        entries.into_iter().map(|(_, colour)| colour).collect()
    }

    #[test]
    fn every_built_in_loss_has_its_own_colour() {
        let all: Vec<_> = built_in_losses().collect();
        assert_eq!(colours(&all), PALETTE);
        assert_eq!(colours(&["supcon", "ce"]), ["#e69f00", "#0072b2"]);
    }

    #[test]
    fn another_loss_has_the_first_free_colour() {
        let expected = ["#d55e00", "#0072b2", "#009e73"];
        assert_eq!(colours(&["mine", "ce", "yours"]), expected);
        let all: Vec<_> = built_in_losses().chain(["mine", "yours"]).collect();
        assert_eq!(colours(&all)[PALETTE.len()..], GREYS[..2]);
    }

    #[test]
    fn the_ends_are_blue_and_red_and_zero_is_white() {
        assert_eq!(map_colour(0.0), [255, 255, 255]);
        assert_eq!(map_colour(-2.0), [0, 90, 181]);
        assert_eq!(map_colour(1.0), [200, 40, 20]);
        assert_eq!([-1.0, 0.0].map(score_colour), ["#3c82c8", "#ffffff"]);
    }
}
