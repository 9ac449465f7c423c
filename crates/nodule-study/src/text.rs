//! Formatting of numbers, p values and durations, and names of classifiers.

use nodule_eval::ReadOut;

/// Formats a number with three decimals and a real minus sign, as `−0.016`. Never `-0.000`.
///
/// ```
/// assert_eq!(nodule_study::text::format_number(-0.0164), "−0.016");
/// ```
#[must_use]
pub fn format_number(value: f64) -> String {
    let text = format!("{value:.3}");
    match text.strip_prefix('-') {
        Some("0.000") => "0.000".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// Returns the name of a classifier, such as `nearest-centroid classifier`.
#[must_use]
pub fn classifier_name(read_out: ReadOut) -> &'static str {
    match read_out {
        ReadOut::Head => "own head",
        ReadOut::Centroid => "nearest-centroid classifier",
        ReadOut::Probe => "linear probe",
        ReadOut::Knn => "k-NN classifier",
        other => other.name(),
    }
}

/// Returns the text on one line, with single spaces between words.
#[must_use]
pub fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Formats a number of any scale: three decimals, or a power of ten where those would show 0.
#[must_use]
pub fn format_magnitude(value: f64) -> String {
    match value != 0.0 && value.abs() < 5e-4 {
        true => format!("{value:.2e}"),
        false => format!("{value:.3}"),
    }
}

/// Formats a p value with four decimals, or as `<0.0001`.
#[must_use]
pub fn format_p_value(p: f64) -> String {
    match p < 0.0001 {
        true => "<0.0001".to_owned(),
        false => format!("{p:.4}"),
    }
}

/// Formats a duration, as `42 s`, `3 min 05 s` or `1 h 02 min`.
#[must_use]
pub fn format_duration(seconds: f64) -> String {
    let seconds = seconds.round() as u64;
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min {:02} s", seconds / 60, seconds % 60),
        _ => format!("{} h {:02} min", seconds / 3600, seconds % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_three_decimals_and_a_real_minus_sign() {
        assert_eq!(format_number(-0.0164), "−0.016");
        assert_eq!(format_number(-0.0001), "0.000");
        assert_eq!(format_magnitude(0.000_123_4), "1.23e-4");
        assert_eq!(format_magnitude(0.0), "0.000");
        assert_eq!(format_magnitude(12.5), "12.500");
        assert_eq!(format_p_value(0.000_01), "<0.0001");
        assert_eq!(format_p_value(0.25), "0.2500");
    }

    #[test]
    fn durations_show_their_two_largest_units() {
        assert_eq!(format_duration(0.4), "0 s");
        assert_eq!(format_duration(59.6), "1 min 00 s");
        assert_eq!(format_duration(3725.0), "1 h 02 min");
    }
}
