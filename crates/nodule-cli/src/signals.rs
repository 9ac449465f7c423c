//! Ctrl-C and SIGTERM: what is under way is kept, one line says so, and the process ends with 130 or 143.
//! A second signal ends it at once.

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

/// How often the watcher looks.
const LOOK: Duration = Duration::from_millis(20);
/// How long a training may take to end its step. A longer one goes on from its last checkpoint.
const PATIENCE: Duration = Duration::from_secs(10);

/// From now on SIGINT and SIGTERM ask `stop`. When trainings have written their checkpoints and no file
/// is half written, `kept` says in one line what there is, and the process ends.
pub(crate) fn watch(stop: &Stop, kept: impl Fn() -> String + Send + 'static) -> anyhow::Result<()> {
    let again = Arc::new(AtomicBool::new(false));
    for signal in [SIGINT, SIGTERM] {
        // In this order: the first signal passes the first line, the second does not.
        flag::register_conditional_shutdown(signal, 128 + signal, Arc::clone(&again))
            .and_then(|_| flag::register(signal, Arc::clone(&again)))
            .and_then(|_| flag::register_usize(signal, stop.flag(), signal as usize))
            .context("signals cannot be watched")?;
    }
    let stop = stop.clone();
    thread::Builder::new()
        .name("signals".into())
        .spawn(move || {
            let signal = loop {
                match stop.asked() {
                    Some(signal) => break signal,
                    None => thread::sleep(LOOK),
                }
            };
            let asked = Instant::now();
            while !stop.is_settled() && asked.elapsed() < PATIENCE {
                thread::sleep(LOOK);
            }
            let _held = hold_writes();
            end(signal, &kept());
        })
        .context("signals cannot be watched")?;
    Ok(())
}

/// Waits for the end that a signal has asked for.
pub(crate) fn wait() -> ! {
    loop {
        thread::park();
    }
}

/// Says it and ends the process, without waiting for threads that are in the middle of something.
fn end(signal: usize, kept: &str) -> ! {
    let name = if signal == SIGINT as usize {
        "SIGINT"
    } else {
        "SIGTERM"
    };
    let mut err = std::io::stderr().lock();
    // A progress bar may stand where the line goes.
    let clear = if err.is_terminal() { "\r\x1b[2K" } else { "" };
    let _ = writeln!(err, "{clear}stopped by {name}: {kept}");
    let _ = std::io::stdout().flush();
    low_level::exit(128 + signal as i32)
}
