//! Images from the arrays of an npz file.

use std::fs;
use std::io::Cursor;
use std::path::Path;

use nodule_error::{InvalidInput, conflict, invalid_value};
use nodule_seed::sha256_hex;

use crate::check::{Unchecked, name_of_path};
use crate::columns::check_name;
use crate::error::{bad_content, cannot_read};
use crate::groups::Groups;
use crate::npz::{Array, Npz, Values};
use crate::{Error, GroupedImages};

/// Maximum size of the file, in bytes.
const MAX_BYTES: u64 = 8 << 30;
/// Maximum size of all unpacked arrays, in bytes.
const MAX_UNPACKED: u64 = 16 << 30;
/// Arrays of labelled images.
const LABELLED: [&str; 6] = ["images", "labels", "masks", "group", "shape", "texture"];
/// Largest number whose neighbours float64 represents.
const MAX_WHOLE: f64 = 9_007_199_254_740_992.0;

/// Reads labelled images, with masks, groups and ratings if the file has them.
pub(crate) fn read_labelled(path: &Path) -> Result<Unchecked, Error> {
    let bytes = read_bytes(path)?;
    let mut arrays = Arrays::new(path, &bytes, "images and labels")?;
    arrays.check_names(&LABELLED)?;
    let (images, [n, size]) = arrays.images("images")?;
    let describe_allowed = |rest: &str| format!("as many as images ({n}){rest}");
    let labels = arrays.require("labels")?;
    let allowed = describe_allowed(", of integers 0 and 1, or text");
    let labels = arrays.labels(labels, n, &allowed)?;
    let groups = arrays
        .optional("group")?
        .map(|array| arrays.groups(array, n, &describe_allowed(", of integers or text")))
        .transpose()?;
    let mut ratings = |name: &str| {
        arrays
            .optional(name)?
            .map(|array| arrays.numbers(name, array, n, &describe_allowed(", of numbers")))
            .transpose()
    };
    let (shape, texture) = (ratings("shape")?, ratings("texture")?);
    let masks = arrays
        .optional("masks")?
        .map(|array| arrays.masks(array, [n, size, size]))
        .transpose()?;
    Ok(Unchecked {
        name: name_of_path(path),
        image_size: size,
        images,
        labels,
        masks,
        groups,
        shape,
        texture,
        sha256: sha256_hex(&bytes),
    })
}

/// Reads the images in the array `name`, with their groups.
pub(crate) fn read_grouped(path: &Path, name: &str) -> Result<GroupedImages, Error> {
    let bytes = read_bytes(path)?;
    let required = format!("{name} and group");
    let mut arrays = Arrays::new(path, &bytes, &required)?;
    let (images, [n, image_size]) = arrays.images(name)?;
    let groups = arrays.require("group")?;
    arrays.check_names(&[&[name][..], &LABELLED].concat())?;
    let allowed = format!("as many as {name} ({n}), of integers or text");
    let groups = arrays.groups(groups, n, &allowed)?;
    Ok(GroupedImages {
        image_size,
        images,
        groups: groups.indices,
        group_names: groups.names,
        sha256: sha256_hex(&bytes),
    })
}

/// Returns the bytes of a file of limited size.
fn read_bytes(path: &Path) -> Result<Vec<u8>, Error> {
    let size = fs::metadata(path).map_err(cannot_read(path))?.len();
    if size > MAX_BYTES {
        let reason = format!("is {} GiB: must be at most {}", size >> 30, MAX_BYTES >> 30);
        return Err(bad_content(path, reason));
    }
    fs::read(path).map_err(cannot_read(path))
}

/// The arrays of a file, read with checks of type and shape.
struct Arrays<'a> {
    path: &'a Path,
    npz: Npz<Cursor<&'a [u8]>>,
    /// Names of the required arrays, for messages.
    required: &'a str,
}

impl<'a> Arrays<'a> {
    fn new(path: &'a Path, bytes: &'a [u8], required: &'a str) -> Result<Self, Error> {
        let npz = Npz::new(Cursor::new(bytes), MAX_UNPACKED)
            .map_err(|e| bad_content(path, format!("is not an npz file: {e}")))?;
        Ok(Self {
            path,
            npz,
            required,
        })
    }

    /// Checks that every array has one of these names.
    fn check_names(&self, known: &[&str]) -> Result<(), Error> {
        for name in self.npz.names() {
            check_name("array", &name, known).map_err(|e| self.place(e))?;
        }
        Ok(())
    }

    /// Returns the error with the file in front.
    fn place(&self, error: InvalidInput) -> Error {
        error.at(self.path.to_string_lossy()).into()
    }

    fn optional(&mut self, name: &str) -> Result<Option<Array>, Error> {
        let array = self.npz.array(name);
        array.map_err(|e| self.place(e))
    }

    fn require(&mut self, name: &str) -> Result<Array, Error> {
        if let Some(array) = self.optional(name)? {
            return Ok(array);
        }
        let (required, found) = (self.required, self.npz.names().join(", "));
        let reason = format!("has no array {name}; expected {required}, found {found}");
        Err(bad_content(self.path, reason))
    }

