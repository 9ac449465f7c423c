//! Tasks of the workspace: `cargo xtask reproduce | ci | bench | golden | torture | supply-chain | fuzz |
//! package | features | wheel | python`.
//!
//! Thin on purpose: it builds and calls `nodule`, `cargo` and scripts, and depends on none of the
//! crates.

mod bench;
mod ci;
mod cuda_check;
mod features;
mod fuzz;
mod golden;
mod package;
mod process;
mod python;
mod reproduce;
mod supply_chain;
mod tidy;
mod torture;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Tasks of the workspace", version)]
struct Cli {
    #[command(subcommand)]
    task: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Run a study from end to end and print its verdicts
    Reproduce(reproduce::Reproduce),
    /// Run every check, the cheapest first
    Ci(ci::Ci),
    /// Time training and the generator beside PyTorch, stock Candle and NumPy
    Bench(bench::Bench),
    /// Make the golden vectors again with PyTorch, captum, scipy, scikit-image and scikit-learn
    Golden(golden::Golden),
    /// Pack every library crate, and build outside programs on the packages
    Package(package::Package),
    /// Type-check every library with each choice of features, and with the oldest Rust
    Features,
    /// Kill a small study at random moments, and see that it always ends with the same bytes
    Torture(torture::Torture),
    /// Check conventions that no compiler checks: structure, file sizes, names and language
    Tidy(tidy::Tidy),
    /// Check where dependencies come from and what their licences allow
    SupplyChain(supply_chain::SupplyChain),
    /// Build the Python package's wheel
    Wheel(python::Wheel),
    /// Check the Python package, and run every snippet of docs/python.md
    Python(python::Python),
    /// Feed damaged inputs to every parser, and keep what breaks one
    Fuzz(fuzz::Fuzz),
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Reproduce(task) => task.run(),
        Task::Ci(task) => task.run(),
        Task::Bench(task) => task.run(),
        Task::Golden(task) => task.run(),
        Task::Package(task) => task.run(),
        Task::Features => features::features(),
        Task::Torture(task) => task.run(),
        Task::Tidy(task) => task.run(),
        Task::SupplyChain(task) => task.run(),
        Task::Wheel(task) => task.run(),
        Task::Python(task) => task.run(),
        Task::Fuzz(task) => task.run(),
    };
    match result {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(2)
        }
    }
}
