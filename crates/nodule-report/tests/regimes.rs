//! The tables in `docs/results/regimes` and the folders of its relatives, worked out again from the numbers of the runs beside them, by
//! arithmetic of this file's own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A line of a table, by column.
type Line = BTreeMap<String, String>;

/// A study whose tables are kept.
struct Kept {
    name: &'static str,
    /// What the ids of its claims begin with.
    claims: char,
    sizes: usize,
    seeds: usize,
    /// The number of images that the study declares; its variants have others.
    declared: u64,
}

const KEPT: &[Kept] = &[
    kept("regimes", 'R', (6, 20), 4096),
    kept("regimes-flat", 'F', (3, 8), 4096),
    kept("regimes-residual", 'N', (3, 8), 4096),
    kept("regimes-tuned", 'U', (3, 8), 1024),
];

const fn kept(
    name: &'static str,
    claims: char,
    (sizes, seeds): (usize, usize),
    declared: u64,
) -> Kept {
    Kept {
        name,
        claims,
        sizes,
        seeds,
        declared,
    }
}

impl Kept {
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

/// The claims: what is measured, and the loss that cross-entropy is compared with.
const CLAIMS: [(u8, &str, &str); 4] = [
    (1, "shape reliance in spreads", "contrastive"),
    (2, "accuracy on shape-only", "contrastive"),
    (3, "shape reliance in spreads", "ce+contrastive"),
    (4, "shape reliance in spreads", "supcon"),
];

/// Cross-entropy minus the other loss, by seed, at each number of images.
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
    let of_size = |size: u64| {
        let of = |loss: &str| values[&(size, loss.to_owned())].clone();
        let (ce, other) = (of("ce"), of(other));
        (
            size,
            ce.iter().map(|(seed, value)| value - other[seed]).collect(),
        )
    };
    sizes.into_iter().map(of_size).collect()
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

#[test]
fn differences_at_each_size_are_those_of_the_runs() {
    for kept in KEPT {
        let (varied, along) = (kept.lines("varied"), kept.lines("along"));
        for (number_of, measure, other) in CLAIMS {
            let id = format!("{}{number_of}", kept.claims);
            let found = differences((&varied, kept.declared), measure, other);
            assert_eq!(found.len(), kept.sizes, "{id}");
            for (size, by_seed) in found {
                assert_eq!(by_seed.len(), kept.seeds, "{id} at {size}");
                let said = along.iter().find(|line| {
                    line["id"] == id
                        && line["compared_at"] == "end"
                        && number(line, "value") == size as f64
                });
                let (said, mean) = (said.unwrap(), mean(&by_seed));
                assert!(
                    (number(said, "effect") - mean).abs() < 1e-6,
                    "{id} at {size}"
                );
                assert!(number(said, "ci_low") <= mean && mean <= number(said, "ci_high"));
            }
        }
    }
}

#[test]
fn trends_are_the_slopes_over_doublings() {
    for kept in KEPT {
        let (varied, trends) = (kept.lines("varied"), kept.lines("trends"));
        assert_eq!(trends.len(), CLAIMS.len(), "{}", kept.name);
        for (trend, (number_of, measure, other)) in trends.iter().zip(CLAIMS) {
            assert_eq!(trend["of"], format!("{}{number_of}", kept.claims));
            let found = differences((&varied, kept.declared), measure, other);
            let doublings: Vec<f64> = found.keys().map(|size| (*size as f64).log2()).collect();
            let middle = mean(&doublings);
            let spread: f64 = doublings.iter().map(|x| (x - middle).powi(2)).sum();
            let slopes = (0..kept.seeds).map(|seed| {
                let weighted = found.values().zip(&doublings);
                let weighted = weighted.map(|(by_seed, x)| by_seed[seed] * (x - middle));
                weighted.sum::<f64>() / spread
            });
            let slope = mean(&slopes.collect::<Vec<_>>());
            assert!(
                (number(trend, "slope") - slope).abs() < 1e-6,
                "{slope} {trend:?}"
            );
            assert_eq!(trend["n"], kept.seeds.to_string());
        }
    }
}

#[test]
fn the_document_says_what_the_tables_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/results.md");
    let document = std::fs::read_to_string(path).unwrap();
    for kept in KEPT {
        // Of the relatives it tells what the networks are in the end.
        let all = kept.name == "regimes";
        let lines = kept.lines("along").into_iter();
        for line in lines.filter(|line| all || line["compared_at"] == "end") {
            let of = |column: &str| nodule_study::text::format_number(number(&line, column));
            let cell = format!("{} [{}, {}]", of("effect"), of("ci_low"), of("ci_high"));
            assert!(document.contains(&cell), "{cell}: {line:?}");
        }
    }
}
