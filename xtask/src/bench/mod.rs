//! `cargo xtask bench`: our training step beside PyTorch's, JAX's, Burn's and stock Candle's, our generator
//! beside NumPy's, in turns, so that a busy neighbour slows all of them alike.

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
use compare::{Row, comparisons, shares};
use contenders::{Contender, What, contenders};
use json::json;
use machine::Machine;
use programs::Programs;
use table::print_table;

const EXAMPLES: &str = "Examples:
  cargo xtask bench
  cargo xtask bench --python venv/bin/python          beside PyTorch, NumPy, and JAX if it is there
  cargo xtask bench --python venv/bin/python --burn   beside Burn too: minutes to build

Writes bench.json beside the tables that it prints. Compare within one run only: the machine
is never the same twice.";

/// Time training and the generator beside PyTorch, JAX, Burn, stock Candle and NumPy.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// A Python that has torch and numpy, and jax if it is to be measured
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Build and time Burn too
    #[arg(long)]
    burn: bool,
    /// The widest vectors that anybody may use
    #[arg(long, value_enum, default_value_t = Vectors::Widest)]
    vectors: Vectors,
    /// Times each is measured; the median counts
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Only rows that hold this text, as the progress names them
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Where to write all rates, by default bench.json where cargo builds
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// How wide vectors may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Vectors {
    /// What each program chooses by itself
    Widest,
    /// 256 bits at most, as on most laptops
    Avx2,
}

impl Bench {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        if self.rounds == 0 {
            bail!("--rounds is 0; it must be at least 1");
        }
        if self.vectors == Vectors::Avx2 && !cfg!(target_arch = "x86_64") {
            bail!("--vectors avx2 is for x86-64 processors; this one is of another kind");
        }
        let built = build(self.burn, self.vectors)?;
        let machine = Machine::look(&built, self.python.as_deref(), self.vectors)?;
        let mut contenders = contenders(&built, self.python.as_deref(), &machine, self.vectors);
        if let Some(text) = &self.only {
            let named = |contender: &Contender| contender.to_string().contains(text);
            if !contenders.iter().any(named) {
                bail!(
                    "--only is {text}; it must be part of a row's name, such as PyTorch or residual"
                );
            }
            // The peak is what a share is of, whoever is timed.
            contenders.retain(|contender| named(contender) || contender.what == What::Peak);
        }
        let rows = self.measure(contenders)?;
        let (comparisons, shares) = (comparisons(&rows), shares(&rows));
        print_table(&machine, &rows, &comparisons, &shares);
        let path = self.out.clone();
        let path = path.unwrap_or_else(|| target().join("bench.json"));
        let text = json(&machine, &rows, &comparisons, &shares);
        std::fs::write(&path, text).with_context(|| format!("{}", path.display()))?;
        eprintln!("{}", path.display());
        Ok(ExitCode::SUCCESS)
    }

    /// Every contender in every round. One that cannot be measured says so, and is not asked again.
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
        let broken = |row: &&Row| row.missing.is_some() && row.contender.must_run;
        if let Some(row) = rows.iter().find(broken) {
            let reason = row.missing.as_deref().unwrap_or_default();
            bail!("{}: {reason}", row.contender);
        }
        Ok(rows)
    }
}
