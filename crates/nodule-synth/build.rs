//! Embeds the built-in distributions: every TOML file of `data/distributions`, sorted by name.

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
        // Embed the text, because a path becomes invalid when the checkout moves.
        writeln!(list, "    ({name:?}, {:?}),", fs::read_to_string(path)?)?;
    }
    list.push_str("]\n");
    fs::write(Path::new(&env::var("OUT_DIR")?).join("built_in.rs"), list)?;
    Ok(())
}

/// Returns the TOML files of a folder by name without extension, sorted, so that the output does not depend on the
/// order in which the system lists files.
fn toml_files(folder: &Path) -> Result<BTreeMap<String, PathBuf>, Box<dyn Error>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path
            .extension()
            .is_some_and(|extension| extension == "toml")
        {
            let name = path.file_stem().and_then(|stem| stem.to_str());
            let name = name.ok_or_else(|| format!("{}: name is not UTF-8", path.display()))?;
            files.insert(name.to_owned(), path);
        }
    }
    Ok(files)
}
