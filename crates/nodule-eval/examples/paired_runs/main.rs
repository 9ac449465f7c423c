//! Statistics of paired runs: reads a CSV with the columns claim, seed, first and second, and prints for each claim the
//! mean difference, its interval, effect size, sign-flip p value and Holm's corrected p value.
//!
//! `cargo run --release -p nodule-eval --example paired_runs -- [RUNS.csv [ALPHA]]`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;

use nodule_eval::statistics::{bootstrap_mean, cohen_dz, holm, mean_sd, sign_flip_test};

const RESAMPLES: usize = 10_000;
const SEED: u64 = 7;

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// Runs the program with command-line arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/paired_runs/runs.csv");
    let file = arguments.next().unwrap_or_else(|| default.to_owned());
    let alpha: f64 = arguments.next().map_or(Ok(0.05), |alpha| alpha.parse())?;

    let claims = read_differences(&file)?;
    let p: Vec<f64> = claims
        .values()
        .map(|differences| sign_flip_test(differences))
        .collect::<Result<Option<_>, _>>()?
        .unwrap_or_default();
    let corrected = holm(&p)?;
    writeln!(out, "claim,n,mean,low,high,dz,p,p_holm,holds")?;
    for (((claim, differences), p), p_holm) in claims.iter().zip(p).zip(corrected) {
        let Some(mean) = mean_sd(differences)?.map(|found| found.mean) else {
            continue;
        };
        let format = |value: Option<f64>| value.map_or("none".to_owned(), |v| format!("{v:.4}"));
        let interval = bootstrap_mean(differences, RESAMPLES, SEED)?;
        let (low, high) = (interval.map(|i| i.low), interval.map(|i| i.high));
        let dz = cohen_dz(differences)?;
        let holds = p_holm < alpha && mean > 0.0;
        writeln!(
            out,
            "{claim},{},{mean:.4},{},{},{},{p:.4},{p_holm:.4},{holds}",
            differences.len(),
            format(low),
            format(high),
            format(dz),
        )?;
    }
    Ok(())
}

/// Reads the differences (first minus second) of each claim.
fn read_differences(file: &str) -> Result<BTreeMap<String, Vec<f64>>, Box<dyn Error>> {
    let mut claims: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    let mut reader = csv::Reader::from_path(file)?;
    for row in reader.deserialize() {
        let (claim, _, first, second): (String, u64, f64, f64) = row?;
        claims.entry(claim).or_default().push(first - second);
    }
    Ok(claims)
}
