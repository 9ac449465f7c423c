//! `nodule battery export | measure`, one file each.

mod export;
mod measure;

use clap::Subcommand;

const EXAMPLES: &str = "Examples:
  nodule battery export --study quick --out battery
  nodule battery measure --battery battery --predictions mine.npz --name mine --out results/mine";

/// Evaluate an external model: export test images, import its predictions.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Battery {
    Export(export::Export),
    Measure(measure::Measure),
}

impl Battery {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        match self {
            Self::Export(command) => command.run(),
            Self::Measure(command) => command.run(),
        }
    }
}
