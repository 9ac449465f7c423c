//! Tasks of the workspace, as subcommands of `cargo xtask`.
//!
//! A task builds and calls `nodule`, `cargo` and scripts; xtask depends on no crate of the workspace.

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

use process::Failed;

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
    /// Benchmark training and the generator against PyTorch, JAX, Burn, stock Candle and NumPy
    Bench(bench::Bench),
    /// Regenerate the golden vectors with PyTorch, captum, scipy, scikit-image and scikit-learn
    Golden(golden::Golden),
    /// Package every library crate, and build external programs with the packages
    Package(package::Package),
    /// Type-check every library with each combination of features, and with the oldest supported Rust
    Features,
    /// Kill a small study at random moments, and check that it always ends with the same bytes
    Torture(torture::Torture),
    /// Check conventions that no compiler checks: structure, file sizes, names and language
    Tidy(tidy::Tidy),
    /// Check the sources and licences of dependencies
    SupplyChain(supply_chain::SupplyChain),
    /// Build the wheel of the Python package
    Wheel(python::Wheel),
    /// Test the Python package and run the snippets of docs/python.md
    Python(python::Python),
    /// Fuzz every parser with damaged inputs, and keep inputs that crash one
    Fuzz(fuzz::Fuzz),
}

fn main() -> ExitCode {
    let result = match Cli::parse().task {
        Task::Reproduce(task) => task.run(),
        Task::Ci(task) => task.run(),
        Task::Bench(task) => task.run(),
        Task::Golden(task) => task.run(),
        Task::Package(task) => task.run(),
        Task::Features => features::check_features(),
        Task::Torture(task) => task.run(),
        Task::Tidy(task) => task.run(),
        Task::SupplyChain(task) => task.run(),
        Task::Wheel(task) => task.run(),
        Task::Python(task) => task.run(),
        Task::Fuzz(task) => task.run(),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => match error.downcast_ref::<Failed>() {
            Some(Failed(code)) => ExitCode::from(*code),
            None => {
                eprintln!("error: {error:#}");
                ExitCode::from(2)
            }
        },
    }
}
