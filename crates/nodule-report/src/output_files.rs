//! Files of the report in the folder of a study: writes the new ones and removes those of earlier reports.

use std::borrow::Cow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};

use nodule_study::files::{create_folder, failed_to, read_file, write_atomic};
use rayon::prelude::*;

use crate::Error;

/// Folders of the report.
const FOLDERS: [&str; 3] = ["tables", "figures", "report"];
/// List of the written files: paths relative to the folder of the study, sorted.
const LIST: &str = "report/files.json";

/// Path relative to the folder of the study, such as `tables/results.csv`, and content.
pub(crate) type NamedFile<'a> = (String, Cow<'a, [u8]>);

/// Writes `files` into `folder`, removes files that only an earlier report wrote, and returns the paths of foreign
/// files in the folders of the report, which are kept.
///
/// `page`, one of the files, is removed first and written last, so that it never stands beside files of another report.
pub(crate) fn replace_files(
    folder: &Path,
    files: &[NamedFile],
    page: &str,
) -> Result<Vec<PathBuf>, Error> {
    for name in FOLDERS {
        create_folder(&folder.join(name))?;
    }
    let new: BTreeSet<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let old = read_own_files(folder);
    // If the process stops here, the next report still recognises its own files.
    let both = new.iter().copied().chain(old.iter().map(String::as_str));
    write_list(folder, &both.collect())?;
    remove_if_present(&folder.join(page))?;
    let write = |(name, bytes): &NamedFile| write_atomic(&folder.join(name), bytes);
    // Each file is flushed to the disk, so writing in parallel saves waiting.
    let others = files.par_iter().filter(|(name, _)| name != page);
    others.try_for_each(write)?;
    for name in old.iter().filter(|name| !new.contains(name.as_str())) {
        remove_if_present(&folder.join(name))?;
    }
    files
        .iter()
        .filter(|(name, _)| name == page)
        .try_for_each(write)?;
    write_list(folder, &new)?;
    Ok(foreign_files(folder, &new))
}

/// Removes a file, if it exists.
pub(crate) fn remove_if_present(path: &Path) -> Result<(), Error> {
    match path.is_file() {
        true => Ok(fs::remove_file(path).map_err(failed_to("remove", path))?),
        false => Ok(()),
    }
}

/// Returns the files of the report in the folder of a study, as paths relative to the folder.
///
/// Paths outside of the report's folders are ignored, so that an edited list cannot remove other files.
///
/// ```
/// use nodule_report::{read_own_files, write_report};
/// use nodule_study::records::Showcase;
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let folder = tempfile::tempdir()?;
/// write_report(&study, &[], &Showcase::default(), folder.path())?;
/// assert!(read_own_files(folder.path()).contains("tables/hypotheses.csv"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn read_own_files(folder: &Path) -> BTreeSet<String> {
    let text = read_file(&folder.join(LIST)).unwrap_or_default();
    let names: Vec<String> = serde_json::from_slice(&text).unwrap_or_default();
    names.into_iter().filter(|name| is_own(name)).collect()
}

/// Returns whether a path is a file directly in one of the report's folders.
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
    let mut text = serde_json::to_vec_pretty(names).map_err(|e| Error::cannot_make(LIST, e))?;
    text.push(b'\n');
    write_atomic(&folder.join(LIST), &text)
}

/// Returns files and folders that are not in `own`, sorted; hidden ones are ignored.
fn foreign_files(folder: &Path, own: &BTreeSet<&str>) -> Vec<PathBuf> {
    let mut foreign = Vec::new();
    for name in FOLDERS {
        let entries = fs::read_dir(folder.join(name)).into_iter().flatten();
        for entry in entries.flatten() {
            let file = entry.file_name().to_string_lossy().into_owned();
            let path = format!("{name}/{file}");
            if !file.starts_with('.') && path != LIST && !own.contains(path.as_str()) {
                foreign.push(entry.path());
            }
        }
    }
    foreign.sort();
    foreign
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, text: &'static str) -> NamedFile<'static> {
        (name.to_owned(), text.as_bytes().into())
    }

    #[test]
    fn old_files_are_removed_and_foreign_ones_kept() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let first = [file("tables/a.csv", "1"), file("tables/b.csv", "2")];
        assert!(
            replace_files(out, &first, "report/index.html")
                .unwrap()
                .is_empty()
        );
        fs::write(out.join("tables/a.csv"), "edited").unwrap();
        fs::write(out.join("figures/mine.svg"), "mine").unwrap();
        let foreign = replace_files(out, &first[..1], "report/index.html").unwrap();
        assert_eq!(foreign, [out.join("figures/mine.svg")]);
        assert_eq!(fs::read(out.join("tables/a.csv")).unwrap(), b"1");
        assert!(!out.join("tables/b.csv").exists());
    }

    #[test]
    fn an_interrupted_report_has_no_page() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path();
        let page = "report/index.html";
        let files = [file(page, "page"), file("tables/a.csv", "1")];
        replace_files(out, &files, page).unwrap();
        assert!(out.join(page).is_file());
        // The second report cannot write its table.
        fs::remove_file(out.join("tables/a.csv")).unwrap();
        fs::create_dir_all(out.join("tables/a.csv/full")).unwrap();
        replace_files(out, &files, page).unwrap_err();
        assert!(!out.join(page).exists());
    }

    #[test]
    fn an_edited_list_removes_no_other_files() {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        replace_files(&out, &[file("tables/a.csv", "1")], "report/index.html").unwrap();
        let run = folder.path().join("run.json");
        fs::write(&run, "{}").unwrap();
        fs::write(out.join("study.toml"), "x").unwrap();
        let names = r#"["../run.json", "study.toml", "tables/../study.toml", "/etc/hostname"]"#;
        fs::write(out.join(LIST), names).unwrap();
        replace_files(&out, &[file("tables/a.csv", "1")], "report/index.html").unwrap();
        assert!(run.exists() && out.join("study.toml").exists());
    }
}
