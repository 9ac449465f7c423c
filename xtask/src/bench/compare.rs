//! Comparison of rates: medians and ranges, ratios to the best of each rival, and utilisation of the machine's peak.

use super::contenders::{Contender, OURS, Task};

/// A contender with one rate per round, or the reason why it cannot be measured.
pub(super) struct Row {
    pub(super) contender: Contender,
    pub(super) rates: Vec<f64>,
    pub(super) missing: Option<String>,
}

/// Median, minimum and maximum.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Range {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// Ratio of our best row to a rival's best row of one precision.
pub(super) struct Comparison<'a> {
    pub(super) ours: &'a Row,
    pub(super) rival: &'a Row,
    /// Ratio of the medians; minimum and maximum over the rounds.
    pub(super) ratio: Range,
}

/// Utilisation: our best rate of a training step relative to the machine's peak.
pub(super) struct Utilisation<'a> {
    pub(super) ours: &'a Row,
    /// Least number of floating-point operations per image.
    pub(super) operations: f64,
    pub(super) of_peak: f64,
}

/// Multiply-adds per image of one training step, derived in docs/benchmarks.md.
const MULTIPLY_ADDS: [(&str, f64); 2] = [("lenet", 4_112_784.0), ("residual", RESIDUAL)];

/// Forward pass, weight gradients and input gradients cost the same each; the stem has no input gradient.
const RESIDUAL: f64 = {
    let stem = 64 * 64 * 9 * 16;
    let block1 = 64 * 64 * 9 * 16 * (16 + 16);
    let block2 = 32 * 32 * 32 * (9 * (16 + 32) + 16);
    let block3 = 16 * 16 * 64 * (9 * (32 + 64) + 32);
    let dense = 64 * 84 + 84 * 2;
    (3 * (stem + block1 + block2 + block3 + dense) - stem) as f64
};

impl Row {
    pub(super) fn new(contender: Contender) -> Self {
        Self {
            contender,
            rates: Vec::new(),
            missing: None,
        }
    }

    /// Returns the range of the rates, or `None` if a round is missing.
    pub(super) fn range(&self) -> Option<Range> {
        match self.missing {
            None => Range::from_values(&self.rates),
            Some(_) => None,
        }
    }
}

impl Range {
    pub(super) fn from_values(values: &[f64]) -> Option<Self> {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (least, most) = (*sorted.first()?, *sorted.last()?);
        let middle = [(sorted.len() - 1) / 2, sorted.len() / 2].map(|i| sorted[i]);
        Some(Self {
            median: f64::midpoint(middle[0], middle[1]),
            least,
            most,
        })
    }
}

/// Returns each task once, in the order of the rows.
pub(super) fn tasks(rows: &[Row]) -> Vec<Task> {
    distinct(rows.iter().map(|row| row.contender.task))
}

/// Returns, for each task, the ratio to each rival's best in float32, then in bfloat16.
pub(super) fn comparisons(rows: &[Row]) -> Vec<Comparison<'_>> {
    let mut all = Vec::new();
    for task in tasks(rows) {
        let Some(ours) = best(rows, task, |c| c.who == OURS) else {
            continue;
        };
        let others = rows.iter().map(|row| &row.contender);
        let others = others.filter(|c| c.task == task && c.who != OURS);
        for (who, precision) in distinct(others.map(|c| (c.who, c.precision))) {
            let rival = best(rows, task, |c| c.who == who && c.precision == precision);
            all.extend(rival.and_then(|rival| compare(ours, rival)));
        }
    }
    all
}

