//! Lists the distributions that come with the crate: every TOML file of its `data/distributions`, by
//! name. To add one is to add its file.

use std::collections::BTreeMap;
use std::error::Error;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = Path::new("data/distributions");
    println!("cargo:rerun-if-changed={}", folder.display());
    println!("cargo:rerun-if-changed=build.rs");
    let mut list = String::from("&[\n");
    for (name, path) in toml_files(folder)? {
        // The text itself: a path would be wrong as soon as the checkout is moved.
        writeln!(list, "    ({name:?}, {:?}),", fs::read_to_string(path)?)?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("built_in.rs"), list)?;
    Ok(())
}

/// The TOML files of a folder by the name before their ending, sorted, so that the same files give
/// the same bytes whatever order the system lists them in.
fn toml_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.extension().is_some_and(|ending| ending == "toml") {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            let name = name.ok_or_else(|| format!("{}: is not UTF-8", path.display()))?;
            files.insert(name.to_owned(), path);
        }
    }
    Ok(files)
}
