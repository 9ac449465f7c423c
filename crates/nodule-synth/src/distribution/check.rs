//! Checks of a distribution: names, probabilities, repeated rows and shifts.

use super::{Combination, Distribution, Shift};
use crate::error::{conflicting, setting, shorten};
use crate::name::{MAX_NAME, is_name};
use crate::{Error, Label, Mode, ShapeLevel};

/// Greatest difference of the sum of probabilities from 1.
const SUM_TOLERANCE: f64 = 1e-9;
/// Maximum length of a description, in characters.
const MAX_DESCRIPTION: usize = 500;

impl Distribution {
    /// Checks all fields. `place` is the file's name in messages.
    ///
    /// # Errors
    /// [`Error::Setting`] with the field, the value and what is allowed.
    pub(super) fn check(&self, place: &str) -> Result<(), Error> {
        self.check_name_and_description(place)?;
        self.check_combinations(place)?;
        self.check_sums(place)?;
        self.check_shifts(place)
    }

    fn check_name_and_description(&self, place: &str) -> Result<(), Error> {
        if !is_name(&self.name) {
            let allowed =
                format!("1 to {MAX_NAME} of a-z, 0-9, - and ., starting with a letter or a digit");
            return Err(setting(place, "name", format!("`{}`", self.name), allowed));
        }
        let length = self.description.chars().count();
        if length > MAX_DESCRIPTION || self.description.chars().any(char::is_control) {
            let allowed = format!("one line of at most {MAX_DESCRIPTION} characters");
            let value = format!("`{}`", shorten(&self.description));
            return Err(setting(place, "description", value, allowed));
        }
        Ok(())
    }

    fn check_combinations(&self, place: &str) -> Result<(), Error> {
        for (i, combination) in self.combinations.iter().enumerate() {
            let Combination {
                label,
                shape,
                texture,
                probability,
            } = *combination;
            let field = |name: &str| format!("cell {}.{name}", i + 1);
            if !(0.0..=1.0).contains(&probability) {
                let field = field("probability");
                return Err(setting(place, field, probability, "from 0 to 1"));
            }
            let is_equal = |other: &Combination| {
                (other.label, other.levels()) == (label, combination.levels())
            };
            if let Some(first) = self.combinations[..i].iter().position(is_equal) {
                let reason = format!(
                    "repeats cell {}: {label}, {shape}, {texture}; name each combination once",
                    first + 1
                );
                return Err(conflicting(place, format!("cell {}", i + 1), reason));
            }
            if self.has_real_outlines() && shape == ShapeLevel::Any {
                let allowed = "regular or irregular, because real outlines are rated";
                return Err(setting(place, field("shape"), "any", allowed));
            }
        }
        Ok(())
    }

    fn check_sums(&self, place: &str) -> Result<(), Error> {
        let sum: f64 = self.combinations.iter().map(|c| c.probability).sum();
        if (sum - 1.0).abs() > SUM_TOLERANCE {
            return Err(setting(place, "sum of cell.probability", sum, "1"));
        }
        for label in [Label::Normal, Label::Abnormal] {
            let share: f64 = self
                .combinations
                .iter()
                .filter(|c| c.label == label)
                .map(|c| c.probability)
                .sum();
            if share == 0.0 && !self.test_only {
                let field = format!("share of {label} cells");
                let allowed = "above 0, unless test_only = true";
                return Err(setting(place, field, share, allowed));
            }
        }
        Ok(())
    }

    fn check_shifts(&self, place: &str) -> Result<(), Error> {
        for (i, Shift { mode, range }) in self.shifts.iter().enumerate() {
            let error = |value: String, allowed: &str| {
                Err(setting(place, format!("shift {}", i + 1), value, allowed))
            };
            if [Mode::Shape, Mode::Texture].contains(mode) {
                let allowed = "a nuisance: cells set shape and texture";
                return error(mode.to_string(), allowed);
            }
            if self.has_real_outlines() && *mode == Mode::Elongation {
                let allowed = "another nuisance: real outlines have their own elongation";
                return error(mode.to_string(), allowed);
            }
            if self.shifts[..i].iter().any(|other| other.mode == *mode) {
                let reason = format!("repeats {mode}; shift each nuisance once");
                return Err(conflicting(place, format!("shift {}", i + 1), reason));
            }
            let ((low, high), (least, greatest)) = (*range, mode.levels());
            if !(least <= low && low <= high && high <= greatest) {
                let allowed = format!("two levels from {least} to {greatest}, the lower one first");
                return error(format!("{mode} in [{low}, {high}]"), &allowed);
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(a: &str, b: &str) -> String {
        format!(
            "name = \"mine\"\n[[cell]]\nlabel = \"normal\"\nshape = \"regular\"\ntexture = \"any\"\nprobability = {a}\n[[cell]]\nlabel = \"abnormal\"\nshape = \"irregular\"\ntexture = \"any\"\nprobability = {b}\n"
        )
    }

    fn error(text: &str) -> String {
        let result = Distribution::parse(text, "mine.toml");
        result.unwrap_err().to_string()
    }

    #[test]
    fn rejects_bad_probabilities() {
        assert!(Distribution::parse(&table("0.5", "0.5"), "mine.toml").is_ok());
        for (a, b, word) in [
            ("0.5", "0.4", "0.9"),
            ("1.5", "-0.5", "1.5"),
            ("nan", "0.5", "NaN"),
            ("1.0", "0.0", "abnormal"),
        ] {
            let message = error(&table(a, b));
            assert!(message.starts_with("mine.toml"), "{message}");
            assert!(message.contains(word), "{message}");
        }
    }

    #[test]
    fn rejects_bad_levels_and_shifts() {
        let table = table("0.5", "0.5");
        let message = error(&table.replace("\"irregular\"", "\"jagged\""));
        let place = "mine.toml:9: `shape = \"jagged\"`";
        assert!(message.contains(place), "{message}");
        let repeated = table
            .replace("irregular", "regular")
            .replace("abnormal", "normal");
        assert!(error(&repeated).contains("cell 2: repeats cell 1"));
        assert!(error(&format!("{table}colour = 1\n")).contains("colour"));
        let any_shape = table.replace("\"regular\"", "\"any\"");
        assert!(error(&format!("outlines = \"lidc\"\n{any_shape}")).contains("rated"));
        let shift = |text: &str| error(&format!("{table}[[shift]]\n{text}\n"));
        assert!(shift("mode = \"noise\"\nrange = [1.0, 9.0]").contains("[1, 9]"));
        assert!(shift("mode = \"shape\"\nrange = [0.0, 1.0]").contains("nuisance"));
    }
}
