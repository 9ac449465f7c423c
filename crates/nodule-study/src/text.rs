//! Numbers as papers print them, and durations as people say them.

/// Three digits, with a minus sign that does not break away from them.
#[must_use]
pub fn number(value: f64) -> String {
    let text = format!("{value:.3}");
    match text.strip_prefix('-') {
        Some("0.000") => "0.000".to_owned(),
        Some(digits) => format!("−{digits}"),
        None => text,
    }
}

/// The size of something whose unit may be of any: three digits, or a power of ten where those would be
/// 0 and it is not.
#[must_use]
pub fn magnitude(value: f64) -> String {
    match value != 0.0 && value.abs() < 5e-4 {
        true => format!("{value:.2e}"),
        false => format!("{value:.3}"),
    }
}

/// A p as papers print it.
#[must_use]
pub fn p_value(p: f64) -> String {
    if p < 0.0001 {
        "<0.0001".to_owned()
    } else {
        format!("{p:.4}")
    }
}

/// Seconds as a person says them.
#[must_use]
pub fn duration_text(seconds: f64) -> String {
    let whole = seconds.round() as u64;
    match whole {
        0..60 => format!("{whole} s"),
        60..3600 => format!("{} min {:02} s", whole / 60, whole % 60),
        _ => format!("{} h {:02} min", whole / 3600, whole % 3600 / 60),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_spelled_as_papers_do() {
        assert_eq!(number(-0.0164), "−0.016");
        assert_eq!(number(-0.0001), "0.000");
        assert_eq!(magnitude(0.000_123_4), "1.23e-4");
        assert_eq!(
            (magnitude(0.0), magnitude(12.5)),
            ("0.000".into(), "12.500".into())
        );
        assert_eq!(p_value(0.000_01), "<0.0001");
        assert_eq!(p_value(0.25), "0.2500");
    }

    #[test]
    fn durations_read_well() {
        assert_eq!(duration_text(0.4), "0 s");
        assert_eq!(duration_text(59.6), "1 min 00 s");
        assert_eq!(duration_text(3725.0), "1 h 02 min");
    }
}