/// Returns the utilisation of each training step, relative to the peak of as many threads.
pub(super) fn utilisations(rows: &[Row]) -> Vec<Utilisation<'_>> {
    let mut all = Vec::new();
    for task in tasks(rows) {
        let Task::Step { network, .. } = task else {
            continue;
        };
        let adds = MULTIPLY_ADDS.iter().find(|(name, _)| *name == network);
        let ours = best(rows, task, |c| c.who == OURS);
        let (Some((_, adds)), Some(ours)) = (adds, ours) else {
            continue;
        };
        let threads = ours.contender.processes * ours.contender.threads;
        let peak = best(rows, Task::Peak, |c| c.processes == threads);
        let (Some(rate), Some(peak)) = (ours.range(), peak.and_then(Row::range)) else {
            continue;
        };
        let operations = 2.0 * adds;
        all.push(Utilisation {
            ours,
            operations,
            of_peak: rate.median * operations / (peak.median * 1e9),
        });
    }
    all
}

fn best(rows: &[Row], task: Task, is_candidate: impl Fn(&Contender) -> bool) -> Option<&Row> {
    let candidates = rows
        .iter()
        .filter(|row| row.contender.task == task && is_candidate(&row.contender));
    let rated = candidates.filter_map(|row| Some((row, row.range()?.median)));
    let best = rated.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(best.0)
}

fn compare<'a>(ours: &'a Row, rival: &'a Row) -> Option<Comparison<'a>> {
    let rounds = ours.rates.iter().zip(&rival.rates);
    let per_round = Range::from_values(&rounds.map(|(a, b)| a / b).collect::<Vec<_>>())?;
    let median = ours.range()?.median / rival.range()?.median;
    Some(Comparison {
        ours,
        rival,
        ratio: Range {
            median,
            ..per_round
        },
    })
}

/// Returns each value once, in the order of first occurrence.
pub(super) fn distinct<T: PartialEq>(values: impl Iterator<Item = T>) -> Vec<T> {
    let mut all = Vec::new();
    for value in values {
        if !all.contains(&value) {
            all.push(value);
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::super::programs::Program;
    use super::*;

    const STEP: Task = Task::Step {
        network: "lenet",
        batch: 64,
    };

    fn row(task: Task, who: &'static str, precision: &'static str, rates: &[f64]) -> Row {
        Row {
            rates: rates.to_vec(),
            ..Row::new(Contender {
                task,
                who,
                how: "",
                precision,
                processes: 2,
                threads: 1,
                program: Program::Once(Vec::new()),
                must_run: false,
            })
        }
    }

    #[test]
    fn ratios_are_to_the_best_of_each_rival_and_precision() {
        let mut broken = row(STEP, "PyTorch", "float32", &[900.0]);
        broken.missing = Some("no compiler".into());
        let rows = [
            row(STEP, OURS, "float32", &[100.0, 120.0, 80.0]),
            row(STEP, "PyTorch", "float32", &[20.0, 20.0, 20.0]),
            row(STEP, "PyTorch", "float32", &[40.0, 60.0, 50.0]),
            broken,
            row(STEP, "PyTorch", "bfloat16", &[25.0, 25.0, 25.0]),
            row(Task::Generator, "NumPy", "float32", &[1.0, 1.0, 1.0]),
        ];
        let found = comparisons(&rows);
        assert_eq!(found.len(), 2);
        let ratio = Range {
            median: 2.0,
            least: 1.6,
            most: 2.5,
        };
        assert_eq!(found[0].ratio, ratio);
        assert_eq!(found[0].rival.rates[1], 60.0);
        assert_eq!(found[1].rival.contender.precision, "bfloat16");
        assert_eq!(found[1].ratio.median, 4.0);
    }

    #[test]
    fn utilisation_is_relative_to_the_peak_of_as_many_threads() {
        let rows = [
            row(STEP, OURS, "float32", &[10_000.0]),
            row(Task::Peak, OURS, "float32", &[400.0]),
        ];
        let utilisations = utilisations(&rows);
        let expected = 10_000.0 * 2.0 * 4_112_784.0 / 400e9;
        assert_eq!(utilisations.len(), 1);
        assert!((utilisations[0].of_peak - expected).abs() < 1e-12);
    }
}
