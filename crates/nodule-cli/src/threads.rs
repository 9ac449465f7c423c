//! Limits on Candle's threads, set in the environment before Candle starts any.
//!
//! Candle runs large elementwise operations on one pool per process, whose threads spin while they wait. Parallel
//! runs contend for it and lose a third of their speed. This program parallelises over runs and images instead, so
//! that pool gets one thread. For each matrix product Candle determines the number of threads; if no variable sets
//! it, Candle reads the system's description of every processor each time. Both numbers come from the environment,
//! and changing the environment of a running program needs unsafe code, so the program restarts itself with the
//! variables set.

use std::process::{Command, ExitCode};

const ELEMENTWISE: &str = "CANDLE_NUM_THREADS";
const PRODUCTS: &str = "RAYON_NUM_THREADS";
/// Names of the variables that this program set.
const SET_BY_PROGRAM: &str = "NODULE_SETTLED";

/// Restarts the program with limited Candle threads. Returns `None` if the variables are already set or the restart
/// failed, else the exit code of the restarted program.
pub(crate) fn restart_with_thread_limits() -> Option<ExitCode> {
    if std::env::var_os(ELEMENTWISE).is_some() {
        return None;
    }
    let mut set = vec![SET_BY_PROGRAM, ELEMENTWISE];
    let mut command = Command::new(std::env::current_exe().ok()?);
    command
        .args(std::env::args_os().skip(1))
        .env(ELEMENTWISE, "1");
    if std::env::var_os(PRODUCTS).is_none() {
        let cores = std::thread::available_parallelism().ok()?;
        command.env(PRODUCTS, cores.to_string());
        set.push(PRODUCTS);
    }
    command.env(SET_BY_PROGRAM, set.join(","));
    replace_process(&mut command)
}

/// Returns the variables that this program set and the user did not. They describe this machine, so jobs on other
/// machines must not inherit them.
pub(crate) fn variables_set_by_program() -> Vec<String> {
    let names = std::env::var(SET_BY_PROGRAM).unwrap_or_default();
    let ours = [SET_BY_PROGRAM, ELEMENTWISE, PRODUCTS];
    names
        .split(',')
        .filter(|name| ours.contains(name))
        .map(str::to_owned)
        .collect()
}

/// Replaces this process by `command`, keeping its id, terminal and signals. If that fails, the caller continues
/// without the limits, only slower.
#[cfg(unix)]
fn replace_process(command: &mut Command) -> Option<ExitCode> {
    use std::os::unix::process::CommandExt;
    let _ = command.exec();
    None
}

#[cfg(not(unix))]
fn replace_process(command: &mut Command) -> Option<ExitCode> {
    let status = command.status().ok()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Some(ExitCode::from(code.unwrap_or(1)))
}
