//! An npz file, as `numpy.savez` writes it.

use std::fs;
use std::io::{Cursor, Read as _};
use std::path::Path;

use ndarray::ArrayD;
use ndarray_npy::{ReadNpyExt, ReadableElement};
use nodule_seed::sha256_hex;
use zip::ZipArchive;

use crate::check::{Numbered, Read, name_of, numbered};
use crate::error::{content, file};
use crate::{Error, GroupedImages};

/// Bytes of the file, and of an array, at most: a compressed file may pretend to hold more than there is.
const MOST_BYTES: u64 = 8 << 30;
/// What an npy file begins with.
const MAGIC: &[u8] = b"\x93NUMPY";

/// Labelled images, with what else the file holds of them.
pub(crate) fn read(path: &Path) -> Result<Read, Error> {
    let bytes = bytes_of(path)?;
    let mut npz = Npz::new(path, &bytes, "images and labels")?;
    let (images, [n, size]) = npz.images("images")?;
    let of_images = |e: &str| format!("as many as images ({n}){e}");
    let labels = npz.needed("labels")?;
    let labels = npz.integers("labels", &labels, n, &of_images(", of integers 0 and 1"))?;
    let groups = npz.entry("group")?;
    let groups = groups.map(|bytes| npz.integers("group", &bytes, n, &of_images(", of integers")));
    let mut ratings = |name: &str| -> Result<Option<Vec<f64>>, Error> {
        let Some(bytes) = npz.entry(name)? else {
            return Ok(None);
        };
        npz.numbers(name, &bytes, n, &of_images(", of numbers"))
            .map(Some)
    };
    let (shape, texture) = (ratings("shape")?, ratings("texture")?);
    let masks = npz.entry("masks")?;
    let masks = masks.map(|bytes| npz.masks(&bytes, [n, size, size]));
    Ok(Read {
        name: name_of(path),
        image_size: size,
        images,
        labels,
        masks: masks.transpose()?,
        groups: groups.transpose()?.map(by_number),
        shape,
        texture,
        sha256: sha256_hex(&bytes),
    })
}

/// The images called `name`, each of a group.
pub(crate) fn read_grouped(path: &Path, name: &str) -> Result<GroupedImages, Error> {
    let bytes = bytes_of(path)?;
    let wanted = format!("{name} and group");
    let mut npz = Npz::new(path, &bytes, &wanted)?;
    let (images, [n, image_size]) = npz.images(name)?;
    let groups = npz.needed("group")?;
    let allowed = format!("as many as {name} ({n}), of integers");
    let groups = by_number(npz.integers("group", &groups, n, &allowed)?);
    Ok(GroupedImages {
        image_size,
        images,
        groups: groups.numbers,
        group_names: groups.names,
        sha256: sha256_hex(&bytes),
    })
}

/// Groups that a file calls by integers.
fn by_number(groups: Vec<i64>) -> Numbered {
    numbered(groups.iter().map(ToString::to_string))
}

/// The bytes of a file that is not too large.
fn bytes_of(path: &Path) -> Result<Vec<u8>, Error> {
    let size = fs::metadata(path).map_err(|e| file(path, e))?.len();
    if size > MOST_BYTES {
        let reason = format!(
            "is {} GiB: must be at most {}",
            size >> 30,
            MOST_BYTES >> 30
        );
        return Err(content(path, reason));
    }
    fs::read(path).map_err(|e| file(path, e))
}

struct Npz<'a> {
    path: &'a Path,
    archive: ZipArchive<Cursor<&'a [u8]>>,
    /// The arrays that it must have, for messages.
    wanted: &'a str,
}

impl<'a> Npz<'a> {
    fn new(path: &'a Path, bytes: &'a [u8], wanted: &'a str) -> Result<Self, Error> {
        let archive = ZipArchive::new(Cursor::new(bytes));
        let archive = archive.map_err(|e| content(path, format!("is no npz file: {e}")))?;
        Ok(Self {
            path,
            archive,
            wanted,
        })
    }

    /// The array of that name, as an npy file; none if there is none.
    fn entry(&mut self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        let path = self.path;
        let broken = |reason: String| content(path, format!("array {name}: {reason}"));
        let entry = match self.archive.by_name(&format!("{name}.npy")) {
            Ok(entry) => entry,
            Err(zip::result::ZipError::FileNotFound) => return Ok(None),
            Err(e) => return Err(broken(e.to_string())),
        };
        let mut bytes = Vec::new();
        let read = entry.take(MOST_BYTES + 1).read_to_end(&mut bytes);
        read.map_err(|e| broken(e.to_string()))?;
        if bytes.len() as u64 > MOST_BYTES {
            return Err(broken(format!("must be at most {} GiB", MOST_BYTES >> 30)));
        }
        match announced(&bytes) {
            Some(values) if values <= bytes.len() as u64 => Ok(Some(bytes)),
            Some(_) => Err(broken("is cut short".to_owned())),
            None => Err(broken("is no array of NumPy".to_owned())),
        }
    }

    fn needed(&mut self, name: &str) -> Result<Vec<u8>, Error> {
        let names: Vec<String> = self.archive.file_names().map(String::from).collect();
        let names: Vec<_> = names.iter().map(|n| n.trim_end_matches(".npy")).collect();
        let found = names.join(", ");
        self.entry(name)?.ok_or_else(|| {
            let wanted = self.wanted;
            let reason = format!("has no array {name}: must have {wanted}, has {found}");
            content(self.path, reason)
        })
    }

