//! The commands, one a file.

mod battery;
mod bench;
mod completions;
mod evaluate;
mod explain;
mod man;
mod sanity;
mod sources;
mod study;
mod synth;
mod train;

use clap::{Args, Parser, Subcommand};

use nodule_run::Talk;

use crate::print::be_quiet;

/// Which features does a loss make a network learn, and what does that cost elsewhere?
///
/// Synthetic lung nodules with controlled shape and texture, a network, losses, and the evidence:
/// counterfactual reliance, accuracy on other distributions, verdicts.
#[derive(Debug, Parser)]
#[command(name = "nodule", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    said: Said,
}

// How much is said while it works. (Not for the help: it would take the place of what a command is for.)
#[derive(Debug, Args)]
struct Said {
    /// Say nothing but results and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Say what every epoch came to
    #[arg(long, short, global = true)]
    verbose: bool,
}

impl Said {
    fn talk(&self) -> Talk {
        match (self.quiet, self.verbose) {
            (true, _) => Talk::Quiet,
            (_, true) => Talk::Epochs,
            _ => Talk::Runs,
        }
    }
}

const EXAMPLES: &str = "Examples:
  nodule study run --study quick                        run a built-in study into results/quick
  nodule study plan --study my-study.toml               what a study would run
  nodule study report --out results/quick               make the report again
  nodule synth --distribution both --n 100 --out images  100 nodules as npz with labels.csv

Results go to standard output, progress and complaints to standard error. NO_COLOR is respected.
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
    /// Print a script that completes commands and options in a shell.
    Completions(completions::Completions),
    /// Write the manual, a page for every command.
    Man(man::Manual),
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let talk = self.said.talk();
        if talk == Talk::Quiet {
            be_quiet();
        }
        match self.command {
            Command::Synth(command) => command.run(),
            Command::Train(command) => command.run(talk),
            Command::Evaluate(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Sanity(command) => command.run(),
            Command::Battery(command) => command.run(),
            Command::Bench(command) => command.run(),
            Command::Study(command) => command.run(talk),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    use super::Cli;

    /// Every command and those below it.
    fn all(command: Command) -> Vec<Command> {
        let below: Vec<_> = command.get_subcommands().cloned().collect();
        let below = below.into_iter().flat_map(all);
        below.chain([command.clone()]).collect()
    }

    /// The command lines of the examples that stand below a command's help.
    fn examples(command: &Command) -> Vec<String> {
        let text = command.get_after_help().map(ToString::to_string);
        let text = text.unwrap_or_default();
        let lines = text
            .lines()
            .filter_map(|line| line.strip_prefix("  nodule "));
        // Behind a pipe, or two spaces, follows what is no argument.
        let ends = ["  ", " | ", " > ", " && "];
        let arguments = lines.map(|line| {
            let end = ends.iter().filter_map(|end| line.find(end)).min();
            line[..end.unwrap_or(line.len())].to_owned()
        });
        arguments.collect()
    }

    #[test]
    fn every_command_has_examples_and_every_example_is_a_command() {
        Cli::command().debug_assert();
        for command in all(Cli::command()) {
            let name = command.get_name();
            let found = examples(&command);
            let of_group = ["train-step", "generate", "peak"];
            assert!(!found.is_empty() || of_group.contains(&name), "{name}");
            for example in found {
                let words = example.split(' ').filter(|word| !word.is_empty());
                let parsed =
                    Cli::command().try_get_matches_from(["nodule"].into_iter().chain(words));
                assert!(parsed.is_ok(), "{name}: {example}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn every_option_says_what_it_is() {
        for command in all(Cli::command()) {
            for argument in command.get_arguments() {
                assert!(
                    argument.get_help().is_some(),
                    "{} {}",
                    command.get_name(),
                    argument.get_id()
                );
            }
        }
    }
}
