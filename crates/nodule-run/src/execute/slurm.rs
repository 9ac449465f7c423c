//! Execution on a cluster: a Slurm job array whose tasks work on one output folder.
//!
//! Runs are not assigned to tasks: every task executes the study as on a single machine and claims free runs. All nodes
//! must share the folder's file system; it need not support locks.

use std::ffi::OsString;
use std::fmt::Display;
use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::thread;

use nodule_error::{InvalidInput, conflict, failed_to, invalid_value};
use nodule_study::files::write_atomic;
use nodule_study::results::Depth;
use nodule_study::{Output, Resolved, RunSpec};

use crate::Error;

/// Most bytes of sbatch's output that an error message contains.
const MAX_OUTPUT: usize = 4000;

/// Settings of the job array.
///
/// ```
/// let slurm = nodule_run::Slurm {
///     tasks: 8,
///     options: vec!["--partition=gpu".to_owned()],
///     command: ["/opt/nodule", "study", "run"].map(Into::into).to_vec(),
///     unset_variables: Vec::new(),
/// };
/// assert_eq!(slurm.command.len(), 3);
/// ```
#[derive(Debug, Clone)]
pub struct Slurm {
    /// Number of tasks, at least 1.
    pub tasks: usize,
    /// Further options of `sbatch`, such as `--partition=gpu`.
    pub options: Vec<String>,
    /// Program and arguments of each task, with absolute paths.
    pub command: Vec<OsString>,
    /// Environment variables that the tasks do not inherit: those that this process set for itself.
    pub unset_variables: Vec<String>,
}

/// Name of Slurm's program that submits jobs.
const SBATCH: &str = "sbatch";

/// Checks that jobs can be submitted from this machine and that Slurm can write logs into `folder`. Writes nothing.
///
/// # Errors
/// If `sbatch` is not installed, or the folder's path has characters that Slurm's file patterns do not allow.
///
/// ```
/// use nodule_run::check_slurm;
///
/// // Slurm has no pattern for the logs in such a folder.
/// assert!(check_slurm("results/a\\b".as_ref()).is_err());
/// ```
pub fn check_slurm(folder: &Path) -> Result<(), Error> {
    let searched = std::env::var_os("PATH").unwrap_or_default();
    if !std::env::split_paths(&searched).any(|folder| is_program(&folder.join(SBATCH))) {
        return Err(cannot_start("it is not installed").into());
    }
    log_pattern(&absolute(folder)?)?;
    Ok(())
}

fn cannot_start(reason: impl Display) -> InvalidInput {
    let reason = format!("cannot start {SBATCH} ({reason}); run this on a cluster with Slurm");
    conflict("--executor slurm", reason).at("command line")
}

