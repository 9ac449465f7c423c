//! The folder of a whole study is opened only if it is new, empty, or holds this very study.

use std::fs::{self, File};
use std::path::Path;

use super::leftovers::{clean, is_temporary};
use super::study_folder::Output;
use super::study_mark::write_study_mark;
use crate::Error;
use crate::files::{create_folder, file_error, read_text, write_exclusive};
use crate::settings::{Registry, Resolved, parse_study};
use crate::unique::random_token;

/// Opens `path` for `resolved`, whose losses and networks are of `registry`, writing `study.toml` and the files it names if the folder is new.
///
/// # Errors
/// [`Error::Folder`] if it is a file, cannot be written, holds another study, or holds files but
/// no study. Nothing is written then.
pub fn open_output(path: &Path, resolved: &Resolved, registry: &Registry) -> Result<Output, Error> {
    let text = study_text(resolved)?;
    let file = path.join("study.toml");
    // In this order: another process that opens it now writes `study.toml` before anything else.
    if path.is_dir() && !is_empty(path) && !file.is_file() {
        let reason = "is not empty and holds no study.toml: choose another --out".to_owned();
        return Err(Error::Folder {
            path: path.to_path_buf(),
            reason,
        });
    }
    create_folder(path)?;
    // Of several studies that are started at once exactly one writes it; the others find it there.
    let is_there = file.is_file()
        || !write_exclusive(&file, text.as_bytes()).map_err(|e| unwritable(path, &e))?;
    let there = match is_there {
        true => read_text(&file)?,
        false => text.clone(),
    };
    same_study(path, &there, &text, registry)?;
    attach(path, &resolved.attachments)?;
    // A folder in an older spelling has none: what is there is not what would be written.
    if there == text {
        write_study_mark(path, &text, resolved).map_err(|e| unwritable(path, &e))?;
    }
    create_folder(&path.join("runs"))?;
    let now = trial(&path.join("runs")).map_err(|e| unwritable(path, &e))?;
    clean(path, now);
    Ok(Output::at(path))
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
    Ok((Output::at(path), resolved))
}

/// The study as its folder keeps it, with every default filled in.
///
/// # Errors
/// [`Error::Made`] if TOML cannot hold it.
pub fn study_text(resolved: &Resolved) -> Result<String, Error> {
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

/// Writes the files that the study names beside it, and refuses others of their names.
fn attach(path: &Path, attachments: &[(String, String)]) -> Result<(), Error> {
    for (name, contents) in attachments {
        let attachment = path.join(name);
        create_folder(attachment.parent().unwrap_or(path))?;
        let written = write_exclusive(&attachment, contents.as_bytes());
        let is_new = written.map_err(|e| unwritable(path, &e))?;
        if !is_new && read_text(&attachment)? != *contents {
            let reason = format!(
                "holds another {name} than the study names: choose another --out, or remove that file if it was changed by mistake"
            );
            return Err(Error::Folder {
                path: path.to_path_buf(),
                reason,
            });
        }
    }
    Ok(())
}

/// Shows that the folder can be written to, and tells the time by its file system's clock.
fn trial(folder: &Path) -> Result<std::time::SystemTime, Error> {
    let path = folder.join(format!(".trial.{}", random_token()));
    let made = File::create_new(&path).and_then(|file| file.metadata()?.modified());
    let _ = fs::remove_file(&path);
    made.map_err(|e| file_error(&path, e))
}

/// Nothing in it but what another process that opens it right now may just have put there.
fn is_empty(path: &Path) -> bool {
    let ours = |name: &str| is_temporary(name) || name.starts_with('.') || name == "inputs";
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
