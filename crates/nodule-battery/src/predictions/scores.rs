//! Conversion of a model's decision values to float32 scores: logits of probabilities, and a check that float32 keeps
//! the differences.

use std::collections::BTreeMap;
use std::str::FromStr;

use ndarray::Array2;
use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use serde::Deserialize;

/// Largest rounding error of a value, in standard deviations of the values.
const MAX_ERROR_SD: f64 = 1e-4;
/// Largest rounding error of a probability, which then lies below 0 or above 1: several units in the last place of float32.
const MAX_ERROR_PROBABILITY: f64 = 1e-6;
/// Values that vary less than this, relative to their mean, are constant but for the rounding of float64.
const MIN_VARIATION: f64 = 1e-13;

/// Kind of a model's decision values.
///
/// ```
/// use nodule_battery::Outputs;
///
/// assert_eq!("probability".parse(), Ok(Outputs::Probability));
/// assert_eq!(Outputs::default(), Outputs::Score);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outputs {
    /// Scores: larger is more abnormal, above 0 is predicted abnormal.
    #[default]
    Score,
    /// Probabilities of the abnormal class; their logits are the scores.
    Probability,
}

impl FromStr for Outputs {
    type Err = InvalidInput;

    fn from_str(text: &str) -> Result<Self, InvalidInput> {
        match text {
            "score" => Ok(Self::Score),
            "probability" => Ok(Self::Probability),
            _ => Err(invalid_value(
                "outputs",
                text,
                one_of(["score", "probability"]),
            )),
        }
    }
}

/// Largest share of the pairs of different scores of a set that float32 makes equal.
const MAX_EQUAL_PAIRS: f64 = 1e-4;

/// Returns the decision scores of a model, by set, as float32, and the number of limited logits.
///
/// Probabilities p become log(p / (1 - p)), where p and 1 - p are at least `resolution`: a quarter of the machine
/// epsilon of the type that the model computed in. Sums of float32 may exceed 1: up to 1e-6 outside of [0, 1] counts as
/// the nearest bound.
///
/// # Errors
/// If a probability is further outside of [0, 1], or if the scores differ so little that float32 loses the differences.
///
/// ```
/// use nodule_battery::{Outputs, to_scores};
///
/// let probabilities = [("test-both".to_owned(), vec![0.5, 0.9])].into();
/// let (scores, limited) = to_scores(&probabilities, Outputs::Probability, 1e-7)?;
/// assert_eq!(scores["test-both"], [0.0, (0.9f64 / 0.1).ln() as f32]);
/// assert_eq!(limited, 0);
/// # Ok::<(), nodule_error::InvalidInput>(())
/// ```
pub fn to_scores(
    values: &BTreeMap<String, Vec<f64>>,
    outputs: Outputs,
    resolution: f64,
) -> Result<(BTreeMap<String, Vec<f32>>, usize), InvalidInput> {
    let is_limited = |p: &&f64| **p < resolution || 1.0 - **p < resolution;
    let mut limited = 0;
    let logit = |p: f64| {
        let p = p.min(1.0).max(resolution);
        p.ln() - (1.0 - p).max(resolution).ln()
    };
    let mut scores = BTreeMap::new();
    for (set, values) in values {
        let converted = match outputs {
            Outputs::Score => values.clone(),
            Outputs::Probability => {
                let range = -MAX_ERROR_PROBABILITY..=1.0 + MAX_ERROR_PROBABILITY;
                let bad = values.iter().position(|p| !range.contains(p));
                if let Some(i) = bad {
                    let field = format!("decision/{set}[{i}]");
                    let allowed = "a probability from 0 to 1, because outputs = probability";
                    return Err(invalid_value(field, values[i], allowed));
                }
                limited += values.iter().filter(is_limited).count();
                values.iter().map(|p| logit(*p)).collect()
            }
        };
        scores.insert(set.clone(), converted);
    }
    check_precision("decision scores", || scores.values().flatten().copied())?;
    // Their SD is the unit of all effects, which scores of other sets may exceed by far.
    for (set, values) in scores
        .iter()
        .filter(|(set, _)| set.starts_with("validation-"))
    {
        check_precision(&format!("decision/{set}"), || values.iter().copied())?;
    }
    for (set, values) in &scores {
        check_order(&format!("decision/{set}"), values)?;
    }
    let round =
        |(set, values): (String, Vec<f64>)| (set, values.into_iter().map(|v| v as f32).collect());
    Ok((scores.into_iter().map(round).collect(), limited))
}

/// Checks that rounding to float32 makes few scores equal that differ, such as probabilities near 1 in float64: AUROC
/// counts pairs.
fn check_order(field: &str, scores: &[f64]) -> Result<(), InvalidInput> {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f64::total_cmp);
    let equal_pairs = |is_equal: fn(&f64, &f64) -> bool| -> f64 {
        let groups = sorted.chunk_by(is_equal).map(|group| group.len() as f64);
        groups.map(|n| n * (n - 1.0) / 2.0).sum()
    };
    let lost = equal_pairs(|a, b| *a as f32 == *b as f32) - equal_pairs(|a, b| a == b);
    let n = scores.len() as f64;
    let share = lost / (n * (n - 1.0) / 2.0).max(1.0);
    if share <= MAX_EQUAL_PAIRS {
        return Ok(());
    }
    let reason = format!(
        "float32 makes {:.2}% of the pairs of scores equal that differ; subtract a constant, such as the decision threshold, or give logits in place of probabilities near 0 or 1",
        100.0 * share
    );
    Err(conflict(field, reason))
}

