//! The colours of figures: one a loss everywhere, and two scales from blue by way of white to red.

use std::ops::{Add, Mul, Sub};

use nodule_study::settings::built_in_losses;

/// Told apart by the colour-blind too (Okabe and Ito 2008, whose black is that of text: in its place the
/// wine of Tol 2021): one for each loss that comes with the program, in their order.
const PALETTE: [&str; 8] = [
    "#0072b2", "#d55e00", "#009e73", "#e69f00", "#56b4e9", "#f0e442", "#cc79a7", "#882255",
];
/// For losses beyond the palette.
const GREYS: [&str; 3] = ["#444444", "#777777", "#aaaaaa"];

/// The losses of a study with their colours, in its order: what a legend shows.
///
/// A loss that comes with the program has its colour in every study; one of an outside program has the
/// first that the others leave free, or a grey.
pub(super) struct LossColours<'a>(Vec<(&'a str, &'static str)>);

impl<'a> LossColours<'a> {
    pub(super) fn of(losses: &'a [String]) -> Self {
        let fixed = |loss: &str| {
            let place = built_in_losses().position(|name| name == loss);
            place.and_then(|place| PALETTE.get(place).copied())
        };
        let taken: Vec<_> = losses.iter().filter_map(|loss| fixed(loss)).collect();
        let free = PALETTE.into_iter().filter(|colour| !taken.contains(colour));
        let mut free = free.chain(GREYS.into_iter().cycle());
        let colour = |loss: &'a String| {
            let colour = fixed(loss).or_else(|| free.next());
            (loss.as_str(), colour.unwrap_or(GREYS[0]))
        };
        Self(losses.iter().map(colour).collect())
    }

    /// Names and colours.
    pub(super) fn legend(&self) -> &[(&'a str, &'static str)] {
        &self.0
    }

    /// The colour of one of them.
    pub(super) fn get(&self, loss: &str) -> &'static str {
        let found = self.0.iter().find(|(name, _)| *name == loss);
        found.map_or(GREYS[0], |(_, colour)| colour)
    }
}

/// The colour of a decision on a patch, from -1 (blue) to 1 (red): light enough for black lines.
pub(super) fn shade(value: f64) -> String {
    const ENDS: [[f64; 3]; 2] = [[60.0, 130.0, 200.0], [220.0, 90.0, 60.0]];
    let [r, g, b] = diverging(value, ENDS);
    format!("#{r:02x}{g:02x}{b:02x}")
}

/// The colour of a map's pixel, from -1 (blue: lowers the decision) to 1 (red: raises it).
pub(super) fn pixel(value: f32) -> [u8; 3] {
    const ENDS: [[f32; 3]; 2] = [[0.0, 90.0, 181.0], [200.0, 40.0, 20.0]];
    diverging(value, ENDS)
}

/// From one end (-1) by way of white to the other (1), in the precision of the value.
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
        let colours = LossColours::of(&losses);
        colours.legend().iter().map(|(_, colour)| *colour).collect()
    }

    #[test]
    fn every_loss_of_the_program_has_a_colour_of_its_own() {
        let all: Vec<_> = built_in_losses().collect();
        assert_eq!(colours(&all), PALETTE);
        assert_eq!(colours(&["supcon", "ce"]), ["#e69f00", "#0072b2"]);
    }

    #[test]
    fn an_own_loss_has_the_first_colour_that_the_others_leave_free() {
        assert_eq!(
            colours(&["mine", "ce", "yours"]),
            ["#d55e00", "#0072b2", "#009e73"]
        );
        let all: Vec<_> = built_in_losses().chain(["mine", "yours"]).collect();
        assert_eq!(colours(&all)[PALETTE.len()..], GREYS[..2]);
    }

    #[test]
    fn the_ends_are_blue_and_red_and_nothing_is_white() {
        assert_eq!(pixel(0.0), [255, 255, 255]);
        assert_eq!(pixel(-2.0), [0, 90, 181]);
        assert_eq!(pixel(1.0), [200, 40, 20]);
        assert_eq!(
            (shade(-1.0), shade(0.0)),
            ("#3c82c8".into(), "#ffffff".into())
        );
    }
}
