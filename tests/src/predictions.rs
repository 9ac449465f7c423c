//! Predictions on a battery as `numpy.savez` writes them, which tests then damage.

use std::collections::BTreeMap;
use std::fs;
use std::io::{Cursor, Write};
use std::path::Path;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

/// Arrays of an npz by name, each as the bytes of its npy file.
pub type Arrays = BTreeMap<String, Vec<u8>>;

/// Returns an npy file of that type and shape.
#[must_use]
pub fn npy(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
    let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    bytes.extend(data);
    bytes
}

/// Returns an npy file of `n` decision scores, or of `n` rows if `columns` is not 0.
#[must_use]
pub fn numbers(n: usize, columns: usize) -> Vec<u8> {
    let values = (0..n * columns.max(1)).map(|i| (i as f32 * 0.7).sin());
    let data: Vec<u8> = values.flat_map(f32::to_le_bytes).collect();
    match columns {
        0 => npy("<f4", &format!("({n},)"), &data),
        columns => npy("<f4", &format!("({n}, {columns})"), &data),
    }
}

/// Writes the arrays as an npz.
///
/// # Panics
/// If the file cannot be written.
pub fn write(arrays: &Arrays, path: &Path) {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for (name, bytes) in arrays {
        zip.start_file(format!("{name}.npy"), SimpleFileOptions::default())
            .expect("a file in a zip");
        zip.write_all(bytes).expect("memory");
    }
    let bytes = zip.finish().expect("a zip in memory").into_inner();
    fs::write(path, bytes).expect("a writable folder");
}

/// Exports the battery of the smoke study to `folder/battery`, and returns [`valid`] predictions for it.
///
/// # Panics
/// If the export fails.
#[must_use]
pub fn export_smoke(folder: &Path) -> Arrays {
    let export = "battery export --study smoke --train both --out battery";
    crate::succeed(folder, export);
    valid(&folder.join("battery"))
}

/// Returns valid predictions: the battery's id and a score for every image, from the manifest alone.
///
/// # Panics
/// If there is no battery.
#[must_use]
pub fn valid(battery: &Path) -> Arrays {
    let manifest = fs::read_to_string(battery.join("manifest.json")).expect("a battery");
    let manifest: serde_json::Value = serde_json::from_str(&manifest).expect("JSON");
    let id = manifest["battery"].as_str().expect("an id");
    let mut arrays = Arrays::new();
    arrays.insert("battery".into(), npy("|S32", "()", id.as_bytes()));
    for set in manifest["sets"].as_array().expect("sets") {
        let name = set["name"].as_str().expect("a name");
        let n = set["n"].as_u64().expect("a number") as usize;
        if set["decision"] == true {
            arrays.insert(format!("decision/{name}"), numbers(n, 0));
        }
    }
    arrays
}
