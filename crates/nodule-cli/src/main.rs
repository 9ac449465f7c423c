//! The command line `nodule`: parses arguments, calls the libraries, and turns an error into one message and an exit
//! code.
//!
//! Exit codes: 0 done; 1 a run failed; 2 invalid input; 130 and 143 stopped by SIGINT or SIGTERM.

// A reader may close the pipe: print.rs handles that.
#![warn(clippy::print_stdout, clippy::print_stderr)]

mod commands;
mod exit;
mod memory;
mod numbers;
mod print;
mod signals;
mod threads;

use std::process::ExitCode;

use clap::Parser;

/// Every training step allocates and frees large tensors. This allocator keeps their memory; the system's returns
/// it, and page faults would take a fifth of the training time.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    if let Some(code) = threads::restart_with_thread_limits() {
        return code;
    }
    let command = match commands::Cli::try_parse() {
        Ok(command) => command,
        Err(error) => return exit::report_parse_error(&error),
    };
    match command.run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => exit::report_error(&error),
    }
}