    /// Intensities, with how many images there are and their size.
    fn images(&mut self, name: &str) -> Result<(Vec<f32>, [usize; 2]), Error> {
        let bytes = self.needed(name)?;
        let allowed = "[n, size, size] of float32 in [0, 1] or uint8";
        let (shape, images) = if let Some(array) = of_type::<f32>(&bytes) {
            (array.shape().to_vec(), values(array))
        } else if let Some(array) = of_type::<u8>(&bytes) {
            let shape = array.shape().to_vec();
            let images = values(array).into_iter().map(|v| f32::from(v) / 255.0);
            (shape, images.collect())
        } else {
            return Err(self.wrong(name, &header(&bytes), allowed));
        };
        match shape[..] {
            [n, size, other] if size == other && size > 0 => Ok((images, [n, size])),
            _ => Err(self.wrong(name, &format!("{shape:?}"), allowed)),
        }
    }

    fn masks(&self, bytes: &[u8], shape: [usize; 3]) -> Result<Vec<u8>, Error> {
        let allowed = format!("{shape:?}, as images are, of uint8 or bool");
        let array = of_type::<u8>(bytes);
        let array = array.or_else(|| of_type::<bool>(bytes).map(|a| a.mapv(u8::from)));
        let Some(array) = array else {
            return Err(self.wrong("masks", &header(bytes), &allowed));
        };
        match array.shape() == shape {
            true => Ok(values(array)),
            false => Err(self.wrong("masks", &format!("{:?}", array.shape()), &allowed)),
        }
    }

    fn integers(
        &self,
        name: &str,
        bytes: &[u8],
        n: usize,
        allowed: &str,
    ) -> Result<Vec<i64>, Error> {
        let array = of_type::<i64>(bytes)
            .or_else(|| of_type::<u8>(bytes).map(|a| a.mapv(i64::from)))
            .or_else(|| of_type::<i32>(bytes).map(|a| a.mapv(i64::from)))
            .or_else(|| of_type::<i8>(bytes).map(|a| a.mapv(i64::from)))
            .or_else(|| of_type::<i16>(bytes).map(|a| a.mapv(i64::from)))
            .or_else(|| of_type::<u16>(bytes).map(|a| a.mapv(i64::from)))
            .or_else(|| of_type::<u32>(bytes).map(|a| a.mapv(i64::from)))
            .or_else(|| of_type::<bool>(bytes).map(|a| a.mapv(i64::from)));
        self.column(name, bytes, array, n, allowed)
    }

    fn numbers(
        &self,
        name: &str,
        bytes: &[u8],
        n: usize,
        allowed: &str,
    ) -> Result<Vec<f64>, Error> {
        let array =
            of_type::<f64>(bytes).or_else(|| of_type::<f32>(bytes).map(|a| a.mapv(f64::from)));
        match array {
            Some(_) => self.column(name, bytes, array, n, allowed),
            None => {
                let whole = self.integers(name, bytes, n, allowed)?;
                Ok(whole.into_iter().map(|v| v as f64).collect())
            }
        }
    }

    fn column<T>(
        &self,
        name: &str,
        bytes: &[u8],
        array: Option<ArrayD<T>>,
        n: usize,
        allowed: &str,
    ) -> Result<Vec<T>, Error> {
        let array = array.ok_or_else(|| self.wrong(name, &header(bytes), allowed))?;
        match array.shape() == [n] {
            true => Ok(values(array)),
            false => Err(self.wrong(name, &format!("{:?}", array.shape()), allowed)),
        }
    }

    fn wrong(&self, name: &str, found: &str, allowed: &str) -> Error {
        content(
            self.path,
            format!("array {name} is {found}: must be {allowed}"),
        )
    }
}

/// The array in that npy file if its values are of that type.
fn of_type<T: ReadableElement>(bytes: &[u8]) -> Option<ArrayD<T>> {
    ArrayD::<T>::read_npy(Cursor::new(bytes)).ok()
}

/// Row by row, whatever the order in the file: an array is walked through by its last axis first.
fn values<T>(array: ArrayD<T>) -> Vec<T> {
    array.into_iter().collect()
}

/// The header of an npy file as it stands there, on one line.
fn header(bytes: &[u8]) -> String {
    let text = text_of_header(bytes).unwrap_or_default();
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn text_of_header(bytes: &[u8]) -> Option<&str> {
    let rest = bytes.strip_prefix(MAGIC)?;
    let (version, rest) = rest.split_at_checked(2)?;
    let (length, rest) = match version[0] {
        1 => {
            let (length, rest) = rest.split_at_checked(2)?;
            (u64::from(u16::from_le_bytes(length.try_into().ok()?)), rest)
        }
        _ => {
            let (length, rest) = rest.split_at_checked(4)?;
            (u64::from(u32::from_le_bytes(length.try_into().ok()?)), rest)
        }
    };
    std::str::from_utf8(rest.get(..usize::try_from(length).ok()?)?).ok()
}

/// How many values the header of an npy file announces: asked before anything that large is made room for.
fn announced(bytes: &[u8]) -> Option<u64> {
    let (_, after) = text_of_header(bytes)?.split_once("'shape':")?;
    let (shape, _) = after.trim_start().strip_prefix('(')?.split_once(')')?;
    let sizes = shape.split(',').map(str::trim).filter(|s| !s.is_empty());
    sizes
        .map(|size| size.parse::<u64>().ok())
        .try_fold(1u64, |product, size| product.checked_mul(size?))
}
