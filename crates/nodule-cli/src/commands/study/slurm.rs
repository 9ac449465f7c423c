//! Job array of `--executor slurm`, whose tasks execute the runs of a study.

use std::ffi::OsString;
use std::path::Path;

use anyhow::Context;
use nodule_run::{CHECKPOINT_INTERVAL, Slurm};
use nodule_study::Output;

use crate::threads::variables_set_by_program;

use super::execute::ExecuteArgs;

/// Default number of tasks.
const TASKS: u16 = 8;

/// Returns the job array whose tasks run `nodule study VERB` with the options of this command.
pub(super) fn job_array(
    verb: &str,
    command: &ExecuteArgs,
    output: &Output,
) -> anyhow::Result<Slurm> {
    let absolute =
        |path: &Path| std::path::absolute(path).context("cannot determine the current folder");
    let study = Path::new(&command.plan.study);
    let study = if study.is_file() {
        absolute(study)?.into_os_string()
    } else {
        study.into()
    };
    let mut task: Vec<OsString> = vec![std::env::current_exe()?.into()];
    task.extend(["study", verb, "--study"].map(OsString::from));
    task.push(study);
    task.extend(["--out".into(), absolute(output.path())?.into_os_string()]);
    task.extend(["--device".into(), (&command.plan.device).into()]);
    let every = command.resources.checkpoint_every;
    if every != CHECKPOINT_INTERVAL.as_secs_f64() {
        task.extend(["--checkpoint-every".into(), every.to_string().into()]);
    }
    if command.plan.force {
        task.push("--force".into());
    }
    task.push("--no-wait".into());
    for (name, value) in [
        ("--jobs", command.resources.jobs),
        ("--threads", command.resources.threads),
    ] {
        if let Some(value) = value {
            task.extend([name.into(), value.to_string().into()]);
        }
    }
    Ok(Slurm {
        tasks: usize::from(command.tasks.unwrap_or(TASKS)),
        options: command.slurm.clone(),
        unset_variables: variables_set_by_program(),
        command: task,
    })
}
