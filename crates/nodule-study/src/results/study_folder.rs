//! The folder of a whole study: opened only if it is new, empty, or holds this very study.

use std::fs::{self, File, OpenOptions};
use std::path::{Path, PathBuf};

use super::run_folder::{failure, forget_failure, is_done};
use crate::Error;
use crate::files::{create_folder, read_csv, read_json, read_text, write_atomic};
use crate::plan::RunSpec;
use crate::records::{FailedRun, FinishedRun, RunRecord};
use crate::settings::{Registry, Resolved, learnable, parse_study};

/// The folder of one study's results.
#[derive(Debug, Clone)]
pub struct Output {
    path: PathBuf,
}

/// Held while a process works on a study: as long as any does, what failed stays failed.
#[derive(Debug)]
pub struct AtWork {
    _lock: File,
}

/// Opens `path` for `resolved`, whose losses and networks are of `registry`, writing `study.toml` and the files it names if the folder is new.
///
/// # Errors
/// [`Error::Folder`] if it is a file, cannot be written, holds another study, or holds files but
/// no study. Nothing is written then.
pub fn open_output(path: &Path, resolved: &Resolved, registry: &Registry) -> Result<Output, Error> {
    let text = study_text(resolved)?;
    let file = path.join("study.toml");
    if path.is_dir() && file.is_file() {
        same_study(path, &read_text(&file)?, &text, registry)?;
    } else {
        if path.is_dir() && !is_empty(path) {
            let reason = "is not empty and holds no study.toml: choose another --out".to_owned();
            return Err(Error::Folder {
                path: path.to_path_buf(),
                reason,
            });
        }
        create_folder(path)?;
        for (name, contents) in &resolved.attachments {
            let attachment = path.join(name);
            create_folder(attachment.parent().unwrap_or(path))?;
            write_atomic(&attachment, contents.as_bytes()).map_err(|e| unwritable(path, &e))?;
        }
        write_atomic(&file, text.as_bytes()).map_err(|e| unwritable(path, &e))?;
    }
    create_folder(&path.join("runs"))?;
    let trial = path
        .join("runs")
        .join(format!(".trial.{}", std::process::id()));
    write_atomic(&trial, b"").map_err(|e| unwritable(path, &e))?;
    let _ = fs::remove_file(trial);
    Ok(Output {
        path: path.to_path_buf(),
    })
}

/// Opens a folder that a study was run in, and the study in it.
///
/// # Errors
/// [`Error::Folder`] if there is no study in it; and all that loading a study can find.
pub fn read_output(path: &Path, registry: &Registry) -> Result<(Output, Resolved), Error> {
    let file = path.join("study.toml");
    if !file.is_file() {
        let reason = "holds no study.toml: it is not the output folder of a study".to_owned();
        return Err(Error::Folder {
            path: path.to_path_buf(),
            reason,
        });
    }
    let resolved = parse_study(&read_text(&file)?, &file.to_string_lossy(), path, registry)?;
    Ok((
        Output {
            path: path.to_path_buf(),
        },
        resolved,
    ))
}

impl Output {
    /// The folder at `path`, whether or not there is one: to look at, not to write to.
    #[must_use]
    pub fn at(path: &Path) -> Self {
        Self {
            path: path.to_path_buf(),
        }
    }

    /// The folder.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder of one run.
    #[must_use]
    pub fn run_folder(&self, id: &str) -> PathBuf {
        self.path.join("runs").join(id)
    }

    /// Whether that run is finished.
    #[must_use]
    pub fn is_done(&self, spec: &RunSpec) -> bool {
        is_done(&self.run_folder(&spec.id))
    }

    /// Those of `specs` that failed, and why.
    #[must_use]
    pub fn failed(&self, specs: &[RunSpec]) -> Vec<FailedRun> {
        let failed = specs.iter().filter_map(|spec| {
            Some(FailedRun {
                run: spec.id.clone(),
                train: spec.train.name.clone(),
                loss: spec.loss.name.clone(),
                seed: spec.seed,
                title: spec.title(),
                control: !learnable(&spec.train),
                reason: failure(&self.run_folder(&spec.id))?,
            })
        });
        failed.collect()
    }

    /// Begins to work on `specs`. Where no other process does, those that failed are free to be tried
    /// again: a new start clears them, a process that joins others does not repeat what they found.
    ///
    /// # Errors
    /// [`Error::File`] if a reason that is there cannot be removed, or the folder cannot be locked.
    pub fn begin(&self, specs: &[RunSpec]) -> Result<AtWork, Error> {
        let path = self.path.join(".working");
        let error = |source| Error::File {
            path: path.clone(),
            source,
        };
        let mut open = OpenOptions::new();
        let file = open.create(true).truncate(false).write(true).open(&path);
        let file = file.map_err(error)?;
        if file.try_lock().is_ok() {
            let mut folders = specs.iter().map(|spec| self.run_folder(&spec.id));
            folders.try_for_each(|folder| forget_failure(&folder))?;
            file.unlock().map_err(error)?;
        }
        file.lock_shared().map_err(error)?;
        Ok(AtWork { _lock: file })
    }

