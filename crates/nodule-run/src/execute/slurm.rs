//! The Slurm executor: a job array whose tasks work on one output folder.
//!
//! Nothing is divided up beforehand: every task runs the study as it would on one machine, and
//! takes what no other holds. The folder must be on a file system that all nodes see; it need not have
//! locks.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use crate::Error;
use nodule_error::{InvalidInput, failed_to, invalid_value};
use nodule_study::files::write_atomic;
use nodule_study::results::Depth;
use nodule_study::{Output, Resolved, RunSpec};

/// Bytes of what sbatch says that are kept.
const MOST_SAID: usize = 4000;

/// How to ask Slurm.
#[derive(Debug, Clone)]
pub struct Slurm {
    /// Tasks of the array; at least 1.
    pub tasks: usize,
    /// More of `sbatch`'s own options, such as `--partition=gpu`.
    pub options: Vec<String>,
    /// What each task runs: the program and its arguments, with absolute paths.
    pub command: Vec<OsString>,
    /// Variables of this process that the tasks are not to inherit: those that it set for itself.
    pub not_passed_on: Vec<String>,
}

/// Submits the array and waits for it. Leaves `slurm.sh` and a log a task in the folder.
///
/// # Errors
/// [`Error::Setting`] if there is no `sbatch` or it refuses the job; [`Error::RunsFailed`] if runs are missing when the
/// array has ended.
pub fn execute_on_slurm(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
    slurm: &Slurm,
) -> Result<(), Error> {
    if missing(output, specs)? == 0 {
        return Ok(());
    }
    let folder = absolute(output.path())?;
    let script = folder.join("slurm.sh");
    write_atomic(
        &script,
        text(&resolved.study.name, &slurm.command).as_bytes(),
    )?;
    let mut sbatch = Command::new("sbatch");
    sbatch
        .arg("--wait")
        .arg(format!("--array=1-{}", slurm.tasks));
    sbatch.arg(format!("--output={}/slurm-%a.log", folder.display()));
    sbatch.args(&slurm.options).arg(&script);
    for variable in &slurm.not_passed_on {
        sbatch.env_remove(variable);
    }
    let answer = submit(&mut sbatch).map_err(|e| {
        let allowed = format!("used where Slurm is: sbatch cannot be started ({e})");
        invalid_value("--executor", "slurm", allowed).at("command line")
    })?;
    // The exit code is that of the worst task; what counts is which runs are there.
    match missing(output, specs)? {
        0 => Ok(()),
        _ if answer.was_refused() => Err(answer.refusal().into()),
        failed => Err(Error::RunsFailed {
            failed,
            total: specs.len(),
        }),
    }
}

/// How many runs are not finished and whole.
fn missing(output: &Output, specs: &[RunSpec]) -> Result<usize, Error> {
    let states = output.run_states(specs, Depth::Everything)?;
    Ok(states.iter().filter(|state| !state.is_complete()).count())
}

/// What sbatch said, and how it ended.
struct Answer {
    succeeded: bool,
    out: String,
    errors: String,
}

impl Answer {
    /// A job that was taken has a number, which sbatch says first, however its tasks end.
    fn was_refused(&self) -> bool {
        !self.succeeded && !self.out.contains("Submitted batch job")
    }

    fn refusal(&self) -> InvalidInput {
        let words = self
            .errors
            .split_whitespace()
            .chain(self.out.split_whitespace());
        let said = match words.collect::<Vec<_>>().join(" ") {
            nothing if nothing.is_empty() => "it said nothing".to_owned(),
            said => said,
        };
        let allowed = "a job that sbatch takes: mend the options given as --slurm, or the cluster";
        invalid_value("sbatch", said, allowed).at("--executor slurm")
    }
}

/// Starts sbatch and waits for it. What it says is passed on as it comes, and kept.
fn submit(sbatch: &mut Command) -> std::io::Result<Answer> {
    let mut child = sbatch
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (out, errors) = (child.stdout.take(), child.stderr.take());
    let (out, errors) = thread::scope(|scope| {
        let errors = scope.spawn(|| pass_on(errors));
        let out = pass_on(out);
        (out, errors.join().unwrap_or_default())
    });
    let succeeded = child.wait()?.success();
    Ok(Answer {
        succeeded,
        out,
        errors,
    })
}

/// Everything that comes, line by line to standard error, and as a whole at the end.
fn pass_on(from: Option<impl Read>) -> String {
    let mut all = String::new();
    let lines = from
        .into_iter()
        .flat_map(|from| BufReader::new(from).split(b'\n'));
    for line in lines.map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // Nobody may be reading; the job goes on.
        let _ = writeln!(std::io::stderr(), "{line}");
        if all.len() < MOST_SAID {
            all.push_str(&line);
            all.push('\n');
        }
    }
    all
}

/// The script of one task.
fn text(name: &str, command: &[OsString]) -> String {
    let words: Vec<_> = command
        .iter()
        .map(|w| quoted(&w.to_string_lossy()))
        .collect();
    format!(
        "#!/bin/sh\n# One task of the study {name}: it takes the runs that no other task holds.\n#SBATCH --job-name=nodule-{name}\nexec {}\n",
        words.join(" ")
    )
}

/// A word that the shell leaves as it is.
fn quoted(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

fn absolute(path: &Path) -> Result<PathBuf, Error> {
    std::path::absolute(path)
        .map_err(|e| nodule_study::Error::from(failed_to("find", path)(e)).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_script_quotes_what_a_shell_would_split() {
        let command = ["/opt/my tools/nodule", "study", "it's"].map(OsString::from);
        let text = text("quick", &command);
        assert!(text.starts_with("#!/bin/sh\n"));
        assert!(
            text.ends_with("exec '/opt/my tools/nodule' 'study' 'it'\\''s'\n"),
            "{text}"
        );
    }
}
