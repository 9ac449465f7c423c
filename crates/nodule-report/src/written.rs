//! The report's own files in the folder of a study: exactly those that the runs give, and no others that it
//! ever wrote.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use nodule_study::files::{create_folder, write_atomic};
use rayon::prelude::*;

use crate::Error;

/// The folders that the report fills.
const FOLDERS: [&str; 3] = ["tables", "figures", "report"];
/// The list of what it wrote: paths from the study's folder, sorted.
const LIST: &str = "report/files.json";

/// A file by its path from the study's folder, such as `tables/results.csv`.
pub(crate) type NamedFile<'a> = (String, Cow<'a, [u8]>);

/// Writes `files` into `folder`, removes what an earlier report wrote there and this one does not, and
/// returns the paths of what others put into the report's folders: that stays.
///
/// # Errors
/// If a file cannot be written or removed.
pub(crate) fn write_files(folder: &Path, files: &[NamedFile]) -> Result<Vec<PathBuf>, Error> {
    for name in FOLDERS {
        create_folder(&folder.join(name))?;
    }
    let now: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let before = listed(folder);
    // Stopped in between, the next report still knows which files are its own.
    let both = now.iter().copied().chain(before.iter().map(String::as_str));
    write_list(folder, &both.collect())?;
    // Every file is flushed to the disk: waiting for one, others can be written.
    let written = files.par_iter();
    written.try_for_each(|(name, bytes)| write_atomic(&folder.join(name), bytes))?;
    for name in before.iter().filter(|name| !now.contains(name.as_str())) {
        let path = folder.join(name);
        if path.is_file() {
            fs::remove_file(&path).map_err(|source| Error::File { path, source })?;
        }
    }
    write_list(folder, &now)?;
    Ok(unknown(folder, &now))
}

/// What an earlier report wrote. Whatever else stands in its list is not believed: nothing outside the
/// report's folders is ever removed.
fn listed(folder: &Path) -> BTreeSet<String> {
    let text = fs::read(folder.join(LIST)).unwrap_or_default();
    let names: Vec<String> = serde_json::from_slice(&text).unwrap_or_default();
    names.into_iter().filter(|name| is_own(name)).collect()
}

/// A plain name in one of the report's folders.
fn is_own(name: &str) -> bool {
    let parts: Vec<_> = Path::new(name).components().collect();
    match parts.as_slice() {
        [Component::Normal(folder), Component::Normal(_)] => {
            FOLDERS.iter().any(|own| folder == own) && name != LIST
        }
        _ => false,
    }
}

fn write_list(folder: &Path, names: &BTreeSet<&str>) -> Result<(), Error> {
    let mut text = serde_json::to_vec_pretty(names).map_err(|e| Error::made(LIST, e))?;
    text.push(b'\n');
    write_atomic(&folder.join(LIST), &text)
}

/// Files and folders of others, sorted; hidden ones do not count.
fn unknown(folder: &Path, own: &BTreeSet<&str>) -> Vec<PathBuf> {
    let mut unknown = Vec::new();
    for name in FOLDERS {
        let entries = fs::read_dir(folder.join(name)).into_iter().flatten();
        for entry in entries.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{name}/{file}");
            if !file.starts_with('.') && path != LIST && !own.contains(path.as_str()) {
                unknown.push(entry.path());
            }
        }
    }
    unknown.sort();
    unknown
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &'static str) -> NamedFile<'static> {
        (name.to_owned(), text.as_bytes().into())
    }

    #[test]
    fn what_is_no_longer_written_goes_and_what_is_of_others_stays() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let first = [file("tables/a.csv", "1"), file("tables/b.csv", "2")];
        assert!(write_files(out, &first).unwrap().is_empty());
        fs::write(out.join("tables/a.csv"), "edited").unwrap();
        fs::write(out.join("figures/mine.svg"), "mine").unwrap();
        let left = write_files(out, &first[..1]).unwrap();
        assert_eq!(left, [out.join("figures/mine.svg")]);
        assert_eq!(fs::read(out.join("tables/a.csv")).unwrap(), b"1");
        assert!(!out.join("tables/b.csv").exists());
    }

    #[test]
    fn a_list_that_names_other_files_removes_none() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        write_files(&out, &[file("tables/a.csv", "1")]).unwrap();
        let run = folder.path().join("run.json");
        fs::write(&run, "{}").unwrap();
        fs::write(out.join("study.toml"), "x").unwrap();
        let names = r#"["../run.json", "study.toml", "tables/../study.toml", "/etc/hostname"]"#;
        fs::write(out.join(LIST), names).unwrap();
        write_files(&out, &[file("tables/a.csv", "1")]).unwrap();
        assert!(run.exists() && out.join("study.toml").exists());
    }
}
