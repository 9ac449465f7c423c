//! Means, standard deviations, and the size of a paired difference.

/// Mean and sample standard deviation (n - 1); the latter is none for fewer than two values.
#[must_use]
pub fn mean_sd(values: &[f64]) -> Option<(f64, Option<f64>)> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|v| (v - mean).powi(2)).sum();
    Some((
        mean,
        (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt()),
    ))
}

/// Cohen's d of paired differences: their mean over their standard deviation (Lakens 2013,
/// equation 6). None for fewer than two, or where all are equal.
#[must_use]
pub fn cohen_dz(differences: &[f64]) -> Option<f64> {
    let (mean, sd) = mean_sd(differences)?;
    sd.filter(|sd| *sd > 0.0).map(|sd| mean / sd)
}
