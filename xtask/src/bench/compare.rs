//! What the rates say: medians and spreads, ours beside the best of each rival, ours beside the machine's peak.

use super::contenders::{Contender, OURS, What};

/// A contender and what was measured of it, one rate a round, or why not.
pub(super) struct Row {
    pub(super) contender: Contender,
    pub(super) rates: Vec<f64>,
    pub(super) missing: Option<String>,
}

/// Median, least and most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spread {
    pub(super) median: f64,
    pub(super) least: f64,
    pub(super) most: f64,
}

/// Our best row over a rival's best of one precision.
pub(super) struct Comparison<'a> {
    pub(super) ours: &'a Row,
    pub(super) rival: &'a Row,
    /// The ratio of the medians; least and most over the rounds.
    pub(super) ratio: Spread,
}

/// How much of the machine's peak our best row of a training step is.
pub(super) struct Share<'a> {
    pub(super) ours: &'a Row,
    /// Floating-point operations an image that nobody can avoid.
    pub(super) operations: f64,
    pub(super) share: f64,
}

/// Multiply-adds an image of one training step, counted by hand in docs/benchmarks.md.
const MULTIPLY_ADDS: [(&str, f64); 2] = [("lenet", 4_112_784.0), ("residual", RESIDUAL)];

/// Forward, and as much again for the gradient of the weights and for that of the input, which the
/// stem does without.
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

    /// Nothing where a round is missing.
    pub(super) fn spread(&self) -> Option<Spread> {
        match self.missing {
            None => Spread::of(&self.rates),
            Some(_) => None,
        }
    }
}

impl Spread {
    pub(super) fn of(values: &[f64]) -> Option<Self> {
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

/// Each thing that is timed, once, in the order of the rows.
pub(super) fn timed(rows: &[Row]) -> Vec<What> {
    distinct(rows.iter().map(|row| row.contender.what))
}

/// For each thing that is timed: ours over each rival's best in float32, then in bfloat16.
pub(super) fn comparisons(rows: &[Row]) -> Vec<Comparison<'_>> {
    let mut all = Vec::new();
    for what in timed(rows) {
        let Some(ours) = best(rows, what, |c| c.who == OURS) else {
            continue;
        };
        let others = rows.iter().map(|row| &row.contender);
        let others = others.filter(|c| c.what == what && c.who != OURS);
        for (who, precision) in distinct(others.map(|c| (c.who, c.precision))) {
            let rival = best(rows, what, |c| c.who == who && c.precision == precision);
            all.extend(rival.and_then(|rival| compared(ours, rival)));
        }
    }
    all
}

/// Our best row of each training step, over the peak of as many threads.
pub(super) fn shares(rows: &[Row]) -> Vec<Share<'_>> {
    let mut all = Vec::new();
    for what in timed(rows) {
        let What::Step { network, .. } = what else {
            continue;
        };
        let adds = MULTIPLY_ADDS.iter().find(|(name, _)| *name == network);
        let ours = best(rows, what, |c| c.who == OURS);
        let (Some((_, adds)), Some(ours)) = (adds, ours) else {
            continue;
        };
        let threads = ours.contender.processes * ours.contender.threads;
        let peak = best(rows, What::Peak, |c| c.processes == threads);
        let (Some(rate), Some(peak)) = (ours.spread(), peak.and_then(Row::spread)) else {
            continue;
        };
        let operations = 2.0 * adds;
        all.push(Share {
            ours,
            operations,
            share: rate.median * operations / (peak.median * 1e9),
        });
    }
    all
}

fn best(rows: &[Row], what: What, wanted: impl Fn(&Contender) -> bool) -> Option<&Row> {
    let rows = rows.iter().filter(|row| row.contender.what == what);
    let rows = rows.filter(|row| wanted(&row.contender));
    let rated = rows.filter_map(|row| Some((row, row.spread()?.median)));
    let best = rated.max_by(|a, b| a.1.total_cmp(&b.1))?;
    Some(best.0)
}

fn compared<'a>(ours: &'a Row, rival: &'a Row) -> Option<Comparison<'a>> {
    let rounds = ours.rates.iter().zip(&rival.rates);
    let of_rounds = Spread::of(&rounds.map(|(a, b)| a / b).collect::<Vec<_>>())?;
    let median = ours.spread()?.median / rival.spread()?.median;
    Some(Comparison {
        ours,
        rival,
        ratio: Spread {
            median,
            ..of_rounds
        },
    })
}

/// Each once, in the order in which they come first.
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

    const STEP: What = What::Step {
        network: "lenet",
        batch: 64,
    };

    fn row(what: What, who: &'static str, precision: &'static str, rates: &[f64]) -> Row {
        Row {
            rates: rates.to_vec(),
            ..Row::new(Contender {
                what,
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
    fn ours_is_compared_with_the_best_of_each_rival_and_precision() {
        let mut broken = row(STEP, "PyTorch", "float32", &[900.0]);
        broken.missing = Some("no compiler".into());
        let rows = [
            row(STEP, OURS, "float32", &[100.0, 120.0, 80.0]),
            row(STEP, "PyTorch", "float32", &[20.0, 20.0, 20.0]),
            row(STEP, "PyTorch", "float32", &[40.0, 60.0, 50.0]),
            broken,
            row(STEP, "PyTorch", "bfloat16", &[25.0, 25.0, 25.0]),
            row(What::Generator, "NumPy", "float32", &[1.0, 1.0, 1.0]),
        ];
        let found = comparisons(&rows);
        assert_eq!(found.len(), 2);
        let ratio = Spread {
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
    fn the_share_is_of_the_peak_of_as_many_threads() {
        let rows = [
            row(STEP, OURS, "float32", &[10_000.0]),
            row(What::Peak, OURS, "float32", &[400.0]),
        ];
        let shares = shares(&rows);
        let expected = 10_000.0 * 2.0 * 4_112_784.0 / 400e9;
        assert_eq!(shares.len(), 1);
        assert!((shares[0].share - expected).abs() < 1e-12);
    }
}
