//! `nodule battery export | measure`, each in a file of its own.

mod export;
mod measure;

use clap::Subcommand;

const EXAMPLES: &str = "Examples:
  nodule battery export --study quick --out battery
  nodule battery measure --battery battery --answers answers.npz --name mine --out results/mine";

/// The test battery, for models that were trained elsewhere.
#[derive(Debug, Subcommand)]
#[command(after_help = EXAMPLES)]
pub(crate) enum Battery {
    /// Write the images of a study's battery as files that NumPy reads.
    Export(export::Export),
    /// Measure what models answered, and write tables, figures and a report.
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
