//! Contenders: every program and configuration that is measured, one per table cell.

use std::fmt;
use std::path::Path;

use super::Vectors;
use super::build::Binaries;
use super::machine::Machine;
use super::programs::Program;
use crate::process::root;

/// Name of this workspace in the tables, the reference of all comparisons.
pub(super) const OURS: &str = "ours";

/// Measured task; contenders with the same task are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Task {
    Step { network: &'static str, batch: usize },
    Generator,
    Peak,
}

/// A program that performs a task in `processes` parallel processes of `threads` threads.
pub(super) struct Contender {
    pub(super) task: Task,
    pub(super) who: &'static str,
    pub(super) how: &'static str,
    pub(super) precision: &'static str,
    pub(super) processes: usize,
    pub(super) threads: usize,
    pub(super) program: Program,
    /// Whether the benchmark fails without this row.
    pub(super) must_run: bool,
}

/// Numbers of processes and threads: one process of two threads, and two of one.
const TWO_THREADS: [(usize, usize); 2] = [(1, 2), (2, 1)];
const PRECISIONS: [&str; 2] = ["float32", "bfloat16"];
/// Time of a measurement in seconds, after the warm-up.
const SECONDS: usize = 1;

/// Returns all contenders, in the order of the tables.
pub(super) fn list_contenders(
    built: &Binaries,
    python: Option<&Path>,
    machine: &Machine,
    vectors: Vectors,
) -> Vec<Contender> {
    let steps = [("lenet", 64), ("lenet", 32), ("residual", 64)];
    let mut all = Vec::new();
    for (network, batch) in steps {
        let task = Task::Step { network, batch };
        all.extend(ours(task, network, batch, built));
        if let Some(python) = python {
            all.extend(pytorch(task, network, batch, python));
            if machine.has_jax && network == "lenet" {
                all.extend(jax(task, batch, python));
            }
        }
        if network == "lenet" {
            all.extend(burn(task, batch, built));
        }
        // The vectors of the crate gemm, which dominates stock Candle, cannot be limited.
        if (network, batch) == ("lenet", 64) && vectors == Vectors::Widest {
            let program = Program::once(&built.stock_candle, "64 3");
            all.push(contender(task, "stock Candle", (1, 2), program));
        }
    }
    if vectors == Vectors::Widest {
        all.extend(generators(built, python));
    }
    all.extend([(1, 1), (2, 1)].map(|processes| {
        let program = Program::once(&built.ours, "peak");
        contender(Task::Peak, OURS, processes, program)
    }));
    all
}

/// Returns a contender in float32 without a variant.
fn contender(
    task: Task,
    who: &'static str,
    (processes, threads): (usize, usize),
    program: Program,
) -> Contender {
    Contender {
        task,
        who,
        how: "",
        precision: "float32",
        processes,
        threads,
        program,
        must_run: false,
    }
}

fn ours(task: Task, network: &str, batch: usize, built: &Binaries) -> Vec<Contender> {
    let row = |(processes, threads)| {
        let options = format!(
            "train-step --network {network} --steps 10 --seconds {SECONDS} --batch {batch} --threads {threads}"
        );
        Contender {
            must_run: network == "lenet",
            ..contender(
                task,
                OURS,
                (processes, threads),
                Program::once(&built.ours, &options),
            )
        }
    };
    TWO_THREADS.map(row).into()
}

fn pytorch(task: Task, network: &str, batch: usize, python: &Path) -> Vec<Contender> {
    let ways = [
        ("eager", "default", "eager"),
        ("eager, channels last", "channels_last", "eager"),
        ("compiled", "default", "compile"),
        ("compiled, channels last", "channels_last", "compile"),
    ];
    let mut all = Vec::new();
    for precision in PRECISIONS {
        for (how, layout, run) in ways {
            for (processes, threads) in TWO_THREADS {
                let start = format!("--threads {threads} --seconds {SECONDS}");
                let settings = format!(
                    "--network {network} --batch {batch} --layout {layout} --run {run} --precision {precision}"
                );
                let program = serve(python, "torch_step.py", vec![start; processes], settings);
                all.push(Contender {
                    how,
                    precision,
                    ..contender(task, "PyTorch", (processes, threads), program)
                });
            }
        }
    }
    all
}

fn jax(task: Task, batch: usize, python: &Path) -> Vec<Contender> {
    let mut all = Vec::new();
    for precision in PRECISIONS {
        for (how, networks) in [("jit", 1), ("jit, vmap over 8 networks", 8)] {
            for (processes, threads) in TWO_THREADS {
                // JAX starts one thread per core, so one thread means one core.
                let core = |process| match threads {
                    1 => format!("--core {process} --seconds {SECONDS}"),
                    _ => format!("--seconds {SECONDS}"),
                };
                let starts = (0..processes).map(core).collect();
                let settings =
                    format!("--batch {batch} --networks {networks} --precision {precision}");
                let program = serve(python, "jax_step.py", starts, settings);
                all.push(Contender {
                    how,
                    precision,
                    ..contender(task, "JAX", (processes, threads), program)
                });
            }
        }
    }
    all
}

fn burn(task: Task, batch: usize, built: &Binaries) -> Vec<Contender> {
    let Some(burn) = &built.burn else {
        return Vec::new();
    };
    let options = format!("{batch} {SECONDS}");
    let row = |processes| Contender {
        how: "Flex",
        ..contender(task, "Burn", processes, Program::once(burn, &options))
    };
    TWO_THREADS.map(row).into()
}

fn generators(built: &Binaries, python: Option<&Path>) -> Vec<Contender> {
    let mut all = Vec::from([2, 1].map(|threads| {
        let options = format!("generate --n 10000 --threads {threads}");
        let program = Program::once(&built.ours, &options);
        contender(Task::Generator, OURS, (1, threads), program)
    }));
    if let Some(python) = python {
        let script = script("numpy_generator.py");
        let program = Program::once(python, &format!("{script} 3000"));
        all.push(contender(Task::Generator, "NumPy", (1, 1), program));
    }
    all
}

fn serve(python: &Path, name: &str, starts: Vec<String>, settings: String) -> Program {
    let script = script(name);
    let words = |start: String| {
        let mut words = vec![
            python.display().to_string(),
            script.clone(),
            "--serve".into(),
        ];
        words.extend(start.split_whitespace().map(str::to_owned));
        words
    };
    Program::Served {
        commands: starts.into_iter().map(words).collect(),
        settings,
    }
}

fn script(name: &str) -> String {
    root().join("xtask/bench").join(name).display().to_string()
}

impl fmt::Display for Task {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Step { network, batch } => {
                write!(f, "training step, {network}, batch {batch}, images/s")
            }
            Self::Generator => f.write_str("generator, images/s"),
            Self::Peak => f.write_str("multiplying and adding in registers, GFLOP/s"),
        }
    }
}

impl Contender {
    /// Returns the program, its variant and precision.
    pub(super) fn name(&self) -> String {
        let how = match self.how {
            "" => String::new(),
            how => format!(", {how}"),
        };
        format!("{}{how}, {}", self.who, self.precision)
    }

    /// Returns the number of processes and threads, such as "2 processes of 1 thread each".
    pub(super) fn processes(&self) -> String {
        let several = |n, word| format!("{n} {word}{}", if n == 1 { "" } else { "s" });
        let each = if self.processes == 1 { "" } else { " each" };
        let processes = match self.processes {
            1 => "1 process".to_owned(),
            n => format!("{n} processes"),
        };
        format!("{processes} of {}{each}", several(self.threads, "thread"))
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}, {}", self.task, self.name(), self.processes())
    }
}
