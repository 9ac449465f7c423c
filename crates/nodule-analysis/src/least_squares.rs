//! Least-squares line through points.

/// Returns slope and intercept of the least-squares line; `None` if all points have the same x.
pub(crate) fn fit_line(points: &[(f64, f64)]) -> Option<(f64, f64)> {
    let n = points.len() as f64;
    let mean = |coordinate: fn(&(f64, f64)) -> f64| points.iter().map(coordinate).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let products: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    let squares: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let slope = products / squares;
    (squares > 0.0).then_some((slope, y - slope * x))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_agrees_with_numpy() {
        // numpy.polyfit([8, 9, 10, 11], [0.3, 0.1, 0.4, 0.1], 1) is -0.03, 0.51.
        let line = fit_line(&[(8.0, 0.3), (9.0, 0.1), (10.0, 0.4), (11.0, 0.1)]);
        let is_near = |(slope, intercept): (f64, f64)| {
            (slope + 0.03).abs() < 1e-12 && (intercept - 0.51).abs() < 1e-12
        };
        assert!(line.is_some_and(is_near), "{line:?}");
        assert_eq!(fit_line(&[(1.0, 2.0)]), None);
        assert_eq!(fit_line(&[]), None);
    }
}