    /// Returns intensities `[n, size, size]` with n and size.
    fn images(&mut self, name: &str) -> Result<(Vec<f32>, [usize; 2]), Error> {
        let array = self.require(name)?;
        let error = |description: &str| {
            let allowed = "[n, size, size] of float32 in [0, 1] or uint8";
            Err(self.bad_array(name, description, allowed))
        };
        let description = array.describe();
        let [n, size, width] = array.shape[..] else {
            return error(&description);
        };
        if size != width || size == 0 {
            return error(&description);
        }
        let is_fortran = array.is_fortran;
        let values = match array.values {
            Values::F32(values) => c_order(values, [n, size, size], is_fortran),
            Values::U8(values) => c_order(values, [n, size, size], is_fortran)
                .into_iter()
                .map(|v| f32::from(v) / 255.0)
                .collect(),
            _ => return error(&description),
        };
        Ok((values, [n, size]))
    }

    fn masks(&self, array: Array, shape: [usize; 3]) -> Result<Vec<u8>, Error> {
        let description = array.describe();
        match array.values {
            Values::U8(values) if array.shape == shape => {
                Ok(c_order(values, shape, array.is_fortran))
            }
            Values::Bool(values) if array.shape == shape => {
                let values = c_order(values, shape, array.is_fortran);
                Ok(values.into_iter().map(u8::from).collect())
            }
            _ => {
                let allowed = format!("{shape:?}, as images are, of uint8 or bool");
                Err(self.bad_array("masks", &description, &allowed))
            }
        }
    }

    /// Returns labels as text.
    fn labels(&self, array: Array, n: usize, allowed: &str) -> Result<Vec<String>, Error> {
        match array.values {
            Values::Text(texts) if array.shape == [n] => Ok(texts),
            _ => {
                let labels = self.integers("labels", array, n, allowed)?;
                Ok(labels.iter().map(ToString::to_string).collect())
            }
        }
    }

    /// Returns the groups of images: text, integers, or whole numbers as pandas stores integers with gaps.
    fn groups(&self, array: Array, n: usize, allowed: &str) -> Result<Groups, Error> {
        let names = match array.values {
            Values::Text(texts) if array.shape == [n] => texts,
            Values::U64(numbers) if array.shape == [n] => {
                numbers.iter().map(ToString::to_string).collect()
            }
            Values::F32(_) | Values::F64(_) => {
                let numbers = self.numbers("group", array, n, allowed)?;
                let is_whole = |v: &f64| v.fract() == 0.0 && v.abs() < MAX_WHOLE;
                if let Some(i) = numbers.iter().position(|v| !is_whole(v)) {
                    let field = format!("group of image {i}");
                    return Err(self.place(invalid_value(field, numbers[i], "a whole number")));
                }
                numbers.iter().map(|v| (*v as i64).to_string()).collect()
            }
            _ => {
                let numbers = self.integers("group", array, n, allowed)?;
                numbers.iter().map(ToString::to_string).collect()
            }
        };
        Groups::from_file(&names).map_err(|e| self.place(e))
    }

    fn integers(
        &self,
        name: &str,
        array: Array,
        n: usize,
        allowed: &str,
    ) -> Result<Vec<i64>, Error> {
        let description = array.describe();
        match array.values {
            _ if array.shape != [n] => Err(self.bad_array(name, &description, allowed)),
            Values::I64(values) => Ok(values),
            Values::U8(values) => Ok(values.into_iter().map(i64::from).collect()),
            Values::Bool(values) => Ok(values.into_iter().map(i64::from).collect()),
            _ => Err(self.bad_array(name, &description, allowed)),
        }
    }

    fn numbers(
        &self,
        name: &str,
        array: Array,
        n: usize,
        allowed: &str,
    ) -> Result<Vec<f64>, Error> {
        match array.values {
            Values::F64(values) if array.shape == [n] => Ok(values),
            Values::F32(values) if array.shape == [n] => {
                Ok(values.into_iter().map(f64::from).collect())
            }
            Values::F64(_) | Values::F32(_) => {
                Err(self.bad_array(name, &array.describe(), allowed))
            }
            _ => {
                let integers = self.integers(name, array, n, allowed)?;
                Ok(integers.into_iter().map(|v| v as f64).collect())
            }
        }
    }

    fn bad_array(&self, name: &str, description: &str, allowed: &str) -> Error {
        let reason = format!("holds {description}; expected {allowed}");
        self.place(conflict(format!("array {name}"), reason))
    }
}

/// Returns the values of an array with the last index varying fastest.
fn c_order<T: Copy>(values: Vec<T>, [n, height, width]: [usize; 3], is_fortran: bool) -> Vec<T> {
    if !is_fortran {
        return values;
    }
    (0..values.len())
        .map(|i| {
            let (image, y, x) = (i / (height * width), i / width % height, i % width);
            values[image + n * (y + height * x)]
        })
        .collect()
}