/// Returns the embeddings of a model, by set, as float32.
///
/// # Errors
/// If a column varies so little around a large number that float32 loses the differences.
///
/// ```
/// let rows = [("test-both".to_owned(), ndarray::arr2(&[[1.0, -1.0], [2.0, 0.5]]))].into();
/// let embeddings = nodule_battery::to_embeddings(&rows)?;
/// assert_eq!(embeddings["test-both"].row(1).to_vec(), [2.0f32, 0.5]);
/// # Ok::<(), nodule_error::InvalidInput>(())
/// ```
pub fn to_embeddings(
    rows: &BTreeMap<String, Array2<f64>>,
) -> Result<BTreeMap<String, Array2<f32>>, InvalidInput> {
    let columns = rows.values().map(Array2::ncols).min().unwrap_or(0);
    for column in 0..columns {
        let values = || rows.values().flat_map(|rows| rows.column(column)).copied();
        check_precision(&format!("column {column} of the embeddings"), values)?;
    }
    let round = |(set, rows): (&String, &Array2<f64>)| (set.clone(), rows.mapv(|v| v as f32));
    Ok(rows.iter().map(round).collect())
}

/// Checks that rounding to float32 is small beside the variation of the values.
fn check_precision<I: Iterator<Item = f64>>(
    what: &str,
    values: impl Fn() -> I,
) -> Result<(), InvalidInput> {
    let n = values().count().max(1) as f64;
    let mean = values().sum::<f64>() / n;
    let sd = (values().map(|v| (v - mean).powi(2)).sum::<f64>() / n).sqrt();
    let error = values().map(|v| (v - f64::from(v as f32)).abs());
    let error = error.fold(0.0, f64::max);
    if error <= MAX_ERROR_SD * sd || sd <= MIN_VARIATION * mean.abs() {
        return Ok(());
    }
    let reason = format!(
        "vary by {sd:.2e} around {mean:.6e}, too little for float32; subtract a constant, such as the decision threshold"
    );
    Err(conflict(what, reason))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one_set(values: &[f64]) -> BTreeMap<String, Vec<f64>> {
        BTreeMap::from([("maps".to_owned(), values.to_vec())])
    }

    #[test]
    fn probabilities_become_logits() {
        let resolution = f64::from(f32::EPSILON) / 4.0;
        let scores = |p: &[f64]| to_scores(&one_set(p), Outputs::Probability, resolution);
        let (found, limited) = scores(&[0.5, 0.731_058_578_630_004_9, 0.0, 1.0]).unwrap();
        assert_eq!(limited, 2);
        let found = &found["maps"];
        // The logistic function of 1, and the logarithm of 2^25.
        let expected = [0.0, 1.0, -17.328_68, 17.328_68];
        assert!(
            found
                .iter()
                .zip(expected)
                .all(|(a, b)| (a - b).abs() < 1e-5),
            "{found:?}"
        );
        let (near_0, _) = scores(&[1e-12, 1e-10]).unwrap();
        assert_eq!(near_0["maps"][0], near_0["maps"][1]);
        let rounded = scores(&[0.5, f64::from(1.0 + f32::EPSILON), 1.000_000_1, -1e-7]);
        assert_eq!(rounded, scores(&[0.5, 1.0, 1.0, 0.0]));
        assert!(scores(&[0.5, 1.000_01]).is_err() && scores(&[0.5, f64::NAN]).is_err());
        let error = scores(&[0.5, 1.5]).unwrap_err().to_string();
        assert!(
            error.starts_with("decision/maps[1] = 1.5: must be a probability"),
            "{error}"
        );
    }

    #[test]
    fn scores_that_float32_cannot_hold_are_rejected() {
        let scores = |values: &[f64]| to_scores(&one_set(values), Outputs::Score, 0.0);
        for fine in [
            &[1e6, 1e6 + 10.0][..],
            &[-3.0, 0.1],
            &[0.1, 0.1],
            &[1e30, -1e30],
        ] {
            assert!(scores(fine).is_ok(), "{fine:?}");
        }
        for lost in [&[5e7, 5e7 + 0.5][..], &[-2e4, -2e4 - 1e-3]] {
            let error = scores(lost).unwrap_err().to_string();
            assert!(error.contains("too little for float32"), "{error}");
        }
        // The first two differ by less than float32 resolves, though the third varies much.
        let error = scores(&[0.5 - 1e-9, 0.5 - 2e-9, -0.5])
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("decision/maps: float32 makes 33.33%"),
            "{error}"
        );
        assert!(scores(&[0.5, 0.5, -0.5, -0.5]).is_ok());
        let far = BTreeMap::from([
            ("test-both".to_owned(), vec![-4e8, 4e8]),
            ("validation-both-0".to_owned(), vec![2e7, 2e7 + 0.25]),
        ]);
        let error = to_scores(&far, Outputs::Score, 0.0)
            .unwrap_err()
            .to_string();
        assert!(error.starts_with("decision/validation-both-0"), "{error}");
        let rows = Array2::from_shape_vec((2, 2), vec![0.0, 3e8, 1.0, 3e8 + 1.0]).unwrap();
        let error = to_embeddings(&BTreeMap::from([("maps".to_owned(), rows)])).unwrap_err();
        assert!(
            error.to_string().starts_with("column 1 of the embeddings"),
            "{error}"
        );
    }
}
