//! `cargo xtask bench`: our training step beside stock Candle's and PyTorch's, in turns, so that a
//! busy neighbour slows all of them alike.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitCode, Stdio};

use anyhow::{Context, bail};
use clap::Args;

use crate::process::{cargo, root, run, target};

const EXAMPLES: &str = "Examples:
  cargo xtask bench
  cargo xtask bench --python venv/bin/python     beside PyTorch too

Writes bench.json beside the table that it prints. Compare within one table only: the machine
is never the same twice.";

/// Time training beside stock Candle and PyTorch.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Bench {
    /// A Python that has torch
    #[arg(long, value_name = "PATH")]
    python: Option<PathBuf>,
    /// Times each is measured; the median counts
    #[arg(long, value_name = "N", default_value_t = 5)]
    rounds: usize,
    /// Where to write the medians
    #[arg(long, value_name = "FILE", default_value = "target/bench.json")]
    out: PathBuf,
}

/// Something that prints images a second, run in so many processes at once.
struct Contender {
    name: String,
    command: Vec<String>,
    processes: usize,
}

impl Bench {
    pub(crate) fn run(&self) -> anyhow::Result<ExitCode> {
        let build = [
            "build",
            "--release",
            "-p",
            "nodule-cli",
            "-p",
            "nodule-train",
            "--bins",
            "--examples",
        ];
        if !run(cargo().args(build).current_dir(root()))?.success() {
            bail!("the build failed");
        }
        let contenders = self.contenders(&target().join("release"));
        let mut rates = BTreeMap::<usize, Vec<f64>>::new();
        for round in 1..=self.rounds {
            for (i, contender) in contenders.iter().enumerate() {
                eprintln!("round {round} of {}: {}", self.rounds, contender.name);
                rates.entry(i).or_default().push(contender.rate()?);
            }
        }
        let medians: Vec<f64> = rates.into_values().map(median).collect();
        print_table(&contenders, &medians);
        let path = root().join(&self.out);
        std::fs::write(&path, json(&contenders, &medians))
            .with_context(|| format!("{}", path.display()))?;
        eprintln!("{}", path.display());
        Ok(ExitCode::SUCCESS)
    }

    fn contenders(&self, release: &Path) -> Vec<Contender> {
        let nodule = release.join("nodule").display().to_string();
        let stock = release
            .join("examples")
            .join("stock_candle_step")
            .display()
            .to_string();
        let mut all = Vec::new();
        let mut add = |name: String, command: Vec<String>, processes| {
            all.push(Contender {
                name,
                command,
                processes,
            });
        };
        for batch in [64, 32] {
            for (processes, threads) in [(1, 2), (2, 1)] {
                let ours = format!(
                    "{nodule} bench train-step --json --steps 200 --batch {batch} --threads {threads}"
                );
                let how = format!("{processes} x {threads} threads, batch {batch}");
                add(format!("ours, {how}"), words(&ours), processes);
                if let Some(python) = &self.python {
                    let script = root()
                        .join("xtask/bench/torch_step.py")
                        .display()
                        .to_string();
                    for layout in ["default", "channels_last"] {
                        let torch = format!(
                            "{} {script} {batch} 60 {threads} {layout}",
                            python.display()
                        );
                        add(format!("PyTorch {layout}, {how}"), words(&torch), processes);
                    }
                }
            }
        }
        add(
            "stock Candle, 1 process, batch 64".into(),
            words(&format!("{stock} 64 3")),
            1,
        );
        add(
            "generator, 1 thread".into(),
            words(&format!(
                "{nodule} bench generate --json --n 4000 --threads 1"
            )),
            1,
        );
        all
    }
}

fn words(command: &str) -> Vec<String> {
    command.split_whitespace().map(str::to_owned).collect()
}

impl Contender {
    /// The sum over its processes.
    fn rate(&self) -> anyhow::Result<f64> {
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
            let output = child.wait_with_output()?;
            let text = String::from_utf8(output.stdout)?;
            let number = text
                .trim()
                .trim_end_matches('}')
                .rsplit(' ')
                .next()
                .unwrap_or_default();
            number
                .parse::<f64>()
                .with_context(|| format!("{}: no rate in {text:?}", self.name))
        });
        rates.sum()
    }
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    f64::midpoint(values[(values.len() - 1) / 2], values[values.len() / 2])
}

fn print_table(contenders: &[Contender], medians: &[f64]) {
    println!("| what | images/s (median) |\n|---|---|");
    for (contender, rate) in contenders.iter().zip(medians) {
        println!("| {} | {rate:.0} |", contender.name);
    }
}

fn json(contenders: &[Contender], medians: &[f64]) -> String {
    let rows = contenders.iter().zip(medians);
    let rows = rows.map(|(c, rate)| {
        format!(
            "    {{\"name\": \"{}\", \"images_per_s\": {rate:.1}}}",
            c.name
        )
    });
    let (arch, os) = (std::env::consts::ARCH, std::env::consts::OS);
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let rows: Vec<_> = rows.collect();
    format!(
        "{{\n  \"machine\": \"{arch} {os}, {cores} cores, {}\",\n  \"medians\": [\n{}\n  ]\n}}\n",
        processor(),
        rows.join(",\n")
    )
}

/// The processor's name where the system says it.
fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let line = text
        .lines()
        .find_map(|line| line.strip_prefix("model name"));
    line.map_or_else(
        || "unknown processor".into(),
        |l| l.trim_start_matches([' ', '\t', ':']).to_owned(),
    )
}
