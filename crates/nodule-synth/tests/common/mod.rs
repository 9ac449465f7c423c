//! AUROC of one feature, or of several together, for two classes.

/// Returns the area under the ROC curve of one feature, with larger values for `true`.
pub(crate) fn auroc(values: &[f64], class: &[bool]) -> f64 {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let (mut below, mut pairs, mut positives) = (0.0, 0.0, 0.0);
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let yes = tied.iter().filter(|i| class[**i]).count() as f64;
        let no = tied.len() as f64 - yes;
        pairs += yes * (below + no / 2.0);
        below += no;
        positives += yes;
    }
    pairs / (positives * below)
}

/// Returns the two-fold cross-validated area under the ROC curve of a logistic regression on the features and their
/// squares.
pub(crate) fn cross_validated_auroc(features: &[Vec<f64>], class: &[bool]) -> f64 {
    let rows = standardise(features);
    let fold = |held_out: usize| {
        let indices = |half: usize| (0..rows.len()).filter(move |i| i % 2 == half);
        let weights = fit_logistic(&rows, class, &indices(1 - held_out).collect::<Vec<_>>());
        let score = |i: usize| {
            rows[i]
                .iter()
                .zip(&weights)
                .map(|(x, w)| x * w)
                .sum::<f64>()
        };
        let scores: Vec<f64> = indices(held_out).map(score).collect();
        let labels: Vec<bool> = indices(held_out).map(|i| class[i]).collect();
        auroc(&scores, &labels)
    };
    f64::midpoint(fold(0), fold(1))
}

/// Returns features and their squares with mean 0 and standard deviation 1, and a constant.
fn standardise(features: &[Vec<f64>]) -> Vec<Vec<f64>> {
    let scale = |columns: Vec<Vec<f64>>| -> Vec<Vec<f64>> {
        let n = columns.len() as f64;
        let moments = |j: usize| {
            let mean = columns.iter().map(|row| row[j]).sum::<f64>() / n;
            let square = columns
                .iter()
                .map(|row| (row[j] - mean).powi(2))
                .sum::<f64>()
                / n;
            (mean, square.sqrt().max(1e-12))
        };
        let all: Vec<_> = (0..columns[0].len()).map(moments).collect();
        let row = |row: &Vec<f64>| {
            row.iter()
                .zip(&all)
                .map(|(x, (m, s))| (x - m) / s)
                .collect()
        };
        columns.iter().map(row).collect()
    };
    let plain = scale(features.to_vec());
    let squares = scale(
        plain
            .iter()
            .map(|row| row.iter().map(|x| x * x).collect())
            .collect(),
    );
    plain
        .into_iter()
        .zip(squares)
        .map(|(a, b)| [a, b, vec![1.0]].concat())
        .collect()
}

/// Fits a logistic regression by gradient descent. A few hundred steps suffice for standardised features.
fn fit_logistic(rows: &[Vec<f64>], class: &[bool], chosen: &[usize]) -> Vec<f64> {
    let mut weights = vec![0.0; rows[0].len()];
    for _ in 0..300 {
        let mut gradient = vec![0.0; weights.len()];
        for &i in chosen {
            let margin: f64 = rows[i].iter().zip(&weights).map(|(x, w)| x * w).sum();
            let error = 1.0 / (1.0 + (-margin).exp()) - f64::from(u8::from(class[i]));
            gradient
                .iter_mut()
                .zip(&rows[i])
                .for_each(|(g, x)| *g += error * x);
        }
        let step = 0.5 / chosen.len() as f64;
        weights
            .iter_mut()
            .zip(&gradient)
            .for_each(|(w, g)| *w -= step * g);
    }
    weights
}
