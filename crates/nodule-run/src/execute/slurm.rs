//! The Slurm executor: a job array whose tasks work on one output folder.
//!
//! Nothing is divided up beforehand: every task runs the study as it would on one machine, and
//! takes what no other holds. The folder must be on a file system that all nodes see and that has
//! locks (NFS from version 4 on, Lustre with `flock`).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use nodule_error::refused;
use nodule_study::files::write_atomic;
use nodule_study::{Error, Output, Resolved, RunSpec};

/// How to ask Slurm.
#[derive(Debug, Clone)]
pub struct Slurm {
    /// Tasks of the array; at least 1.
    pub tasks: usize,
    /// More of `sbatch`'s own options, such as `--partition=gpu`.
    pub options: Vec<String>,
    /// What each task runs: the program and its arguments, with absolute paths.
    pub command: Vec<OsString>,
}

/// Submits the array and waits for it. Leaves `slurm.sh` and a log a task in the folder.
///
/// # Errors
/// [`Error::Setting`] if there is no `sbatch`; [`Error::RunsFailed`] if runs are missing when the
/// array has ended.
pub fn execute_on_slurm(
    resolved: &Resolved,
    specs: &[RunSpec],
    output: &Output,
    slurm: &Slurm,
) -> Result<(), Error> {
    if specs.iter().all(|spec| output.is_done(spec)) {
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
    sbatch.status().map_err(|e| {
        let allowed = format!("used where Slurm is: sbatch cannot be started ({e})");
        refused("--executor", "slurm", allowed).at("command line")
    })?;
    // The exit code is that of the worst task; what counts is which runs are there.
    let failed = specs.iter().filter(|spec| !output.is_done(spec)).count();
    match failed {
        0 => Ok(()),
        failed => Err(Error::RunsFailed {
            failed,
            total: specs.len(),
        }),
    }
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
    std::path::absolute(path).map_err(|source| Error::File {
        path: path.to_path_buf(),
        source,
    })
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
