//! Programs that say how fast they are: some once, some as often as they are asked.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Vectors;
use super::contenders::{Contender, OURS, What};

/// How a contender is run.
pub(super) enum Program {
    /// It starts, prints its rate and ends. The path of the program, then its arguments.
    Once(Vec<String>),
    /// It stays and answers lines, as `xtask/bench/timing.py` says: one command a process, and what all are told.
    Served {
        commands: Vec<Vec<String>>,
        settings: String,
    },
}

/// Runs them, and keeps those that stay.
pub(super) struct Programs {
    environment: Vec<(&'static str, &'static str)>,
    staying: BTreeMap<Vec<Vec<String>>, Vec<Server>>,
}

/// CPUs are compared, whatever else there is.
const ENVIRONMENT: [(&str, &str); 2] = [("JAX_PLATFORMS", "cpu"), ("CUDA_VISIBLE_DEVICES", "")];

/// What keeps each from vectors of more than 256 bits: ours, PyTorch's own kernels and its compiler, oneDNN, MKL, XLA.
const AVX2: [(&str, &str); 5] = [
    ("NODULE_VECTORS", "avx2"),
    ("ATEN_CPU_CAPABILITY", "avx2"),
    ("ONEDNN_MAX_CPU_ISA", "AVX2"),
    ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
    ("XLA_FLAGS", "--xla_cpu_max_isa=AVX2"),
];

/// What every program finds in its environment.
pub(super) fn environment(vectors: Vectors) -> Vec<(&'static str, &'static str)> {
    let mut all = Vec::from(ENVIRONMENT);
    if vectors == Vectors::Avx2 {
        all.extend(AVX2);
    }
    all
}

impl Program {
    pub(super) fn once(program: &Path, arguments: &str) -> Self {
        let mut command = vec![program.display().to_string()];
        command.extend(arguments.split_whitespace().map(str::to_owned));
        Self::Once(command)
    }
}

impl Programs {
    pub(super) fn new(vectors: Vectors) -> Self {
        Self {
            environment: environment(vectors),
            staying: BTreeMap::new(),
        }
    }

    /// The sum over the contender's processes, or why there is none.
    pub(super) fn rate(&mut self, contender: &Contender) -> Result<f64, String> {
        match &contender.program {
            Program::Once(command) => {
                let key = match contender.what {
                    What::Peak => "gflop_per_s",
                    What::Step { .. } | What::Generator => "images_per_s",
                };
                self.once(command, contender, key)
            }
            Program::Served { commands, settings } => {
                let answered = self.ask(commands, settings);
                // One that broke off may be half-way through an answer.
                if answered.is_err() {
                    self.staying.remove(commands);
                }
                answered?
            }
        }
    }

    fn once(&self, command: &[String], contender: &Contender, key: &str) -> Result<f64, String> {
        let start = || {
            let mut started = Command::new(&command[0]);
            started.args(&command[1..]).envs(self.environment.clone());
            started.env("RAYON_NUM_THREADS", contender.threads.to_string());
            if contender.who == OURS {
                // As `nodule` sets it for itself.
                started.env("CANDLE_NUM_THREADS", "1");
            }
            started.stdout(Stdio::piped()).stderr(Stdio::piped());
            started.spawn().map_err(|e| format!("{}: {e}", command[0]))
        };
        let children: Vec<_> = (0..contender.processes).map(|_| start()).collect();
        // All are waited for, whatever the first says.
        let outputs: Vec<_> = children
            .into_iter()
            .map(|child| child?.wait_with_output().map_err(|e| e.to_string()))
            .collect();
        let rates = outputs.into_iter().map(|output| {
            let output = output?;
            match output.status.success() {
                true => number(&String::from_utf8_lossy(&output.stdout), key),
                false => Err(first_line(&String::from_utf8_lossy(&output.stderr))),
            }
        });
        rates.sum()
    }

    /// The outer error is of a process that broke off, the inner one what it said itself.
    fn ask(
        &mut self,
        commands: &[Vec<String>],
        settings: &str,
    ) -> Result<Result<f64, String>, String> {
        if !self.staying.contains_key(commands) {
            let started = commands.iter().map(|c| Server::start(c, &self.environment));
            let started = started.collect::<Result<Vec<_>, _>>()?;
            self.staying.insert(commands.to_vec(), started);
        }
        let Some(servers) = self.staying.get_mut(commands) else {
            return Err("no process".into());
        };
        for answer in say(servers, settings)? {
            if answer != "ready" {
                let reason = answer.strip_prefix("not available: ").unwrap_or(&answer);
                return Ok(Err(reason.to_owned()));
            }
        }
        let answers = say(servers, "go")?;
        Ok(answers.iter().map(|answer| number(answer, "")).sum())
    }
}

/// Says it to all at once, then hears what each answers.
fn say(servers: &mut [Server], line: &str) -> Result<Vec<String>, String> {
    for server in &mut *servers {
        server.say(line)?;
    }
    servers.iter_mut().map(Server::hear).collect()
}

/// A process that stays until it is dropped.
struct Server {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Server {
    fn start(command: &[String], environment: &[(&str, &str)]) -> Result<Self, String> {
        let mut started = Command::new(&command[0]);
        started
            .args(&command[1..])
            .envs(environment.iter().copied());
        started.stdin(Stdio::piped()).stdout(Stdio::piped());
        let broken = |reason: &str| format!("{}: {reason}", command[0]);
        let mut child = started.spawn().map_err(|e| broken(&e.to_string()))?;
        let output = child.stdout.take().ok_or_else(|| broken("no output"))?;
        Ok(Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
        })
    }

    fn say(&mut self, line: &str) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("the process ended")?;
        writeln!(input, "{line}").map_err(|e| format!("the process ended: {e}"))
    }

    fn hear(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(n) if n > 0 => Ok(line.trim().to_owned()),
            Ok(_) => Err("the process ended".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for Server {
    /// Its input ends, and so does it.
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// The last line: a number, or an object that has one under that name.
pub(super) fn number(text: &str, key: &str) -> Result<f64, String> {
    let last = text.trim().lines().last().unwrap_or_default();
    let value: Option<serde_json::Value> = serde_json::from_str(last).ok();
    let found = value.and_then(|value| value.as_f64().or_else(|| value.get(key)?.as_f64()));
    found.ok_or_else(|| format!("no number in {last:?}"))
}

fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("it failed and does not say why").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_the_last_line_as_a_number_or_by_its_name() {
        assert_eq!(number("warning\n12.5\n", ""), Ok(12.5));
        let text = "{\"bench\": \"peak\", \"gflop_per_s\": 240.1, \"copy_gb_per_s\": 17.0}";
        assert_eq!(number(text, "gflop_per_s"), Ok(240.1));
        assert!(number(text, "images_per_s").is_err());
        assert!(number("", "").is_err());
    }
}
