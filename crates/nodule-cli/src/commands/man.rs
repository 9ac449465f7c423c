//! `nodule man`: a page of the manual for every command.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_mangen::generate_to;
use nodule_study::files::create_folder;

use super::Cli;
use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule man --out ~/.local/share/man/man1 && man nodule-study-run
  nodule man --out man && man man/nodule.1";

/// Write the manual, a page for every command.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Manual {
    /// Folder to write to; pages of the same name are replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Manual {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        create_folder(&self.out)?;
        let written = generate_to(Cli::command(), &self.out);
        written.with_context(|| format!("{}: cannot be written to", self.out.display()))?;
        line(self.out.join("nodule.1").display())
    }
}
