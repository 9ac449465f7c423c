//! The commands of `nodule`, one per file.

mod battery;
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

use nodule_run::Verbosity;

use crate::print::set_quiet;

/// Measure which features a network learns under different losses, on synthetic lung nodules.
///
/// Generates nodules with controlled shape and texture, trains networks, and reports counterfactual reliance,
/// accuracy on other distributions, and tests of the study's claims.
#[derive(Debug, Parser)]
#[command(name = "nodule", version, after_help = EXAMPLES)]
pub(crate) struct Cli {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    verbosity: VerbosityArgs,
}

// Not a doc comment: clap would show it in place of the description of each command.
#[derive(Debug, Args)]
struct VerbosityArgs {
    /// Print only results and errors
    #[arg(long, short, global = true, conflicts_with = "verbose")]
    quiet: bool,
    /// Print the losses and the accuracy after every epoch
    #[arg(long, short, global = true)]
    verbose: bool,
}

impl VerbosityArgs {
    fn level(&self) -> Verbosity {
        match (self.quiet, self.verbose) {
            (true, _) => Verbosity::Quiet,
            (_, true) => Verbosity::Epochs,
            _ => Verbosity::Runs,
        }
    }
}

const EXAMPLES: &str = "Examples:
  nodule study run --study quick                         run a built-in study into results/quick
  nodule study plan --study my-study.toml                list the runs of a study
  nodule study report --out results/quick                write the report again
  nodule synth --distribution both --n 100 --out images  generate 100 nodules as npz with labels.csv

Results go to standard output, progress and errors to standard error. NO_COLOR is respected.
Exit codes: 0 done; 1 a run failed; 2 invalid input; 130 or 143 stopped by Ctrl-C or SIGTERM.";

/// The commands; the description of each is the doc comment of its type.
#[derive(Debug, Subcommand)]
enum Command {
    Synth(synth::Synth),
    Train(train::Train),
    Evaluate(evaluate::Evaluate),
    Explain(explain::Explain),
    Sanity(sanity::Sanity),
    #[command(subcommand)]
    Battery(battery::Battery),
    #[command(subcommand)]
    Study(study::Study),
    Completions(completions::Completions),
    Man(man::Man),
}

impl Cli {
    pub(crate) fn run(self) -> anyhow::Result<()> {
        let level = self.verbosity.level();
        if level == Verbosity::Quiet {
            set_quiet();
        }
        match self.command {
            Command::Synth(command) => command.run(),
            Command::Train(command) => command.run(level),
            Command::Evaluate(command) => command.run(),
            Command::Explain(command) => command.run(),
            Command::Sanity(command) => command.run(),
            Command::Battery(command) => command.run(),
            Command::Study(command) => command.run(level),
            Command::Completions(command) => command.run(),
            Command::Man(command) => command.run(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::any::TypeId;

    use clap::{Arg, Command, CommandFactory};

    use super::Cli;

    /// Returns a command and all its subcommands.
    fn flatten(command: Command) -> Vec<Command> {
        let subcommands: Vec<_> = command.get_subcommands().cloned().collect();
        let mut all: Vec<_> = subcommands.into_iter().flat_map(flatten).collect();
        all.push(command);
        all
    }

    /// Returns the command lines of the examples below a command's help, without what follows a pipe or two spaces.
    fn examples(command: &Command) -> Vec<String> {
        let text = command
            .get_after_help()
            .map(ToString::to_string)
            .unwrap_or_default();
        let ends = ["  ", " | ", " > ", " && "];
        text.lines()
            .filter_map(|line| line.strip_prefix("  nodule "))
            .map(|line| {
                let end = ends.iter().filter_map(|end| line.find(end)).min();
                line[..end.unwrap_or(line.len())].to_owned()
            })
            .collect()
    }

    #[test]
    fn every_command_has_a_description_and_examples_that_parse() {
        Cli::command().debug_assert();
        for command in flatten(Cli::command()) {
            let name = command.get_name();
            assert!(command.get_about().is_some(), "{name} has no description");
            let examples = examples(&command);
            assert!(!examples.is_empty(), "{name} has no examples");
            for example in examples {
                let words = example.split(' ').filter(|word| !word.is_empty());
                let parsed =
                    Cli::command().try_get_matches_from(["nodule"].into_iter().chain(words));
                assert!(parsed.is_ok(), "{name}: {example}: {}", parsed.unwrap_err());
            }
        }
    }

    #[test]
    fn every_option_has_a_description() {
        for command in flatten(Cli::command()) {
            for argument in command.get_arguments() {
                let (name, id) = (command.get_name(), argument.get_id());
                assert!(argument.get_help().is_some(), "{name} {id}");
            }
        }
    }

    #[test]
    fn a_bad_number_names_option_value_and_range() {
        const BAD_NUMBERS: [&str; 7] = [
            "-1",
            "-inf",
            "nan",
            "1e9",
            "99999999999999999999",
            "1_0",
            "",
        ];
        let numbers = [
            TypeId::of::<u8>(),
            TypeId::of::<u16>(),
            TypeId::of::<u32>(),
            TypeId::of::<u64>(),
            TypeId::of::<usize>(),
            TypeId::of::<f64>(),
        ];
        let mut count = 0;
        for command in flatten(Cli::command()) {
            let is_number = |argument: &&Arg| {
                let parsed = argument.get_value_parser().type_id();
                numbers.iter().any(|number| parsed == *number)
            };
            for argument in command.get_arguments().filter(is_number) {
                let (name, id) = (command.get_name(), argument.get_id());
                let alone = argument.clone().required(false);
                let alone = Command::new("alone")
                    .arg(Arg::new("other"))
                    .arg(alone.requires("other"));
                let option = format!("--{}", argument.get_long().unwrap());
                for value in BAD_NUMBERS {
                    let alone = alone.clone();
                    let parsed = alone.try_get_matches_from(["alone", &option, value]);
                    let message = parsed.unwrap_err().to_string();
                    let is_named = message.contains(&format!("'{value}' for '{option} "));
                    assert!(is_named, "{name} {id}: {message}");
                    assert!(message.contains(": must be "), "{name} {id}: {message}");
                }
                count += 1;
            }
        }
        assert!(count >= 15, "{count}");
    }
}
