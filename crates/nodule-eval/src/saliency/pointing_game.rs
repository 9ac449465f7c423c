//! The pointing game.

use nodule_error::invalid_value;

use crate::Error;
use crate::check::check_finite;

/// Returns whether the largest absolute value of a `map` lies where `mask` is not 0 (Zhang et al. 2016, without its
/// tolerance). Of equal values the first counts. `None` for a blank map, and for a mask without pixels.
///
/// # Errors
/// If map and mask differ in size, or a value of the map is not finite.
pub fn pointing_game(map: &[f32], mask: &[u8]) -> Result<Option<bool>, Error> {
    if map.len() != mask.len() {
        let allowed = format!("{} pixels, as the mask has", mask.len());
        return Err(invalid_value("map", format!("{} pixels", map.len()), allowed).into());
    }
    check_finite("map", map)?;
    let mut best = (0, 0.0);
    for (i, value) in map.iter().enumerate() {
        if value.abs() > best.1 {
            best = (i, value.abs());
        }
    }
    let is_defined = best.1 > 0.0 && mask.iter().any(|m| *m > 0);
    Ok(is_defined.then(|| mask[best.0] > 0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_largest_decides() {
        let game = |map: &[f32], mask: &[u8]| pointing_game(map, mask).unwrap();
        assert_eq!(game(&[0.1, -3.0, 3.0], &[0, 1, 0]), Some(true));
        assert_eq!(game(&[0.1, 0.0], &[0, 1]), Some(false));
        assert_eq!(game(&[0.1, 0.0], &[0, 0]), None);
        assert_eq!(game(&[0.0, 0.0], &[0, 1]), None);
        assert!(pointing_game(&[0.0], &[0, 1]).is_err());
        assert!(pointing_game(&[f32::NAN, 1.0], &[0, 1]).is_err());
    }
}
