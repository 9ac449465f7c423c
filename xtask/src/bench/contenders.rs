//! What is timed: commands that print images a second.

use std::path::Path;
use std::process::{Child, Command, Stdio};

use anyhow::Context;

use crate::process::root;

/// Something that prints images a second, run in so many processes at once.
pub(super) struct Contender {
    pub(super) name: String,
    command: Vec<String>,
    processes: usize,
}

/// All of them, in the order of the table.
pub(super) fn contenders(release: &Path, python: Option<&Path>) -> Vec<Contender> {
    let nodule = release.join("nodule").display().to_string();
    let stock = release.join("examples").join("stock_candle_step");
    let script = |name: &str| root().join("xtask/bench").join(name).display().to_string();
    let mut all = Vec::new();
    let mut add = |name: String, command: String, processes| {
        all.push(Contender {
            name,
            command: command.split_whitespace().map(str::to_owned).collect(),
            processes,
        });
    };
    for batch in [64, 32] {
        for (processes, threads) in [(1, 2), (2, 1)] {
            let how = format!("{processes} x {threads} threads, batch {batch}");
            let ours = format!(
                "{nodule} bench train-step --json --steps 200 --batch {batch} --threads {threads}"
            );
            add(format!("training step, ours, {how}"), ours, processes);
            for layout in ["default", "channels_last"] {
                let Some(python) = python else { break };
                let (python, torch) = (python.display(), script("torch_step.py"));
                let torch = format!("{python} {torch} {batch} 60 {threads} {layout}");
                let name = format!("training step, PyTorch {layout}, {how}");
                add(name, torch, processes);
            }
        }
    }
    let stock = format!("{} 64 3", stock.display());
    let name = "training step, stock Candle, 1 process, batch 64";
    add(name.into(), stock, 1);
    for threads in [2, 1] {
        let ours = format!("{nodule} bench generate --json --n 10000 --threads {threads}");
        let name = format!("generator, ours, 1 x {threads} threads");
        add(name, ours, 1);
    }
    if let Some(python) = python {
        let numpy = format!("{} {} 3000", python.display(), script("numpy_generator.py"));
        add("generator, NumPy, 1 process".into(), numpy, 1);
    }
    all
}

impl Contender {
    /// The sum over its processes.
    pub(super) fn rate(&self) -> anyhow::Result<f64> {
        let start = || {
            let mut command = Command::new(&self.command[0]);
            command.args(&self.command[1..]).stdout(Stdio::piped());
            command
                .spawn()
                .with_context(|| format!("{} cannot be started", self.command[0]))
        };
        let children = (0..self.processes)
            .map(|_| start())
            .collect::<anyhow::Result<Vec<Child>>>()?;
        let rates = children.into_iter().map(|child| {
            let text = String::from_utf8(child.wait_with_output()?.stdout)?;
            let last = text.trim().trim_end_matches('}').rsplit(' ').next();
            let number = last.unwrap_or_default().parse::<f64>();
            number.with_context(|| format!("{}: no rate in {text:?}", self.name))
        });
        rates.sum()
    }
}
