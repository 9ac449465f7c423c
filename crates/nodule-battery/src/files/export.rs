//! Writing a battery, so that any program can ask a network about it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nodule_study::Error;
use nodule_study::files::{create_folder, write_atomic};
use nodule_study::results::study_text;
use nodule_synth::export::check_export_folder;

use super::croissant::{CROISSANT, croissant};
use super::labels::{LABELS, labels_csv};
use super::manifest::{ListedFile, MANIFEST, Manifest, file_of};
use super::npz::arrays;
use crate::{Battery, SetKind};

/// Writes `battery` into `folder`, which must be empty or not there yet: `images/SET.npz`, `labels.csv`, the
/// study, `croissant.json`, and `manifest.json`. `said` is told each set before it is rendered. The folder is
/// there whole or not at all.
///
/// # Errors
/// [`Error::Generator`] if the folder cannot be used; or if a set does not fit into memory, or a file cannot
/// be written.
pub fn export(battery: &Battery, folder: &Path, said: &dyn Fn(&str)) -> Result<Manifest, Error> {
    check_export_folder(folder)?;
    let beside = beside(folder);
    create_folder(&beside)?;
    let written = write(battery, &beside, said).and_then(|manifest| {
        let moved = fs::rename(&beside, folder);
        let failed = |source| Error::File {
            path: folder.to_path_buf(),
            source,
        };
        moved.map(|()| manifest).map_err(failed)
    });
    if written.is_err() {
        // What is half-written is nobody's: the error that is reported is the one that matters.
        let _ = fs::remove_dir_all(&beside);
    }
    written
}

/// Where it is written before it is whole: on the same disk.
fn beside(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let process = std::process::id();
    folder.with_file_name(format!(".{name}.{process}.unfinished"))
}

fn write(battery: &Battery, folder: &Path, said: &dyn Fn(&str)) -> Result<Manifest, Error> {
    create_folder(&folder.join("images"))?;
    let mut files = BTreeMap::new();
    let mut keep = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            create_folder(parent)?;
        }
        write_atomic(&path, bytes)?;
        files.insert(name.to_owned(), ListedFile::of(bytes));
        Ok::<_, Error>(())
    };
    let study = study_text(battery.resolved())?;
    keep("study.toml", study.as_bytes())?;
    for (name, text) in &battery.resolved().attachments {
        keep(name, text.as_bytes())?;
    }
    for set in battery.sets() {
        let name = set.name();
        said(&name);
        let with_masks = set.kind == SetKind::Maps;
        let npz = arrays(&name, &battery.rendered(set)?, &set.ids(), with_masks)?;
        keep(&file_of(&name), &npz)?;
    }
    keep(LABELS, &labels_csv(battery)?)?;
    let mut manifest = Manifest::new(battery, &study, files);
    let described = croissant(&manifest)?;
    write_atomic(&folder.join(CROISSANT), &described)?;
    let listed = ListedFile::of(&described);
    manifest.files.insert(CROISSANT.to_owned(), listed);
    write_atomic(&folder.join(MANIFEST), &manifest.text()?)?;
    Ok(manifest)
}
