//! Handling of Ctrl-C and SIGTERM: training writes its checkpoints, one line summarises the state, and the process
//! exits with 130 or 143. A second signal ends the process at once.

use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Context;
use nodule_run::Stop;
use nodule_study::files::hold_writes;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::{flag, low_level};

/// Interval at which the watching thread checks for a signal.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// Longest wait for the training steps in progress. A longer step is lost; its run resumes from the last checkpoint.
const STEP_TIMEOUT: Duration = Duration::from_secs(10);

/// Starts a thread that handles SIGINT and SIGTERM: sets `stop`, waits until checkpoints are written and no file is
/// half-written, prints `summary`, and exits.
pub(crate) fn handle_signals(
    stop: &Stop,
    summary: impl Fn() -> String + Send + 'static,
) -> anyhow::Result<()> {
    let is_second = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // The order matters: the first signal passes the shutdown and then arms it for the second one.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&is_second))
            .and_then(|_| flag::register(signal, Arc::clone(&is_second)))
            .and_then(|_| flag::register_usize(signal, stop.flag(), signal as usize))
            .context("cannot install signal handlers")?;
    }
    let stop = stop.clone();
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let signal = loop {
                match stop.signal() {
                    Some(signal) => break signal,
                    None => thread::sleep(POLL_INTERVAL),
                }
            };
            let start = Instant::now();
            while !stop.is_idle() && start.elapsed() < STEP_TIMEOUT {
                thread::sleep(POLL_INTERVAL);
            }
            let _held = hold_writes();
            exit_with_summary(signal, &summary());
        })
        .context("cannot start the thread that handles signals")?;
    Ok(())
}

/// Blocks until the signal handler ends the process.
pub(crate) fn wait_for_exit() -> ! {
    loop {
        thread::park();
    }
}

/// Prints the summary and ends the process without joining its other threads.
fn exit_with_summary(signal: usize, summary: &str) -> ! {
    let name = if signal == SIGINT as usize {
        "SIGINT"
    } else {
        "SIGTERM"
    };
    let mut err = std::io::stderr().lock();
    // Clear a progress bar that may occupy the line.
    let clear = if err.is_terminal() { "\r\x1b[2K" } else { "" };
    let _ = writeln!(err, "{clear}stopped by {name}: {summary}");
    let _ = std::io::stdout().flush();
    low_level::exit(128 + signal as i32)
}
