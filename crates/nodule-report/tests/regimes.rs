//! The tables in `docs/results/regimes`, worked out again from the numbers of the runs beside them, by
//! arithmetic of this file's own.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

/// A line of a table, by column.
type Line = BTreeMap<String, String>;

fn lines(table: &str) -> Vec<Line> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/results/regimes");
    let mut reader = csv::Reader::from_path(folder.join(format!("{table}.csv"))).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(line: &Line, column: &str) -> f64 {
    line[column].parse().unwrap()
}

/// The claims: what is measured, and the loss that cross-entropy is compared with.
const CLAIMS: [(&str, &str, &str); 4] = [
    ("R1", "shape reliance in spreads", "contrastive"),
    ("R2", "accuracy on shape-only", "contrastive"),
    ("R3", "shape reliance in spreads", "ce+contrastive"),
    ("R4", "shape reliance in spreads", "supcon"),
];

/// Cross-entropy minus the other loss, by seed, at each number of images.
fn differences(varied: &[Line], measure: &str, other: &str) -> BTreeMap<u64, Vec<f64>> {
    let images = |line: &Line| -> u64 {
        let changed = line["variant"].strip_prefix("samples.train = ");
        // The study declares 4,096; its variants say otherwise.
        changed.map_or(4096, |rest| {
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
    let (varied, along) = (lines("varied"), lines("along"));
    for (id, measure, other) in CLAIMS {
        let found = differences(&varied, measure, other);
        assert_eq!(found.len(), 6, "{id}");
        for (size, by_seed) in found {
            assert_eq!(by_seed.len(), 20, "{id} at {size}");
            let said = along.iter().find(|line| {
                line["id"] == id
                    && line["compared_at"] == "end"
                    && number(line, "value") == size as f64
            });
            let said = said.unwrap();
            assert!(
                (number(said, "effect") - mean(&by_seed)).abs() < 1e-6,
                "{id} at {size}"
            );
            assert!(
                number(said, "ci_low") <= mean(&by_seed)
                    && mean(&by_seed) <= number(said, "ci_high")
            );
        }
    }
}

#[test]
fn trends_are_the_slopes_over_doublings() {
    let (varied, trends) = (lines("varied"), lines("trends"));
    for (trend, (id, measure, other)) in trends.iter().zip(CLAIMS) {
        assert_eq!(trend["of"], id);
        let found = differences(&varied, measure, other);
        // Six places one doubling apart: weights of the line are -5/35, -3/35, ... 5/35 of half a doubling.
        let slopes = (0..20).map(|seed| {
            let weighted = found.values().zip([-5.0, -3.0, -1.0, 1.0, 3.0, 5.0]);
            weighted
                .map(|(by_seed, weight)| by_seed[seed] * weight)
                .sum::<f64>()
                / 35.0
        });
        let slope = mean(&slopes.collect::<Vec<_>>());
        assert!(
            (number(trend, "slope") - slope).abs() < 1e-6,
            "{id}: {slope} {trend:?}"
        );
        assert_eq!(trend["n"], "20");
    }
}

#[test]
fn the_document_says_what_the_tables_say() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/results.md");
    let document = std::fs::read_to_string(path).unwrap();
    for line in lines("along") {
        let of = |column: &str| nodule_study::text::number(number(&line, column));
        let cell = format!("{} [{}, {}]", of("effect"), of("ci_low"), of("ci_high"));
        assert!(document.contains(&cell), "{cell}: {line:?}");
    }
}
