//! A setting that the study varies, and the runs at each of its values.

use nodule_study::Study;
use nodule_study::settings::{Combine, number};
use toml::Value;

use super::Runs;
use super::variants::VariantRuns;

/// The study as declared and its variants along one setting.
pub struct Sweep<'a> {
    /// The setting, such as `samples.train`.
    pub over: &'a str,
    /// Its values from the least, and the runs there.
    pub at: Vec<(f64, &'a Runs<'a>)>,
    /// Values that real data have, and what has them: marked in figures.
    pub sizes: Vec<(f64, String)>,
}

/// Along `over`, as far as its values are positive numbers. What else a variant changes is changed along with
/// it; where settings are changed one at a time, only the variants that change this one are in it.
pub fn sweep<'a>(over: &'a str, variants: &'a [VariantRuns<'a>]) -> Sweep<'a> {
    let declared = variants.first().and_then(|declared| {
        let value = declared_value(declared.runs.study, over)?;
        Some((value, &declared.runs))
    });
    let varied = variants.iter().filter_map(|variant| {
        let change = variant.changes.iter().find(|(key, _)| key == over)?;
        Some((number(&change.1)?, &variant.runs))
    });
    let mut at: Vec<_> = declared.into_iter().chain(varied).collect();
    at.retain(|(value, _)| *value > 0.0);
    at.sort_by(|a, b| a.0.total_cmp(&b.0));
    Sweep {
        over,
        at,
        sizes: Vec::new(),
    }
}

impl Sweep<'_> {
    /// With the number of real outlines marked, where it is about numbers of images.
    pub fn beside_outlines(mut self, outlines: usize) -> Self {
        if self.over == "samples.train" && outlines > 0 {
            self.sizes
                .push((outlines as f64, format!("{outlines} real outlines")));
        }
        self
    }
}

/// The settings along which the study can be swept: one that varies, or several that vary together, which
/// are one sweep by the first that a trend names.
pub fn swept(study: &Study) -> Vec<&str> {
    let varied = study
        .vary
        .as_ref()
        .filter(|vary| vary.how != Combine::Crossed);
    let over = study.trends.iter().map(|trend| trend.over.as_str());
    super::each_once(over.filter(|_| varied.is_some()))
}

/// As the study declares it; none for a setting of several losses, which has no one value.
fn declared_value(study: &Study, key: &str) -> Option<f64> {
    let document = Value::try_from(study).ok()?;
    let found = key
        .split('.')
        .try_fold(&document, |at, part| at.get(part))?;
    number(found)
}

/// A value as people read it: `8,192`; as it is where it is no whole number.
pub fn grouped(value: f64) -> String {
    if value.fract() != 0.0 || value < 1000.0 {
        return value.to_string();
    }
    let (thousands, rest) = ((value / 1000.0).floor(), value % 1000.0);
    format!("{},{rest:03}", grouped(thousands))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        let found = [0.5, 256.0, 1024.0, 8192.0, 1_048_576.0].map(grouped);
        assert_eq!(found, ["0.5", "256", "1,024", "8,192", "1,048,576"]);
    }
}
