//! The command line: `nodule synth | train | evaluate | explain | sanity | bench | study`.
//!
//! It parses, dispatches, and turns an error into one message and an exit code: 0 done, 1 a run
//! failed, 2 the user's input is wrong. Everything else lives in the crates below it.

mod bench;
mod commands;
mod exit;
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
    match commands::Cli::parse().run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report(&error),
    }
}
