//! `nodule man`: one manual page per command.

use std::path::PathBuf;

use anyhow::Context;
use clap::{Args, CommandFactory};
use clap_mangen::generate_to;
use nodule_study::files::create_folder;

use super::Cli;
use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule man --out ~/.local/share/man/man1 && man nodule-study-run
  nodule man --out man && man man/nodule.1";

/// Write manual pages for all commands.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Man {
    /// Folder to write to; existing pages are replaced
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Man {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        create_folder(&self.out)?;
        generate_to(Cli::command(), &self.out)
            .with_context(|| format!("cannot write to {}", self.out.display()))?;
        print_line(self.out.join("nodule.1").display())
    }
}
