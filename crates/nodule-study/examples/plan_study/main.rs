//! Loads a study, plans it and prints its runs: `cargo run -p nodule-study --example plan_study [STUDY]`.
//!
//! STUDY is a study file or the name of a built-in study; without it, the `study.toml` beside this program.

use nodule_study::plan::estimate_cost;
use nodule_study::{Error, Registry, load_study, plan};

fn main() {
    let default = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/examples/plan_study/study.toml"
    );
    let study = std::env::args().nth(1);
    if let Err(error) = print_plan(study.as_deref().unwrap_or(default)) {
        eprintln!("error: {error}");
        std::process::exit(2);
    }
}

fn print_plan(study: &str) -> Result<(), Error> {
    let resolved = load_study(study, &Registry::default())?;
    let runs = plan(&resolved, "cpu");
    for run in &runs {
        println!("{}  {}", run.id, run.title());
    }
    let cost = estimate_cost(&resolved, &runs.iter().collect::<Vec<_>>(), 1);
    println!("{} runs, {} training images", runs.len(), cost.images);
    Ok(())
}
