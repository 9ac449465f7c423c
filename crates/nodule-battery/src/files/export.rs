//! Export of a battery as files that any program can read.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use nodule_study::Error;
use nodule_study::files::{create_folder, failed_to, write_atomic};
use nodule_study::results::study_text;
use nodule_synth::export::check_export_folder;

use super::croissant::{CROISSANT, croissant_json};
use super::labels::{LABELS, labels_csv};
use super::manifest::{ListedFile, MANIFEST, Manifest, set_file};
use super::npz::arrays;
use crate::{Battery, SetKind};

/// Writes a battery into `folder`, which must be empty or new: `images/SET.npz`, `labels.csv`, the study,
/// `croissant.json` and `manifest.json`. Calls `progress` with the name of each set before rendering it. A failed
/// export leaves no folder.
///
/// # Errors
/// [`Error::Generator`] if the folder cannot be used; also if a set does not fit into memory, or a file cannot be
/// written.
pub fn export(
    battery: &Battery,
    folder: &Path,
    progress: &dyn Fn(&str),
) -> Result<Manifest, Error> {
    check_export_folder(folder)?;
    let unfinished = unfinished_folder(folder);
    create_folder(&unfinished)?;
    let result = write_files(battery, &unfinished, progress).and_then(|manifest| {
        fs::rename(&unfinished, folder).map_err(failed_to("create", folder))?;
        Ok(manifest)
    });
    if result.is_err() {
        // Delete the partial export and return the original error.
        let _ = fs::remove_dir_all(&unfinished);
    }
    result
}

/// Returns the folder to write to before renaming, beside `folder` and so on the same disk.
fn unfinished_folder(folder: &Path) -> PathBuf {
    let name = folder.file_name().unwrap_or_default().to_string_lossy();
    let process = std::process::id();
    folder.with_file_name(format!(".{name}.{process}.unfinished"))
}

fn write_files(
    battery: &Battery,
    folder: &Path,
    progress: &dyn Fn(&str),
) -> Result<Manifest, Error> {
    create_folder(&folder.join("images"))?;
    let mut files = BTreeMap::new();
    let mut write = |name: &str, bytes: &[u8]| {
        let path = folder.join(name);
        if let Some(parent) = path.parent() {
            create_folder(parent)?;
        }
        write_atomic(&path, bytes)?;
        files.insert(name.to_owned(), ListedFile::new(bytes));
        Ok::<_, Error>(())
    };
    let study = study_text(battery.resolved_study())?;
    write("study.toml", study.as_bytes())?;
    for (name, text) in &battery.resolved_study().attachments {
        write(name, text.as_bytes())?;
    }
    for set in battery.sets() {
        let name = set.name();
        progress(&name);
        let with_masks = set.kind == SetKind::Maps;
        let npz = arrays(&name, &battery.render(set)?, &set.ids(), with_masks)?;
        write(&set_file(&name), &npz)?;
    }
    write(LABELS, &labels_csv(battery)?)?;
    let mut manifest = Manifest::new(battery, &study, files);
    let croissant = croissant_json(&manifest)?;
    write_atomic(&folder.join(CROISSANT), &croissant)?;
    let listed = ListedFile::new(&croissant);
    manifest.files.insert(CROISSANT.to_owned(), listed);
    write_atomic(&folder.join(MANIFEST), &manifest.text()?)?;
    Ok(manifest)
}
