//! `cargo xtask bench`: throughput of training steps and of the generator against PyTorch, JAX, Burn, stock Candle and
//! NumPy. All programs are measured in turns, so that other load on the machine affects them alike.

mod build;
mod compare;
mod contenders;
mod json;
mod machine;
mod programs;
mod table;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, bail};
use clap::{Args, ValueEnum};

use crate::process::target;
use build::build;
use compare::{Row, comparisons, utilisations};
use contenders::{Contender, Task, list_contenders};
use json::to_json;
use machine::Machine;
use programs::Programs;
use table::print_table;

const EXAMPLES: &str = "Examples:
  cargo xtask bench
  cargo xtask bench --python venv/bin/python          also PyTorch, NumPy, and JAX if installed
  cargo xtask bench --python venv/bin/python --burn   also Burn, which takes minutes to build

Prints tables and writes bench.json. Compare rates within one run only, since the load of a machine varies.";

/// Benchmark training and the generator against PyTorch, JAX, Burn, stock Candle and NumPy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// Python with torch and numpy, and jax if it is to be measured
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Also build and measure Burn
    #[arg(long)]
    burn: bool,
    /// Widest vectors that any program may use
    #[arg(long, value_enum, default_value_t = Vectors::Widest)]
    vectors: Vectors,
    /// Number of measurements of each program; the median counts
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Only rows whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// File for all rates [default: bench.json in cargo's target folder]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Limit on the width of vectors.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Vectors {
    /// No limit: each program chooses
    Widest,
    /// 256 bits at most, as on most laptops
    Avx2,
}

impl Bench {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.rounds == 0 {
            bail!("--rounds = 0: must be at least 1");
        }
        if self.vectors == Vectors::Avx2 && !cfg!(target_arch = "x86_64") {
            bail!("--vectors avx2: needs an x86-64 processor");
        }
        let built = build(self.burn, self.vectors)?;
        let machine = Machine::inspect(&built, self.python.as_deref(), self.vectors)?;
        let mut contenders =
            list_contenders(&built, self.python.as_deref(), &machine, self.vectors);
        if let Some(text) = &self.only {
            let matches = |contender: &Contender| contender.to_string().contains(text);
            if !contenders.iter().any(matches) {
                bail!("--only = {text}: must be part of a row's name, such as PyTorch or residual");
            }
            // Utilisation is relative to the machine's peak for every row.
            contenders.retain(|contender| matches(contender) || contender.task == Task::Peak);
        }
        let rows = self.measure(contenders)?;
        let (comparisons, utilisations) = (comparisons(&rows), utilisations(&rows));
        print_table(&machine, &rows, &comparisons, &utilisations);
        let path = self
            .out
            .clone()
            .unwrap_or_else(|| target().join("bench.json"));
        let text = to_json(&machine, &rows, &comparisons, &utilisations);
        std::fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        eprintln!("{}", path.display());
        Ok(ExitCode::SUCCESS)
    }

    /// Measures every contender in every round. A contender that fails is skipped in later rounds.
    fn measure(&self, contenders: Vec<Contender>) -> anyhow::Result<Vec<Row>> {
        let mut rows: Vec<Row> = contenders.into_iter().map(Row::new).collect();
        let mut programs = Programs::new(self.vectors);
        for round in 1..=self.rounds {
            for row in rows.iter_mut().filter(|row| row.missing.is_none()) {
                eprint!("round {round} of {}: {}: ", self.rounds, row.contender);
                match programs.rate(&row.contender) {
                    Ok(rate) => {
                        eprintln!("{rate:.0}");
                        row.rates.push(rate);
                    }
                    Err(reason) => {
                        eprintln!("not available: {reason}");
                        row.missing = Some(reason);
                    }
                }
            }
        }
        let is_broken = |row: &&Row| row.missing.is_some() && row.contender.must_run;
        if let Some(row) = rows.iter().find(is_broken) {
            let reason = row.missing.as_deref().unwrap_or_default();
            bail!("{}: {reason}", row.contender);
        }
        Ok(rows)
    }
}
