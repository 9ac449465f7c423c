//! `manifest.json`: origin and sets of a battery, and the size and SHA-256 of each file.

use std::collections::BTreeMap;

use nodule_seed::sha256_hex;
use nodule_study::Error;
use nodule_study::plan::build_versions;
use serde::{Deserialize, Serialize};

use crate::Battery;

/// Name of the file. It is written last: a folder without it holds no battery.
pub(super) const MANIFEST: &str = "manifest.json";
/// Version of the folder's format.
pub(super) const FORMAT: u32 = 1;

/// Contents of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the folder's format.
    pub format: u32,
    /// Id of the battery, which predictions must repeat.
    pub battery: String,
    /// Version of this workspace.
    pub nodule: String,
    /// Commit that the program was built from, or `unknown`.
    pub commit: String,
    /// Version of the generator.
    pub generator: u32,
    /// Name of the study.
    pub study: String,
    /// SHA-256 of `study.toml`.
    pub study_sha256: String,
    /// SHA-256 of the real outlines.
    pub outlines_sha256: String,
    /// Seed that all other seeds derive from.
    pub root_seed: u64,
    /// Width and height of the images, in pixels.
    pub image_size: usize,
    /// Training distributions with training and validation images.
    pub train: Vec<String>,
    /// Number of seeds with training and validation images.
    pub seeds: usize,
    /// Sets, in order.
    pub sets: Vec<ListedSet>,
    /// All other files of the folder, by path.
    pub files: BTreeMap<String, ListedFile>,
}

/// A set in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedSet {
    /// Name of the set; predictions are called `decision/NAME` and `embedding/NAME`.
    pub name: String,
    /// Path of its file.
    pub file: String,
    /// Number of images.
    pub n: usize,
    /// Whether predictions need decision scores for it.
    pub decision: bool,
    /// Whether predictions need embeddings for it, if they hold any.
    pub embedding: bool,
}

/// A file in the manifest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 in hexadecimal.
    pub sha256: String,
}

impl ListedFile {
    /// Returns the entry of a file with this content.
    pub(super) fn new(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
        }
    }
}

/// Returns the path of a set's file.
pub(super) fn set_file(set: &str) -> String {
    format!("images/{set}.npz")
}

impl Manifest {
    /// Returns the manifest of a battery that is stored in `files`; `study` is the text of its `study.toml`.
    pub(super) fn new(battery: &Battery, study: &str, files: BTreeMap<String, ListedFile>) -> Self {
        let (resolved, versions) = (battery.resolved_study(), build_versions());
        let sets = battery.sets().iter().map(|set| ListedSet {
            name: set.name(),
            file: set_file(&set.name()),
            n: set.len(),
            decision: set.kind.needs_scores(),
            embedding: set.kind.needs_embeddings(),
        });
        Self {
            format: FORMAT,
            battery: battery.id().to_owned(),
            nodule: versions.nodule,
            commit: versions.commit,
            generator: versions.generator,
            study: resolved.study.name.clone(),
            study_sha256: sha256_hex(study),
            outlines_sha256: resolved.outlines.digest().to_owned(),
            root_seed: resolved.study.root_seed,
            image_size: battery.image_size(),
            train: battery.train().iter().map(|d| d.name.clone()).collect(),
            seeds: battery.seeds(),
            sets: sets.collect(),
            files,
        }
    }

    /// Returns the text of the file.
    pub(super) fn text(&self) -> Result<Vec<u8>, Error> {
        to_json(MANIFEST, self)
    }
}

/// Returns `value` as indented JSON with a newline at the end.
pub(crate) fn to_json(name: &str, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| Error::cannot_make(name, e))?;
    text.push(b'\n');
    Ok(text)
}
