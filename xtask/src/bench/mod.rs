//! `cargo xtask bench`: our training step beside stock Candle's and PyTorch's, our generator beside
//! NumPy's, in turns, so that a busy neighbour slows all of them alike.

mod contenders;
mod machine;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::Args;

use crate::process::{cargo, root, run, target};
use contenders::{Contender, contenders};
use machine::Machine;

const EXAMPLES: &str = "Examples:
  cargo xtask bench
  cargo xtask bench --python venv/bin/python     beside PyTorch and NumPy too

Writes bench.json beside the table that it prints. Compare within one table only: the machine
is never the same twice.";

/// Time training and the generator beside PyTorch, stock Candle and NumPy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// A Python that has torch and numpy
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Times each is measured; the median counts
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Where to write the medians, by default bench.json where cargo builds
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

impl Bench {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.rounds == 0 {
            bail!("--rounds is 0; it must be at least 1");
        }
        build()?;
        let release = target().join("release");
        let machine = Machine::look(&release, self.python.as_deref())?;
        let contenders = contenders(&release, self.python.as_deref());
        let mut rates = vec![Vec::new(); contenders.len()];
        for round in 1..=self.rounds {
            for (contender, rates) in contenders.iter().zip(&mut rates) {
                eprintln!("round {round} of {}: {}", self.rounds, contender.name);
                rates.push(contender.rate()?);
            }
        }
        let medians: Vec<f64> = rates.into_iter().map(median).collect();
        print_table(&machine, &contenders, &medians);
        let path = self.out.clone();
        let path = path.unwrap_or_else(|| target().join("bench.json"));
        std::fs::write(&path, json(&machine, &contenders, &medians))
            .with_context(|| format!("{}", path.display()))?;
        eprintln!("{}", path.display());
        Ok(ExitCode::SUCCESS)
    }
}

fn build() -> anyhow::Result<()> {
    let build = [
        "build",
        "--locked",
        "--release",
        "-p",
        "nodule-cli",
        "-p",
        "nodule-train",
        "--bins",
        "--examples",
    ];
    if !run(cargo().args(build).current_dir(root()))?.success() {
        bail!("the build failed");
    }
    Ok(())
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

fn print_table(machine: &Machine, contenders: &[Contender], medians: &[f64]) {
    for (what, value) in machine.facts() {
        println!("{what}: {value}");
    }
    println!("\n| what | images/s (median) |\n|---|---|");
    for (contender, rate) in contenders.iter().zip(medians) {
        println!("| {} | {rate:.0} |", contender.name);
    }
}

fn json(machine: &Machine, contenders: &[Contender], medians: &[f64]) -> String {
    let facts = machine.facts().into_iter();
    let facts: Vec<_> = facts.map(|(k, v)| format!("  \"{k}\": \"{v}\"")).collect();
    let rows = contenders.iter().zip(medians);
    let rows = rows.map(|(c, rate)| {
        format!(
            "    {{\"name\": \"{}\", \"images_per_s\": {rate:.1}}}",
            c.name
        )
    });
    let rows: Vec<_> = rows.collect();
    format!(
        "{{\n{},\n  \"medians\": [\n{}\n  ]\n}}\n",
        facts.join(",\n"),
        rows.join(",\n")
    )
}
