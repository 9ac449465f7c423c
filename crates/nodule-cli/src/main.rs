//! The command line: `nodule synth | train | evaluate | explain | sanity | battery | bench | study`.
//!
//! It parses, dispatches, and turns an error into one message and an exit code: 0 done, 1 a run
//! failed, 2 the user's input is wrong, 130 and 143 stopped by a signal. Everything else lives in the
//! crates below it.

// Whoever reads what is said may leave: print.rs knows what to do then.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod bench;
mod budget;
mod commands;
mod exit;
mod print;
mod signals;
mod threads;

use std::process::ExitCode;

use clap::Parser;

/// Large tensors come and go at every step. This allocator keeps their memory; the system's would
/// give it back, and a fifth of the training time would go into page faults.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(code) = threads::one_candle_thread() {
        return code;
    }
    let command = match commands::Cli::try_parse() {
        Ok(command) => command,
        Err(error) => return exit::report_parsing(&error),
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}
