//! Settles how many threads Candle uses, before it starts any.
//!
//! Candle runs large elementwise operations on a pool of its own, one for the whole process, whose
//! threads spin while they wait. Runs side by side take turns at it and lose a third of their
//! speed; our parallelism is over runs and images instead, so that pool gets one thread. For a
//! matrix product Candle asks how many threads there are, and where no variable says so it reads
//! the system's description of every processor, at each product. Both numbers come from the
//! environment, and only unsafe code may change the environment of a running program: so the
//! program starts itself again with the variables set.

use std::process::{Command, ExitCode};

const ELEMENTWISE: &str = "CANDLE_NUM_THREADS";
const PRODUCTS: &str = "RAYON_NUM_THREADS";
/// Which of them this program set, and not the user.
const SETTLED: &str = "NODULE_SETTLED";

/// None where this process may go on; otherwise the exit code of the one that did the work.
pub(crate) fn one_candle_thread() -> Option<ExitCode> {
    if std::env::var_os(ELEMENTWISE).is_some() {
        return None;
    }
    let mut set = vec![SETTLED, ELEMENTWISE];
    let mut command = Command::new(std::env::current_exe().ok()?);
    command
        .args(std::env::args_os().skip(1))
        .env(ELEMENTWISE, "1");
    if std::env::var_os(PRODUCTS).is_none() {
        let cores = std::thread::available_parallelism().ok()?;
        command.env(PRODUCTS, cores.to_string());
        set.push(PRODUCTS);
    }
    command.env(SETTLED, set.join(","));
    replace(&mut command)
}

/// The variables of this process that the user did not set: they are about this machine, and no other is to
/// hear of them.
pub(crate) fn settled() -> Vec<String> {
    let names = std::env::var(SETTLED).unwrap_or_default();
    let ours = [SETTLED, ELEMENTWISE, PRODUCTS];
    let names = names.split(',').filter(|name| ours.contains(name));
    names.map(str::to_owned).collect()
}

/// The new program takes this one's place: its number, its terminal, its signals. Where that fails
/// this one goes on, slower.
#[cfg(unix)]
fn replace(command: &mut Command) -> Option<ExitCode> {
    use std::os::unix::process::CommandExt;
    let _ = command.exec();
    None
}

#[cfg(not(unix))]
fn replace(command: &mut Command) -> Option<ExitCode> {
    let status = command.status().ok()?;
    let code = status.code().and_then(|code| u8::try_from(code).ok());
    Some(ExitCode::from(code.unwrap_or(1)))
}
