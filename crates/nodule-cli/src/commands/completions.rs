//! `nodule completions`: completion scripts for shells.

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;
use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule completions bash > ~/.local/share/bash-completion/completions/nodule
  nodule completions zsh > ~/.zfunc/_nodule
  nodule completions fish > ~/.config/fish/completions/nodule.fish";

/// Print a completion script for a shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Shell that the script is for
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "nodule", &mut script);
        print_line(String::from_utf8_lossy(&script).trim_end())
    }
}
