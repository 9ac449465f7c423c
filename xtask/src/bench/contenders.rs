//! What is timed: every row of the tables.

use std::fmt;
use std::path::Path;

use super::Vectors;
use super::build::Built;
use super::machine::Machine;
use super::programs::Program;
use crate::process::root;

/// Who all the others are compared with.
pub(super) const OURS: &str = "ours";

/// What is timed; rows of the same are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum What {
    Step { network: &'static str, batch: usize },
    Generator,
    Peak,
}

/// One row: somebody who does it, in so many processes of so many threads at once.
pub(super) struct Contender {
    pub(super) what: What,
    pub(super) who: &'static str,
    pub(super) how: &'static str,
    pub(super) precision: &'static str,
    pub(super) processes: usize,
    pub(super) threads: usize,
    pub(super) program: Program,
    /// Without it there is nothing to compare.
    pub(super) must_run: bool,
}

/// One process of two threads, and two of one.
const TWO_THREADS: [(usize, usize); 2] = [(1, 2), (2, 1)];
const PRECISIONS: [&str; 2] = ["float32", "bfloat16"];
/// How long each is timed, once it is warm.
const SECONDS: usize = 1;

/// All of them, in the order of the tables.
pub(super) fn contenders(
    built: &Built,
    python: Option<&Path>,
    machine: &Machine,
    vectors: Vectors,
) -> Vec<Contender> {
    let steps = [("lenet", 64), ("lenet", 32), ("residual", 64)];
    let mut all = Vec::new();
    for (network, batch) in steps {
        let what = What::Step { network, batch };
        all.extend(ours(what, network, batch, built));
        if let Some(python) = python {
            all.extend(pytorch(what, network, batch, python));
            if machine.has_jax && network == "lenet" {
                all.extend(jax(what, batch, python));
            }
        }
        if network == "lenet" {
            all.extend(burn(what, batch, built));
        }
        // Nobody can keep the crate gemm, which is all that stock Candle is here, from wider vectors.
        if (network, batch) == ("lenet", 64) && vectors == Vectors::Widest {
            let program = Program::once(&built.stock_candle, "64 3");
            all.push(contender(what, "stock Candle", (1, 2), program));
        }
    }
    if vectors == Vectors::Widest {
        all.extend(generators(built, python));
    }
    all.extend([(1, 1), (2, 1)].map(|processes| {
        let program = Program::once(&built.ours, "peak");
        contender(What::Peak, OURS, processes, program)
    }));
    all
}

/// In float32, with nothing to say of how.
fn contender(
    what: What,
    who: &'static str,
    (processes, threads): (usize, usize),
    program: Program,
) -> Contender {
    Contender {
        what,
        who,
        how: "",
        precision: "float32",
        processes,
        threads,
        program,
        must_run: false,
    }
}

fn ours(what: What, network: &str, batch: usize, built: &Built) -> Vec<Contender> {
    let row = |(processes, threads)| {
        let options = format!(
            "train-step --network {network} --steps 10 --seconds {SECONDS} --batch {batch} --threads {threads}"
        );
        Contender {
            must_run: network == "lenet",
            ..contender(
                what,
                OURS,
                (processes, threads),
                Program::once(&built.ours, &options),
            )
        }
    };
    TWO_THREADS.map(row).into()
}

fn pytorch(what: What, network: &str, batch: usize, python: &Path) -> Vec<Contender> {
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
                let program = served(python, "torch_step.py", vec![start; processes], settings);
                all.push(Contender {
                    how,
                    precision,
                    ..contender(what, "PyTorch", (processes, threads), program)
                });
            }
        }
    }
    all
}

fn jax(what: What, batch: usize, python: &Path) -> Vec<Contender> {
    let mut all = Vec::new();
    for precision in PRECISIONS {
        for (how, networks) in [("jit", 1), ("jit, vmap over 8 networks", 8)] {
            for (processes, threads) in TWO_THREADS {
                // It makes as many threads as it finds cores.
                let core = |process| match threads {
                    1 => format!("--core {process} --seconds {SECONDS}"),
                    _ => format!("--seconds {SECONDS}"),
                };
                let starts = (0..processes).map(core).collect();
                let settings =
                    format!("--batch {batch} --networks {networks} --precision {precision}");
                let program = served(python, "jax_step.py", starts, settings);
                all.push(Contender {
                    how,
                    precision,
                    ..contender(what, "JAX", (processes, threads), program)
                });
            }
        }
    }
    all
}

fn burn(what: What, batch: usize, built: &Built) -> Vec<Contender> {
    let Some(burn) = &built.burn else {
        return Vec::new();
    };
    let options = format!("{batch} {SECONDS}");
    let row = |processes| Contender {
        how: "Flex",
        ..contender(what, "Burn", processes, Program::once(burn, &options))
    };
    TWO_THREADS.map(row).into()
}

fn generators(built: &Built, python: Option<&Path>) -> Vec<Contender> {
    let mut all = Vec::from([2, 1].map(|threads| {
        let options = format!("generate --n 10000 --threads {threads}");
        let program = Program::once(&built.ours, &options);
        contender(What::Generator, OURS, (1, threads), program)
    }));
    if let Some(python) = python {
        let script = script("numpy_generator.py");
        let program = Program::once(python, &format!("{script} 3000"));
        all.push(contender(What::Generator, "NumPy", (1, 1), program));
    }
    all
}

fn served(python: &Path, name: &str, starts: Vec<String>, settings: String) -> Program {
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

impl fmt::Display for What {
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
    /// Who it is and how, in words.
    pub(super) fn name(&self) -> String {
        let how = match self.how {
            "" => String::new(),
            how => format!(", {how}"),
        };
        format!("{}{how}, {}", self.who, self.precision)
    }

    /// In how many processes and threads, in words.
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
        write!(f, "{}: {}, {}", self.what, self.name(), self.processes())
    }
}
