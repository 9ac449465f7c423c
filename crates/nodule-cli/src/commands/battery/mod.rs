//! `nodule battery export | measure`, each in a file of its own.

mod export;
mod measure;

use clap::Subcommand;

/// The test battery, for models that were trained elsewhere.
#[derive(Debug, Subcommand)]
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
