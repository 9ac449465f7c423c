//! `nodule completions`: what a shell completes the commands with.

use std::io::Write;

use clap::{Args, CommandFactory};
use clap_complete::{Shell, generate};

use super::Cli;
use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule completions bash > ~/.local/share/bash-completion/completions/nodule
  nodule completions zsh > ~/.zfunc/_nodule
  nodule completions fish > ~/.config/fish/completions/nodule.fish";

/// Print a script that completes commands and options in a shell.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Completions {
    /// Whose
    #[arg(value_enum)]
    shell: Shell,
}

impl Completions {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let mut script = Vec::new();
        generate(self.shell, &mut Cli::command(), "nodule", &mut script);
        script.flush()?;
        line(String::from_utf8_lossy(&script).trim_end())
    }
}
