//! The commands, one a file.

mod battery;
mod bench;
mod evaluate;
mod explain;
mod sanity;
mod study;
mod synth;
mod train;

use clap::{Parser, Subcommand};

/// Which features does a loss make a network learn, and what does that cost elsewhere?
///
/// Synthetic lung nodules with controlled shape and texture, a network, losses, and the evidence:
/// counterfactual reliance, accuracy on other distributions, verdicts.
#[derive(Debug, Parser)]
#[command(name = "nodule", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
}

const EXAMPLES: &str = "Examples:
  nodule study run --study quick                        run a built-in study into results/quick
  nodule study plan --study my-study.toml               what a study would run
  nodule study report --out results/quick               make the report again
  nodule synth --distribution both --n 100 --out images 100 nodules as npz with labels.csv

Exit codes: 0 done; 1 a run failed; 2 the input is wrong; 130 or 143 stopped by Ctrl-C or SIGTERM.";

#[derive(Debug, Subcommand)]
enum Command {
    /// Draw nodules from a distribution and export them.
    Synth(synth::Synth),
    /// Train and measure one run of a study.
    Train(train::Train),
    /// Measure a finished run on a distribution of your choice.
    Evaluate(evaluate::Evaluate),
    /// Show which pixels a finished run decides by.
    Explain(explain::Explain),
    /// Compare maps before and after layers are made random.
    Sanity(sanity::Sanity),
    /// Ask any model what our networks are asked: images as files, answers as files.
    #[command(subcommand)]
    Battery(battery::Battery),
    /// Time the parts that take the time.
    #[command(subcommand)]
    Bench(bench::Bench),
    /// Plan, run, watch and report whole studies.
    #[command(subcommand)]
    Study(study::Study),
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self.command {
            Command::Synth(command) => command.run(),
            Command::Train(command) => command.run(),
            Command::Evaluate(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Sanity(command) => command.run(),
            Command::Battery(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Study(command) => command.run(),
        }
    }
}
