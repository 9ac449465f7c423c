//! A study with an own loss and network, from its file to the report:
//! `cargo run --release -p nodule-run --example own_study [STUDY.toml [FOLDER]]`.

mod focal;
mod perceptron;

use std::path::Path;

use nodule_analysis::verdict_lines;
use nodule_report::summarise;
use nodule_run::{Error, Execution, Models, build_showcase, execute};
use nodule_study::{load_study, open_output, plan, plan_grid};

use focal::Focal;
use perceptron::Perceptron;

fn main() {
    if let Err(error) = run() {
        eprintln!("error: {error}");
        std::process::exit(if error.is_input() { 2 } else { 1 });
    }
}

fn run() -> Result<(), Error> {
    let default = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/own_study/study.toml");
    let mut arguments = std::env::args().skip(1);
    let study = arguments.next().unwrap_or_else(|| default.to_owned());
    let out = arguments.next().unwrap_or_else(|| "results/own".to_owned());

    let models = Models::default()
        .with_loss::<Focal>()
        .with_network::<Perceptron>();
    let study = load_study(&study, models.registry())?;
    let output = open_output(Path::new(&out), &study, models.registry())?;
    let runs = plan(&study, "cpu");
    execute(&study, &runs, &output, &models, &Execution::default())?;

    let specs = plan_grid(&study, "cpu");
    let runs = output.read_complete_runs(&study, &specs)?;
    let showcase = build_showcase(&study, &specs, &runs, &output, &models)?;
    let summary = summarise(&study, "cpu", &output, &runs, &showcase)?;
    println!("{}", verdict_lines(&summary.verdicts));
    println!("{}", summary.report.display());
    Ok(())
}
