//! The command line: `nodule synth`, `nodule train`, `nodule evaluate`, `nodule study`.
//!
//! It parses, dispatches, and turns an error into one message and an exit code: 0 done, 1 a run
//! failed, 2 the user's input is wrong. Everything else lives in the crates below it.

mod commands;
mod exit;
mod single_thread;

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    if let Some(code) = single_thread::restart() {
        return code;
    }
    match commands::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}
