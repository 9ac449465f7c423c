//! Recomputes the claims of the studies in `docs/results` from the numbers of their runs: the study file declares the
//! claims, `varied.csv` has the numbers, `multiverse.csv` the reported effects.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nodule_study::Study;
use nodule_study::claims::{Contrast, PairedDifference};
use nodule_study::settings::parse_toml;

/// Folder, study file, prefix of its tables, and number of effects to recompute.
const COMMITTED: &[(&str, &str, &str, usize)] = &[
    ("learning-rate", "study.toml", "", 8),
    ("real-crops", "study.toml", "", 15),
    ("real-crops", "either.toml", "either-", 15),
];

type Line = BTreeMap<String, String>;

fn lines(path: &Path) -> Vec<Line> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(Result::unwrap).collect()
}

fn number(line: &Line, column: &str) -> f64 {
    line[column].parse().unwrap()
}

#[test]
fn every_effect_is_the_mean_of_the_differences_of_its_runs() {
    for (folder, study, prefix, expected) in COMMITTED {
        let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR"))
            .join("../../docs/results")
            .join(folder);
        let text = fs::read_to_string(folder.join(study)).unwrap();
        let study: Study = parse_toml(&text, study).unwrap();
        let varied = lines(&folder.join(format!("{prefix}varied.csv")));
        let reported = lines(&folder.join(format!("{prefix}multiverse.csv")));
        let by_seed = |variant: &str, loss: &str, measure: &str| -> BTreeMap<String, f64> {
            let own = varied.iter().filter(|line| {
                line["variant"] == variant && line["loss"] == loss && line["measure"] == measure
            });
            let pair = |line: &Line| (line["seed"].clone(), number(line, "value"));
            own.map(pair).collect()
        };
        let mut found = 0;
        for line in reported.iter().filter(|line| line["readout"] == "centroid") {
            let mut claims = study.hypotheses.iter();
            let claim = claims.find(|claim| claim.id == line["id"]).unwrap();
            let Contrast::PairedDifference(PairedDifference { endpoint, a, b }) = &claim.contrast
            else {
                continue;
            };
            // These tables were written when SD units were called spreads.
            let measure = endpoint.title().replace("SD units", "spreads");
            let values = |loss: &str| by_seed(&line["variant"], loss, &measure);
            let (a, b) = (values(&a.loss), values(&b.loss));
            if a.is_empty() {
                continue;
            }
            let differences: Vec<f64> = a.iter().map(|(seed, value)| value - b[seed]).collect();
            let mean = differences.iter().sum::<f64>() / differences.len() as f64;
            assert_eq!(differences.len().to_string(), line["n"], "{line:?}");
            assert!(
                (number(line, "effect") - mean).abs() < 1e-6,
                "{mean} {line:?}"
            );
            assert!(number(line, "ci_low") <= mean && mean <= number(line, "ci_high"));
            found += 1;
        }
        assert_eq!(found, *expected, "{}", folder.display());
    }
}
