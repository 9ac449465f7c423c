//! Opening of an exported battery: checks every file against the manifest and samples the sets again.

use std::io::ErrorKind;
use std::path::Path;

use nodule_error::{describe_parse_error, failed_to, invalid_value, read_file};
use nodule_study::{Error, Registry, load_study};
use nodule_synth::GENERATOR_VERSION;

use super::manifest::{FORMAT, ListedFile, MANIFEST, Manifest};
use crate::Battery;

/// Opens the battery in `folder`.
///
/// # Errors
/// [`Error::Folder`] if there is none; [`Error::Record`] if a file differs from the manifest; also if another version
/// of the generator wrote it.
///
/// ```
/// use nodule_battery::{Battery, export, open};
/// use nodule_study::{Registry, load_study};
///
/// let (folder, registry) = (tempfile::tempdir()?, Registry::default());
/// let battery = Battery::new(load_study("smoke", &registry)?, &["both".to_owned()], 1)?;
/// let path = folder.path().join("battery");
/// let manifest = export(&battery, &path, &|_| {})?;
/// assert_eq!(open(&path, &registry)?.id(), manifest.battery);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn open(folder: &Path, registry: &Registry) -> Result<Battery, Error> {
    let path = folder.join(MANIFEST);
    let manifest = read_manifest(folder, &path)?;
    let place = path.to_string_lossy();
    for (field, version, supported) in [
        ("format", manifest.format, FORMAT),
        ("generator", manifest.generator, GENERATOR_VERSION),
    ] {
        if version != supported {
            let allowed =
                format!("{supported}, the version of this program; export the battery again");
            return Err(invalid_value(field, version, allowed).at(place).into());
        }
    }
    for (name, listed) in &manifest.files {
        check_file(&folder.join(name), listed)?;
    }
    let study = folder.join("study.toml");
    let resolved = load_study(&study.to_string_lossy(), registry)?;
    let battery = Battery::new(resolved, &manifest.train, manifest.seeds)?;
    if battery.id() != manifest.battery {
        let allowed = format!(
            "{}, the id of its study and seeds; export the battery again",
            battery.id()
        );
        let error = invalid_value("battery", &manifest.battery, allowed);
        return Err(error.at(place).into());
    }
    Ok(battery)
}

fn read_manifest(folder: &Path, path: &Path) -> Result<Manifest, Error> {
    let text = read_file(path).map_err(|e| match e.kind() {
        ErrorKind::NotFound | ErrorKind::NotADirectory => Error::Folder {
            path: folder.to_path_buf(),
            reason: "holds no battery (no manifest.json); `nodule battery export` writes one"
                .to_owned(),
        },
        _ => failed_to("read", path)(e).into(),
    })?;
    serde_json::from_slice(&text).map_err(|e| Error::Record {
        path: path.to_path_buf(),
        reason: format!(
            "is no manifest of a battery ({})",
            describe_parse_error(&e.to_string())
        ),
    })
}

/// Checks size and SHA-256 of a file.
fn check_file(path: &Path, listed: &ListedFile) -> Result<(), Error> {
    let broken = |reason: &str| Error::Record {
        path: path.to_path_buf(),
        reason: reason.to_owned(),
    };
    match read_file(path) {
        Ok(bytes) if ListedFile::new(&bytes) == *listed => Ok(()),
        Ok(_) => Err(broken(
            "was changed after the battery was exported (SHA-256)",
        )),
        Err(e) if e.kind() == ErrorKind::NotFound => Err(broken("is missing")),
        Err(e) => Err(failed_to("read", path)(e).into()),
    }
}
