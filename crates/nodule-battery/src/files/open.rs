//! Opening a battery: its manifest, every file held against it, and the sets as this build draws them.

use std::fs;
use std::io::ErrorKind;
use std::path::Path;

use nodule_error::{describe_parse_error, invalid_value};
use nodule_study::{Error, Registry, load_study};
use nodule_synth::GENERATOR_VERSION;

use super::manifest::{FORMAT, ListedFile, MANIFEST, Manifest};
use crate::Battery;

/// The battery in `folder`, whole and as it was written.
///
/// # Errors
/// [`Error::Folder`] if there is none; [`Error::Record`] if a file of it is not as the manifest lists it;
/// [`Error::Setting`] if another version of the generator made it.
pub fn open(folder: &Path, registry: &Registry) -> Result<Battery, Error> {
    let path = folder.join(MANIFEST);
    let text = match fs::read(&path) {
        Ok(text) => text,
        Err(e) if matches!(e.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {
            let reason = "holds no battery (no manifest.json): `nodule battery export` writes one";
            return Err(Error::Folder {
                path: folder.to_path_buf(),
                reason: reason.to_owned(),
            });
        }
        Err(source) => return Err(Error::File { path, source }),
    };
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|e| Error::Record {
        path: path.clone(),
        reason: format!(
            "is no manifest of a battery ({})",
            describe_parse_error(&e.to_string())
        ),
    })?;
    let place = path.to_string_lossy().into_owned();
    for (field, found, here) in [
        ("format", manifest.format, FORMAT),
        ("generator", manifest.generator, GENERATOR_VERSION),
    ] {
        if found != here {
            let allowed = format!("{here}, the version of this build: export the battery again");
            return Err(invalid_value(field, found, allowed).at(place).into());
        }
    }
    for (name, listed) in &manifest.files {
        same(&folder.join(name), listed)?;
    }
    let study = folder.join("study.toml");
    let resolved = load_study(&study.to_string_lossy(), registry)?;
    let battery = Battery::new(resolved, &manifest.train, manifest.seeds)?;
    if battery.id() != manifest.battery {
        let allowed = format!(
            "{}, which is what its study and seeds give: export the battery again",
            battery.id()
        );
        return Err(invalid_value("battery", &manifest.battery, allowed)
            .at(place)
            .into());
    }
    Ok(battery)
}

/// Refuses a file that is not as it is listed.
fn same(path: &Path, listed: &ListedFile) -> Result<(), Error> {
    let broken = |reason: &str| Error::Record {
        path: path.to_path_buf(),
        reason: reason.to_owned(),
    };
    match fs::read(path) {
        Ok(bytes) if ListedFile::of(&bytes) == *listed => Ok(()),
        Ok(_) => Err(broken(
            "was changed after the battery was exported (SHA-256)",
        )),
        Err(e) if e.kind() == ErrorKind::NotFound => Err(broken("is missing")),
        Err(source) => Err(Error::File {
            path: path.to_path_buf(),
            source,
        }),
    }
}
