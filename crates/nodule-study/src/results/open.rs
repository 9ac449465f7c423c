//! Opening an output folder, which holds exactly one study.

use std::fs::{self, File};
use std::path::Path;
use std::time::SystemTime;

use nodule_error::failed_to;

use super::output::Output;
use super::study_checksums::write_checksums;
use super::temporary_files::{is_temporary, remove_temporary_files};
use crate::Error;
use crate::files::{create_folder, read_text, write_exclusive};
use crate::load::parse_study;
use crate::settings::{Registry, Resolved};
use crate::unique::random_token;

/// Opens `path` to run the study `resolved`, and writes `study.toml` and its attachments if the folder is new.
///
/// `registry` holds the losses and networks of the study.
///
/// # Errors
/// [`Error::Folder`] if `path` is a file, cannot be written, holds another study, or holds files but no study. Nothing is
/// written then.
pub fn open_output(path: &Path, resolved: &Resolved, registry: &Registry) -> Result<Output, Error> {
    let text = study_text(resolved)?;
    let file = path.join("study.toml");
    // In this order, because another process that opens the folder now writes `study.toml` before anything else.
    if path.is_dir() && !is_unused(path) && !file.is_file() {
        let reason = "is not empty and holds no study.toml; choose another --out";
        return Err(folder_error(path, reason));
    }
    create_folder(path)?;
    // Exactly one of several processes that start together writes the file; the others read it.
    let exists = file.is_file()
        || !write_exclusive(&file, text.as_bytes()).map_err(|e| unwritable(path, &e))?;
    let existing = match exists {
        true => read_text(&file)?,
        false => text.clone(),
    };
    check_same_study(path, &existing, resolved, registry)?;
    write_attachments(path, &resolved.attachments)?;
    // Checksums of a file in another spelling would not match.
    if existing == text {
        write_checksums(path, &text, resolved).map_err(|e| unwritable(path, &e))?;
    }
    let runs = path.join("runs");
    create_folder(&runs)?;
    let now = test_writing(&runs).map_err(|e| unwritable(path, &e))?;
    remove_temporary_files(path, now);
    Ok(Output::at(path))
}

/// Opens a folder that a study was run in and loads the study.
///
/// # Errors
/// [`Error::Folder`] if the folder holds no study; all errors of loading a study.
pub fn read_output(path: &Path, registry: &Registry) -> Result<(Output, Resolved), Error> {
    let file = path.join("study.toml");
    if !file.is_file() {
        let reason = "holds no study.toml; it is not the output folder of a study";
        return Err(folder_error(path, reason));
    }
    let resolved = parse_study(&read_text(&file)?, &file.to_string_lossy(), path, registry)?;
    Ok((Output::at(path), resolved))
}

/// Returns the text of `study.toml` in the output folder, with all defaults filled in.
///
/// # Errors
/// [`Error::Made`] if the study cannot be written as TOML.
pub fn study_text(resolved: &Resolved) -> Result<String, Error> {
    let header = "# The study of this folder, with every default filled in. Written first;\n# `nodule study report` reads it.\n\n";
    toml::to_string_pretty(&resolved.study)
        .map(|body| format!("{header}{body}"))
        .map_err(|e| Error::cannot_make("study.toml", e))
}

/// Checks that the folder holds this study.
///
/// These files hold the same study: one in another spelling, one without a setting that an earlier version did not have,
/// and one with another description, which changes no number.
fn check_same_study(
    path: &Path,
    existing: &str,
    resolved: &Resolved,
    registry: &Registry,
) -> Result<(), Error> {
    let requested = study_text(resolved)?;
    if existing == requested {
        return Ok(());
    }
    let file = path.join("study.toml");
    let mut existing = parse_study(existing, &file.to_string_lossy(), path, registry)?;
    existing
        .study
        .description
        .clone_from(&resolved.study.description);
    let existing = study_text(&existing)?;
    if existing == requested {
        return Ok(());
    }
    let difference = existing
        .lines()
        .zip(requested.lines())
        .find(|(a, b)| a != b)
        .map_or_else(
            || "one is longer".to_owned(),
            |(a, b)| format!("`{}` there, `{}` requested", a.trim(), b.trim()),
        );
    let reason =
        format!("holds another study ({difference}); choose another --out, or remove the folder");
    Err(folder_error(path, reason))
}

/// Writes copies of the files that the study names, and rejects other files of the same names.
fn write_attachments(path: &Path, attachments: &[(String, String)]) -> Result<(), Error> {
    for (name, content) in attachments {
        let file = path.join(name);
        create_folder(file.parent().unwrap_or(path))?;
        let is_new =
            write_exclusive(&file, content.as_bytes()).map_err(|e| unwritable(path, &e))?;
        if !is_new && read_text(&file)? != *content {
            let reason = format!(
                "holds another {name} than the study names; choose another --out, or remove that file if it was changed by mistake"
            );
            return Err(folder_error(path, reason));
        }
    }
    Ok(())
}

/// Tests that the folder can be written, and returns the time by its file system's clock.
fn test_writing(folder: &Path) -> Result<SystemTime, Error> {
    let path = folder.join(format!(".trial.{}", random_token()));
    let modified = File::create_new(&path).and_then(|file| file.metadata()?.modified());
    let _ = fs::remove_file(&path);
    Ok(modified.map_err(failed_to("create", &path))?)
}

/// Whether the folder holds nothing but files that another process may be writing to open it.
fn is_unused(path: &Path) -> bool {
    let is_ours = |name: &str| is_temporary(name) || name.starts_with('.') || name == "inputs";
    fs::read_dir(path).is_ok_and(|mut entries| {
        entries.all(|entry| entry.is_ok_and(|e| is_ours(&e.file_name().to_string_lossy())))
    })
}

fn unwritable(path: &Path, error: &Error) -> Error {
    folder_error(path, format!("cannot be written to: {error}"))
}

fn folder_error(path: &Path, reason: impl Into<String>) -> Error {
    Error::Folder {
        path: path.to_path_buf(),
        reason: reason.into(),
    }
}