    /// Reads back those of `specs` that are finished, by training distribution, loss and seed.
    ///
    /// # Errors
    /// [`Error::Record`] or [`Error::File`] if a finished run cannot be read.
    pub fn finished(
        &self,
        resolved: &Resolved,
        specs: &[RunSpec],
    ) -> Result<Vec<FinishedRun>, Error> {
        let done = specs.iter().filter_map(|spec| self.read(spec));
        let mut runs = done.collect::<Result<Vec<_>, _>>()?;
        let train = |run: &FinishedRun| {
            resolved
                .train
                .iter()
                .position(|d| d.name == run.record.train)
        };
        let losses = &resolved.study.losses;
        let loss = |run: &FinishedRun| losses.iter().position(|loss| *loss == run.record.loss);
        runs.sort_by_key(|run| (train(run), loss(run), run.record.seed));
        Ok(runs)
    }

    /// Reads back one run, if it is finished.
    #[must_use]
    pub fn read(&self, spec: &RunSpec) -> Option<Result<FinishedRun, Error>> {
        self.is_done(spec).then(|| self.read_run(&spec.id))
    }

    fn read_run(&self, id: &str) -> Result<FinishedRun, Error> {
        let folder = self.run_folder(id);
        Ok(FinishedRun {
            record: read_json(&folder.join("run.json"))?,
            history: read_csv(&folder.join("history.csv"))?,
            evaluation: read_json(&folder.join("evaluation.json"))?,
        })
    }
}

/// The record `run.json` of the run in that folder.
///
/// # Errors
/// [`Error::Record`] or [`Error::File`] if it cannot be read.
pub fn read_record(folder: &Path) -> Result<RunRecord, Error> {
    read_json(&folder.join("run.json"))
}

/// The study as the folder keeps it: every default spelled out.
fn study_text(resolved: &Resolved) -> Result<String, Error> {
    let header = "# The study of this folder, with every default filled in. Written first;\n# `nodule study report` reads it.\n\n";
    toml::to_string_pretty(&resolved.study)
        .map(|body| format!("{header}{body}"))
        .map_err(|e| Error::made("study.toml", e))
}

/// Refuses another study than the one there. One that is only spelled as it used to be is the same.
fn same_study(path: &Path, there: &str, here: &str, registry: &Registry) -> Result<(), Error> {
    if there == here {
        return Ok(());
    }
    let place = path.join("study.toml");
    let there = study_text(&parse_study(
        there,
        &place.to_string_lossy(),
        path,
        registry,
    )?)?;
    if there == here {
        return Ok(());
    }
    let differs = there.lines().zip(here.lines()).find(|(a, b)| a != b);
    let detail = differs.map_or_else(
        || "one is longer".to_owned(),
        |(a, b)| format!("`{}` there, `{}` asked for", a.trim(), b.trim()),
    );
    let reason =
        format!("holds another study ({detail}): choose another --out, or remove the folder");
    Err(Error::Folder {
        path: path.to_path_buf(),
        reason,
    })
}

/// Nothing in it but what another process that opens it right now may just have put there.
fn is_empty(path: &Path) -> bool {
    let ours = |name: &str| name.starts_with('.') || name == "inputs";
    fs::read_dir(path).is_ok_and(|mut entries| {
        entries.all(|entry| entry.is_ok_and(|e| ours(&e.file_name().to_string_lossy())))
    })
}

fn unwritable(path: &Path, error: &Error) -> Error {
    Error::Folder {
        path: path.to_path_buf(),
        reason: format!("cannot be written to: {error}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plan::plan;
    use crate::settings::load_study;

    #[test]
    fn a_new_start_clears_failures_and_one_that_joins_others_does_not() {
        let registry = Registry::default();
        let smoke = load_study("smoke", &registry).unwrap();
        let specs = plan(&smoke, "cpu");
        let folder = tempfile::tempdir().unwrap();
        let output = open_output(&folder.path().join("out"), &smoke, &registry).unwrap();
        let failed = || output.failed(&specs);
        let first = output.begin(&specs).unwrap();
        for spec in &specs[..2] {
            let path = output.run_folder(&spec.id);
            create_folder(&path).unwrap();
            fs::write(path.join("failed"), "diverged: the loss became NaN\n").unwrap();
        }
        assert_eq!(failed()[0].title, specs[0].title());
        assert!(failed()[0].has_diverged() && failed()[0].reason.ends_with("NaN"));
        let second = output.begin(&specs).unwrap();
        drop(first);
        let third = output.begin(&specs).unwrap();
        assert_eq!(failed().len(), 2, "there was always one at work");
        drop((second, third));
        // What is done has not failed, whatever was tried before.
        fs::write(output.run_folder(&specs[1].id).join("done"), b"").unwrap();
        assert_eq!(failed().len(), 1);
        let _fourth = output.begin(&specs).unwrap();
        assert!(failed().is_empty());
        assert!(!output.run_folder(&specs[0].id).join("failed").exists());
    }
}
