//! `manifest.json`: what a battery is made of, and the size and SHA-256 of each of its files.

use std::collections::BTreeMap;

use nodule_seed::sha256_hex;
use nodule_study::Error;
use nodule_study::plan::versions;
use serde::{Deserialize, Serialize};

use crate::Battery;

/// The file's name. It is written last: a folder without it holds no battery.
pub(super) const MANIFEST: &str = "manifest.json";
/// Version of the folder's format.
pub(super) const FORMAT: u32 = 1;

/// The contents of `manifest.json`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Manifest {
    /// Version of the folder's format.
    pub format: u32,
    /// The battery's id: answers name it.
    pub battery: String,
    /// Version of this workspace.
    pub nodule: String,
    /// The commit it was built from, or `unknown`.
    pub commit: String,
    /// Version of the generator's recipe.
    pub generator: u32,
    /// The study's name.
    pub study: String,
    /// SHA-256 of `study.toml` in the folder.
    pub study_sha256: String,
    /// SHA-256 of the real outlines.
    pub outlines_sha256: String,
    /// The root of every seed.
    pub root_seed: u64,
    /// Width and height of the images, in pixels.
    pub image_size: usize,
    /// Training distributions that there are training and validation images of.
    pub train: Vec<String>,
    /// Of how many seeds.
    pub seeds: usize,
    /// The sets, in order.
    pub sets: Vec<ListedSet>,
    /// Every other file of the folder by its path.
    pub files: BTreeMap<String, ListedFile>,
}

/// One set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedSet {
    /// Its name: answers call theirs `decision/NAME` and `embedding/NAME`.
    pub name: String,
    /// Its file.
    pub file: String,
    /// How many images.
    pub n: usize,
    /// Whether decision values are asked for.
    pub decision: bool,
    /// Whether embeddings are, of a model that gives any.
    pub embedding: bool,
}

/// One file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ListedFile {
    /// Its size.
    pub bytes: u64,
    /// Its SHA-256 in hexadecimal.
    pub sha256: String,
}

impl ListedFile {
    /// Of a file with these contents.
    pub(super) fn of(bytes: &[u8]) -> Self {
        Self {
            bytes: bytes.len() as u64,
            sha256: sha256_hex(bytes),
        }
    }
}

/// The file of a set.
pub(super) fn file_of(set: &str) -> String {
    format!("images/{set}.npz")
}

impl Manifest {
    /// Of a battery that lies in these files, `study` being the text of its `study.toml`.
    pub(super) fn new(battery: &Battery, study: &str, files: BTreeMap<String, ListedFile>) -> Self {
        let (resolved, versions) = (battery.resolved(), versions());
        let sets = battery.sets().iter().map(|set| ListedSet {
            name: set.name(),
            file: file_of(&set.name()),
            n: set.len(),
            decision: set.kind.is_decided(),
            embedding: set.kind.is_embedded(),
        });
        Self {
            format: FORMAT,
            battery: battery.id().to_owned(),
            nodule: versions.nodule,
            commit: versions.commit,
            generator: versions.generator,
            study: resolved.study.name.clone(),
            study_sha256: sha256_hex(&study),
            outlines_sha256: resolved.outlines.digest().to_owned(),
            root_seed: resolved.study.root_seed,
            image_size: battery.image_size(),
            train: battery.train().iter().map(|d| d.name.clone()).collect(),
            seeds: battery.seeds(),
            sets: sets.collect(),
            files,
        }
    }

    /// As it is written: JSON that a person can read.
    pub(super) fn text(&self) -> Result<Vec<u8>, Error> {
        json(MANIFEST, self)
    }
}

/// JSON that a person can read, with a newline at the end.
pub(super) fn json(name: &str, value: &impl Serialize) -> Result<Vec<u8>, Error> {
    let mut text = serde_json::to_vec_pretty(value).map_err(|e| Error::made(name, e))?;
    text.push(b'\n');
    Ok(text)
}
