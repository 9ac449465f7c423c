//! Sweep: the runs at each value of a setting that the study varies.

use nodule_study::Study;
use nodule_study::settings::{Combine, to_f64};

use crate::variants::VariantRuns;
use crate::{Runs, unique};

/// The study as declared and its variants along one setting.
pub struct Sweep<'a> {
    /// The setting, such as `samples.train`.
    pub over: &'a str,
    /// Its values in rising order, with the runs at each.
    pub points: Vec<(f64, &'a Runs<'a>)>,
    /// Values to mark in figures, with their labels.
    pub marks: Vec<(f64, String)>,
}

impl<'a> Sweep<'a> {
    /// Collects the runs along `over`, at its values that are positive numbers.
    ///
    /// Settings that vary together with `over` change along with it. If settings vary one at a time, only the variants
    /// that change `over` are included.
    #[must_use]
    pub fn new(over: &'a str, variants: &'a [VariantRuns<'a>]) -> Self {
        let declared = variants.first().and_then(|declared| {
            let value = declared.runs.study.number(over)?;
            Some((value, &declared.runs))
        });
        let varied = variants.iter().filter_map(|variant| {
            let change = variant.changes.iter().find(|(key, _)| key == over)?;
            Some((to_f64(&change.1)?, &variant.runs))
        });
        let mut points: Vec<_> = declared.into_iter().chain(varied).collect();
        points.retain(|(value, _)| *value > 0.0);
        points.sort_by(|a, b| a.0.total_cmp(&b.0));
        Self {
            over,
            points,
            marks: Vec::new(),
        }
    }

    /// Marks the number of real outlines, if the setting is a number of training images.
    #[must_use]
    pub fn with_outline_mark(mut self, outlines: usize) -> Self {
        if self.over == "samples.train" && outlines > 0 {
            self.marks
                .push((outlines as f64, format!("{outlines} real outlines")));
        }
        self
    }
}

/// Returns the settings along which the study can be swept.
///
/// Settings that vary together form one sweep, along the one that a trend names.
#[must_use]
pub fn sweep_settings(study: &Study) -> Vec<&str> {
    let is_swept = study
        .vary
        .as_ref()
        .is_some_and(|vary| vary.how != Combine::Crossed);
    let over = study.trends.iter().map(|trend| trend.over.as_str());
    unique(over.filter(|_| is_swept))
}

/// Formats a whole number with thousands separators, such as `8,192`, and any other number as it is.
///
/// ```
/// use nodule_analysis::sweep::format_thousands;
///
/// assert_eq!(format_thousands(8192.0), "8,192");
/// assert_eq!(format_thousands(0.5), "0.5");
/// ```
#[must_use]
pub fn format_thousands(value: f64) -> String {
    if value.fract() != 0.0 || value < 1000.0 {
        return value.to_string();
    }
    let (thousands, rest) = ((value / 1000.0).floor(), value % 1000.0);
    format!("{},{rest:03}", format_thousands(thousands))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_numbers_get_thousands_separators() {
        let texts = [0.5, 256.0, 1024.0, 8192.0, 1_048_576.0].map(format_thousands);
        assert_eq!(texts, ["0.5", "256", "1,024", "8,192", "1,048,576"]);
    }
}