#[cfg(unix)]
fn is_program(path: &Path) -> bool {
    use std::os::unix::fs::PermissionsExt;
    fs::metadata(path).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

#[cfg(not(unix))]
fn is_program(path: &Path) -> bool {
    path.is_file() || path.with_extension("exe").is_file()
}

fn absolute(path: &Path) -> Result<PathBuf, nodule_study::Error> {
    Ok(std::path::absolute(path).map_err(failed_to("find", path))?)
}

/// Returns Slurm's file pattern of the logs in `folder`: one per task, with `%` of the folder's own doubled.
///
/// A backslash makes Slurm take the pattern literally, without any backslash.
fn log_pattern(folder: &Path) -> Result<String, InvalidInput> {
    let is_forbidden = |c: char| c == '\\' || c.is_control();
    match folder.to_str() {
        Some(path) if !path.contains(is_forbidden) => {
            Ok(format!("{}/slurm-%a.log", path.replace('%', "%%")))
        }
        _ => Err(invalid_value(
            "--out",
            folder.display(),
            "a path without backslashes and control characters, in UTF-8, with --executor slurm",
        )
        .at("command line")),
    }
}

/// Removes the logs of an earlier job array, which may have had more tasks.
fn remove_logs(folder: &Path) -> Result<(), nodule_study::Error> {
    let is_log = |name: &str| {
        let number = name
            .strip_prefix("slurm-")
            .and_then(|rest| rest.strip_suffix(".log"));
        number.is_some_and(|number| number.parse::<u32>().is_ok())
    };
    for entry in fs::read_dir(folder)
        .map_err(failed_to("read", folder))?
        .flatten()
    {
        if is_log(&entry.file_name().to_string_lossy()) {
            fs::remove_file(entry.path()).map_err(failed_to("remove", &entry.path()))?;
        }
    }
    Ok(())
}

/// Submits the job array and waits for it. Writes `slurm.sh` and one log per task into the output folder.
///
/// # Errors
/// If `sbatch` cannot be started or rejects the job; [`Error::RunsFailed`] if runs are missing when the array has ended.
pub fn execute_on_slurm(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
    slurm: &Slurm,
) -> Result<(), Error> {
    if count_incomplete(output, specs)? == 0 {
        return Ok(());
    }
    let folder = absolute(output.path())?;
    let logs = log_pattern(&folder)?;
    remove_logs(&folder)?;
    let script = folder.join("slurm.sh");
    let text = task_script(&resolved.study.name, &slurm.command);
    write_atomic(&script, text.as_bytes())?;
    let mut sbatch = Command::new(SBATCH);
    sbatch
        .arg("--wait")
        .arg(format!("--array=1-{}", slurm.tasks))
        .arg(format!("--output={logs}"))
        .args(&slurm.options)
        .arg(&script);
    for variable in &slurm.unset_variables {
        sbatch.env_remove(variable);
    }
    let result = submit(&mut sbatch).map_err(cannot_start)?;
    // The exit code is that of the worst task; the finished runs decide.
    match count_incomplete(output, specs)? {
        0 => Ok(()),
        _ if result.is_rejected() => Err(result.to_error().into()),
        failed => Err(Error::RunsFailed {
            failed,
            total: specs.len(),
        }),
    }
}

/// Returns the number of runs that are not finished and whole.
fn count_incomplete(output: &Output, specs: &[RunSpec]) -> Result<usize, Error> {
    let states = output.run_states(specs, Depth::Everything)?;
    Ok(states.iter().filter(|state| !state.is_complete()).count())
}

/// Output and exit status of sbatch.
struct SbatchResult {
    succeeded: bool,
    stdout: String,
    stderr: String,
}

impl SbatchResult {
    /// Returns whether sbatch rejected the job. sbatch prints the number of an accepted job first, even if tasks fail.
    fn is_rejected(&self) -> bool {
        !self.succeeded && !self.stdout.contains("Submitted batch job")
    }

    fn to_error(&self) -> InvalidInput {
        let words = self.stderr.split_whitespace();
        let words = words.chain(self.stdout.split_whitespace());
        let output = match words.collect::<Vec<_>>().join(" ") {
            empty if empty.is_empty() => "no output".to_owned(),
            output => output,
        };
        let reason = format!("rejected the job ({output}); fix the --slurm options or the cluster");
        conflict("sbatch", reason).at("--executor slurm")
    }
}

/// Starts sbatch and waits for it. Forwards and keeps its output.
fn submit(sbatch: &mut Command) -> std::io::Result<SbatchResult> {
    let mut child = sbatch
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()?;
    let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
    let (stdout, stderr) = thread::scope(|scope| {
        let stderr = scope.spawn(|| forward(stderr));
        let stdout = forward(stdout);
        (stdout, stderr.join().unwrap_or_default())
    });
    let succeeded = child.wait()?.success();
    Ok(SbatchResult {
        succeeded,
        stdout,
        stderr,
    })
}

/// Forwards a stream to standard error line by line, and returns its text.
fn forward(stream: Option<impl Read>) -> String {
    let mut text = String::new();
    let lines = stream
        .into_iter()
        .flat_map(|stream| BufReader::new(stream).split(b'\n'));
    for line in lines.map_while(Result::ok) {
        let line = String::from_utf8_lossy(&line).into_owned();
        // A closed standard error must not stop the job.
        let _ = writeln!(std::io::stderr(), "{line}");
        if text.len() < MAX_OUTPUT {
            text.push_str(&line);
            text.push('\n');
        }
    }
    text
}

/// Returns the script of one task.
fn task_script(study: &str, command: &[OsString]) -> String {
    let words: Vec<_> = command
        .iter()
        .map(|word| quote(&word.to_string_lossy()))
        .collect();
    format!(
        "#!/bin/sh\n# One task of the study {study}: executes runs that no other task has claimed.\n#SBATCH --job-name=nodule-{study}\nexec {}\n",
        words.join(" ")
    )
}

/// Quotes a word for the shell.
fn quote(word: &str) -> String {
    format!("'{}'", word.replace('\'', "'\\''"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_logs_lie_in_the_folder_whatever_its_name() {
        let pattern = |path: &str| log_pattern(Path::new(path));
        assert_eq!(
            pattern("/a b/50%/%A").unwrap(),
            "/a b/50%%/%%A/slurm-%a.log"
        );
        for path in ["/a\\b", "/a\nb"] {
            let message = pattern(path).unwrap_err().to_string();
            assert!(message.contains("without backslashes"), "{message}");
        }
    }

    #[test]
    fn the_script_quotes_every_word() {
        let command = ["/opt/my tools/nodule", "study", "it's"].map(OsString::from);
        let text = task_script("quick", &command);
        assert!(text.starts_with("#!/bin/sh\n"));
        assert!(
            text.ends_with("exec '/opt/my tools/nodule' 'study' 'it'\\''s'\n"),
            "{text}"
        );
    }
}
