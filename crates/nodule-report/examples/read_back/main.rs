//! Reads a folder of results and prints the mean accuracy over training seeds by training distribution, loss and test
//! set, and the verdict of each claim:
//! `cargo run --release -p nodule-report --example read_back -- results/quick [READ-OUT]`.

use std::collections::BTreeMap;
use std::error::Error;
use std::io::Write;

use nodule_analysis::{judge, verdict_lines};
use nodule_eval::statistics::mean_sd;
use nodule_eval::{Metric, ReadOut};
use nodule_study::{Registry, plan_grid, read_output};

fn main() -> Result<(), Box<dyn Error>> {
    run(std::env::args().skip(1), &mut std::io::stdout())
}

/// Runs the program with these arguments.
pub(crate) fn run(
    mut arguments: impl Iterator<Item = String>,
    out: &mut impl Write,
) -> Result<(), Box<dyn Error>> {
    let folder = arguments.next().ok_or("FOLDER is missing")?;
    let read_out = arguments.next().unwrap_or_else(|| "centroid".to_owned());
    let read_out: ReadOut = read_out.parse()?;

    let (output, resolved) = read_output(folder.as_ref(), &Registry::default())?;
    let specs = plan_grid(&resolved, "cpu");
    let runs = output.read_complete_runs(&resolved, &specs)?;
    writeln!(out, "{} of {} runs are finished", runs.len(), specs.len())?;

    let mut accuracies: BTreeMap<[&str; 3], Vec<f64>> = BTreeMap::new();
    for run in &runs {
        let tests = run.read_out(read_out).into_iter().flat_map(|m| &m.tests);
        for test in tests {
            let place = [&*run.record.train, &*run.record.loss, &*test.test];
            let accuracy = test.metrics.value(Metric::Accuracy);
            accuracies.entry(place).or_default().extend(accuracy);
        }
    }
    writeln!(out, "train,loss,test,n,accuracy")?;
    for ([train, loss, test], values) in accuracies {
        if let Some(mean) = mean_sd(&values)?.map(|found| found.mean) {
            writeln!(out, "{train},{loss},{test},{},{mean:.3}", values.len())?;
        }
    }
    writeln!(out, "{}", verdict_lines(&judge(&resolved.study, &runs)?))?;
    Ok(())
}
