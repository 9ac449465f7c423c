//! Measured programs: some print one rate and exit, others serve repeated measurements.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::Vectors;
use super::contenders::{Contender, OURS, Task};

/// Command of a contender.
pub(super) enum Program {
    /// Prints its rate and exits: path and arguments.
    Once(Vec<String>),
    /// Serves measurements as `xtask/bench/timing.py` describes: one command per process, and the settings for all.
    Served {
        commands: Vec<Vec<String>>,
        settings: String,
    },
}

/// Runs the programs and keeps the serving ones.
pub(super) struct Programs {
    environment: Vec<(&'static str, &'static str)>,
    servers: BTreeMap<Vec<Vec<String>>, Vec<Server>>,
}

/// Variables that restrict every program to the CPU.
const ENVIRONMENT: [(&str, &str); 2] = [("JAX_PLATFORMS", "cpu"), ("CUDA_VISIBLE_DEVICES", "")];

/// Variables that limit vectors to 256 bits: ours, PyTorch's kernels and compiler, oneDNN, MKL, XLA.
const AVX2: [(&str, &str); 5] = [
    ("NODULE_VECTORS", "avx2"),
    ("ATEN_CPU_CAPABILITY", "avx2"),
    ("ONEDNN_MAX_CPU_ISA", "AVX2"),
    ("MKL_ENABLE_INSTRUCTIONS", "AVX2"),
    ("XLA_FLAGS", "--xla_cpu_max_isa=AVX2"),
];

/// Returns the environment variables of every program.
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
            servers: BTreeMap::new(),
        }
    }

    /// Returns the sum of the rates of the contender's processes, or the reason why it failed.
    pub(super) fn rate(&mut self, contender: &Contender) -> Result<f64, String> {
        match &contender.program {
            Program::Once(command) => {
                let key = match contender.task {
                    Task::Peak => "gflop_per_s",
                    Task::Step { .. } | Task::Generator => "images_per_s",
                };
                self.run_once(command, contender, key)
            }
            Program::Served { commands, settings } => {
                let result = self.request(commands, settings);
                // A server that failed may be in the middle of a reply.
                if result.is_err() {
                    self.servers.remove(commands);
                }
                result?
            }
        }
    }

    fn run_once(
        &self,
        command: &[String],
        contender: &Contender,
        key: &str,
    ) -> Result<f64, String> {
        let start = || {
            let mut child = Command::new(&command[0]);
            child.args(&command[1..]).envs(self.environment.clone());
            child.env("RAYON_NUM_THREADS", contender.threads.to_string());
            if contender.who == OURS {
                // As `nodule` sets it for itself.
                child.env("CANDLE_NUM_THREADS", "1");
            }
            child.stdout(Stdio::piped()).stderr(Stdio::piped());
            child.spawn().map_err(|e| format!("{}: {e}", command[0]))
        };
        let children: Vec<_> = (0..contender.processes).map(|_| start()).collect();
        // Wait for all processes, even if the first one fails.
        let outputs: Vec<_> = children
            .into_iter()
            .map(|child| child?.wait_with_output().map_err(|e| e.to_string()))
            .collect();
        let rates = outputs.into_iter().map(|output| {
            let output = output?;
            match output.status.success() {
                true => parse_number(&String::from_utf8_lossy(&output.stdout), key),
                false => Err(first_line(&String::from_utf8_lossy(&output.stderr))),
            }
        });
        rates.sum()
    }

    /// The outer error is that of a process that ended, the inner one is reported by the process.
    fn request(
        &mut self,
        commands: &[Vec<String>],
        settings: &str,
    ) -> Result<Result<f64, String>, String> {
        if !self.servers.contains_key(commands) {
            let servers = commands
                .iter()
                .map(|c| Server::start(c, &self.environment))
                .collect::<Result<Vec<_>, _>>()?;
            self.servers.insert(commands.to_vec(), servers);
        }
        let Some(servers) = self.servers.get_mut(commands) else {
            return Err("no process".into());
        };
        for reply in exchange(servers, settings)? {
            if reply != "ready" {
                let reason = reply.strip_prefix("not available: ").unwrap_or(&reply);
                return Ok(Err(reason.to_owned()));
            }
        }
        let replies = exchange(servers, "go")?;
        Ok(replies.iter().map(|reply| parse_number(reply, "")).sum())
    }
}

/// Sends a line to all servers, then reads the reply of each.
fn exchange(servers: &mut [Server], line: &str) -> Result<Vec<String>, String> {
    for server in &mut *servers {
        server.send(line)?;
    }
    servers.iter_mut().map(Server::receive).collect()
}

/// A process that serves measurements until it is dropped.
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
        let to_error = |reason: &str| format!("{}: {reason}", command[0]);
        let mut child = started.spawn().map_err(|e| to_error(&e.to_string()))?;
        let output = child.stdout.take().ok_or_else(|| to_error("no output"))?;
        Ok(Self {
            input: child.stdin.take(),
            output: BufReader::new(output),
            child,
        })
    }

    fn send(&mut self, line: &str) -> Result<(), String> {
        let input = self.input.as_mut().ok_or("the process ended")?;
        writeln!(input, "{line}").map_err(|e| format!("the process ended: {e}"))
    }

    fn receive(&mut self) -> Result<String, String> {
        let mut line = String::new();
        match self.output.read_line(&mut line) {
            Ok(n) if n > 0 => Ok(line.trim().to_owned()),
            Ok(_) => Err("the process ended".into()),
            Err(error) => Err(error.to_string()),
        }
    }
}

impl Drop for Server {
    /// Closes the input, which ends the process.
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.child.wait();
    }
}

/// Returns the number in the last line: the line itself, or a field of a JSON object.
pub(super) fn parse_number(text: &str, key: &str) -> Result<f64, String> {
    let last = text.trim().lines().last().unwrap_or_default();
    let value: Option<serde_json::Value> = serde_json::from_str(last).ok();
    let found = value.and_then(|value| value.as_f64().or_else(|| value.get(key)?.as_f64()));
    found.ok_or_else(|| format!("no number in {last:?}"))
}

fn first_line(text: &str) -> String {
    let line = text.lines().find(|line| !line.trim().is_empty());
    line.unwrap_or("failed without a message").to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_the_last_line_as_a_number_or_a_field() {
        assert_eq!(parse_number("warning\n12.5\n", ""), Ok(12.5));
        let text = "{\"bench\": \"peak\", \"gflop_per_s\": 240.1, \"copy_gb_per_s\": 17.0}";
        assert_eq!(parse_number(text, "gflop_per_s"), Ok(240.1));
        assert!(parse_number(text, "images_per_s").is_err());
        assert!(parse_number("", "").is_err());
    }
}
