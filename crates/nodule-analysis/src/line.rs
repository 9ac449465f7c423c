//! The line through points.

/// The least-squares line: slope and value at 0. None for points above one another.
pub(super) fn line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| points.iter().map(of).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let along: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let squares: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let slope = along / squares;
    (squares > 0.0).then_some((slope, y - slope * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_is_that_of_numpy() {
        // numpy.polyfit([8, 9, 10, 11], [0.3, 0.1, 0.4, 0.1], 1) is -0.03, 0.51.
        let found = line(&[(8.0, 0.3), (9.0, 0.1), (10.0, 0.4), (11.0, 0.1)]);
        let near = |(slope, start): (f64, f64)| {
            (slope + 0.03).abs() < 1e-12 && (start - 0.51).abs() < 1e-12
        };
        assert!(found.is_some_and(near), "{found:?}");
        assert_eq!(line(&[(1.0, 2.0)]), None);
        assert_eq!(line(&[]), None);
    }
}
