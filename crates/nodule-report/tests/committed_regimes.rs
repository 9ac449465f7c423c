//! Recomputes the tables in `docs/results/regimes*` from the numbers of their runs, independently of the program.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A line of a table, by column.
type Line = BTreeMap<String, String>;

/// A study with committed tables.
struct Committed {
    name: &'static str,
    /// Prefix of the ids of its claims.
    claims: char,
    sizes: usize,
    seeds: usize,
    /// Number of training images of the study as declared.
    declared: u64,
}

const COMMITTED: &[Committed] = &[
    study("regimes", 'R', (6, 20), 4096),
    study("regimes-flat", 'F', (3, 8), 4096),
    study("regimes-residual", 'N', (3, 8), 4096),
    study("regimes-tuned", 'U', (3, 8), 1024),
];

const fn study(
    name: &'static str,
    claims: char,
    (sizes, seeds): (usize, usize),
    declared: u64,
) -> Committed {
    Committed {
        name,
        claims,
        sizes,
        seeds,
        declared,
    }
}

impl Committed {
    fn lines(&self, table: &str) -> Vec<Line> {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/results");
        let path = folder.join(self.name).join(format!("{table}.csv"));
        let mut reader = csv::Reader::from_path(path).unwrap();
        reader.deserialize().map(Result::unwrap).collect()
    }
}

fn number(line: &Line, column: &str) -> f64 {
    line[column].parse().unwrap()
}

/// Number, measure and compared loss of each claim; the other loss is cross-entropy.
const CLAIMS: [(u8, &str, &str); 4] = [
    (1, "shape reliance in spreads", "contrastive"),
    (2, "accuracy on shape-only", "contrastive"),
    (3, "shape reliance in spreads", "ce+contrastive"),
    (4, "shape reliance in spreads", "supcon"),
];

/// Returns cross-entropy minus the other loss, by seed, at each number of images.
fn differences(
    (varied, declared): (&[Line], u64),
    measure: &str,
    other: &str,
) -> BTreeMap<u64, Vec<f64>> {
    let images = |line: &Line| -> u64 {
        let changed = line["variant"].strip_prefix("samples.train = ");
        changed.map_or(declared, |rest| {
            rest.split(',').next().unwrap().parse().unwrap()
        })
    };
    let mut values = BTreeMap::<_, BTreeMap<u64, f64>>::new();
    for line in varied.iter().filter(|line| line["measure"] == measure) {
        let of_loss = values.entry((images(line), line["loss"].clone()));
        let seed = line["seed"].parse().unwrap();
        of_loss.or_default().insert(seed, number(line, "value"));
    }
    let sizes: Vec<u64> = values.keys().map(|(size, _)| *size).collect();
    let by_seed_at = |size: u64| {
        let by_seed = |loss: &str| values[&(size, loss.to_owned())].clone();
        let (ce, other) = (by_seed("ce"), by_seed(other));
        (
            size,
            ce.iter().map(|(seed, value)| value - other[seed]).collect(),
        )
    };
    sizes.into_iter().map(by_seed_at).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn differences_at_each_size_are_those_of_the_runs() {
    for study in COMMITTED {
        let (varied, along) = (study.lines("varied"), study.lines("along"));
        for (number_of, measure, other) in CLAIMS {
            let id = format!("{}{number_of}", study.claims);
            let found = differences((&varied, study.declared), measure, other);
            assert_eq!(found.len(), study.sizes, "{id}");
            for (size, by_seed) in found {
                assert_eq!(by_seed.len(), study.seeds, "{id} at {size}");
                let reported = along.iter().find(|line| {
                    line["id"] == id
                        && line["compared_at"] == "end"
                        && number(line, "value") == size as f64
                });
                let (reported, mean) = (reported.unwrap(), mean(&by_seed));
                assert!(
                    (number(reported, "effect") - mean).abs() < 1e-6,
                    "{id} at {size}"
                );
                assert!(number(reported, "ci_low") <= mean && mean <= number(reported, "ci_high"));
            }
        }
    }
}

#[test]
fn trends_are_the_slopes_over_doublings() {
    for study in COMMITTED {
        let (varied, trends) = (study.lines("varied"), study.lines("trends"));
        assert_eq!(trends.len(), CLAIMS.len(), "{}", study.name);
        for (trend, (number_of, measure, other)) in trends.iter().zip(CLAIMS) {
            assert_eq!(trend["of"], format!("{}{number_of}", study.claims));
            let found = differences((&varied, study.declared), measure, other);
            let doublings: Vec<f64> = found.keys().map(|size| (*size as f64).log2()).collect();
            let middle = mean(&doublings);
            let spread: f64 = doublings.iter().map(|x| (x - middle).powi(2)).sum();
            let slopes = (0..study.seeds).map(|seed| {
                let weighted = found.values().zip(&doublings);
                let weighted = weighted.map(|(by_seed, x)| by_seed[seed] * (x - middle));
                weighted.sum::<f64>() / spread
            });
            let slope = mean(&slopes.collect::<Vec<_>>());
            assert!(
                (number(trend, "slope") - slope).abs() < 1e-6,
                "{slope} {trend:?}"
            );
            assert_eq!(trend["n"], study.seeds.to_string());
        }
    }
}

#[test]
fn the_document_agrees_with_the_tables() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/results.md");
    let document = std::fs::read_to_string(path).unwrap();
    for study in COMMITTED {
        // The document reports the relatives of the first study after training only.
        let all = study.name == "regimes";
        let lines = study.lines("along").into_iter();
        for line in lines.filter(|line| all || line["compared_at"] == "end") {
            let format = |column: &str| nodule_study::text::format_number(number(&line, column));
            let cell = format!(
                "{} [{}, {}]",
                format("effect"),
                format("ci_low"),
                format("ci_high")
            );
            assert!(document.contains(&cell), "{cell}: {line:?}");
        }
    }
}
