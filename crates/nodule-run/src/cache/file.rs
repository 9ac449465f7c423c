//! Layout of the cache file `shown.safetensors`.
//!
//! | tensor | type | contents |
//! |---|---|---|
//! | `decisions.READ_OUT` | f32 `[nodules * points * points]` | decision scores |
//! | `maps.METHOD` | f32 `[nodules * 4, size * size]` | maps at the corners, for the read-out of the maps |
//! | `plane` | f32 `[dimension + 1]` | weights and offset of that read-out's hyperplane; missing if it is the head |
//!
//! The header's metadata holds `sha256`, a hash of the cache key and all tensors. The layout is *ours*.

use std::path::Path;

use nodule_config::Method;
use nodule_eval::{Hyperplane, LinearDecision, ReadOut};
use nodule_seed::sha256_hex_of_parts;
use nodule_study::files::{read_file, write_atomic};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use super::NetworkOutputs;
use crate::Error;
use crate::measure::LinearReadOut;

/// Name of the cache file in the run's folder.
pub const CACHE_FILE: &str = "shown.safetensors";

/// Returns the cached outputs of a network with these read-outs. `None` if the file is missing, damaged or has another
/// cache key.
pub(crate) fn load_outputs(
    folder: &Path,
    cache_key: &str,
    read_outs: &[ReadOut],
    map_read_out: Option<ReadOut>,
) -> Option<NetworkOutputs> {
    let bytes = read_file(&folder.join(CACHE_FILE)).ok()?;
    from_bytes(&bytes, cache_key, read_outs, map_read_out)
}

/// Writes the outputs into the cache. Ignores errors, since the next report can compute the outputs again.
pub(crate) fn store_outputs(folder: &Path, cache_key: &str, outputs: &NetworkOutputs) {
    if let Ok(bytes) = to_bytes(outputs, cache_key) {
        let _ = write_atomic(&folder.join(CACHE_FILE), &bytes);
    }
}

/// Returns the contents of the cache file.
pub(crate) fn to_bytes(outputs: &NetworkOutputs, cache_key: &str) -> Result<Vec<u8>, Error> {
    let scores = outputs.scores.iter();
    let scores = scores.map(|(r, values)| (format!("decisions.{r}"), to_le_bytes(values)));
    let maps = outputs.maps.iter();
    let maps = maps.map(|(m, values)| (format!("maps.{m}"), to_le_bytes(values)));
    let mut tensors: Vec<_> = scores.chain(maps).collect();
    let linear = outputs.map_read_out.as_ref().map(|m| &m.linear);
    if let Some(LinearDecision::Hyperplane(plane)) = linear {
        let values = [plane.weights.as_slice(), &[plane.offset]].concat();
        tensors.push(("plane".to_owned(), to_le_bytes(&values)));
    }
    tensors.sort();
    let error = |e| Error::cannot_make(CACHE_FILE, e);
    let views = tensors.iter().map(|(name, bytes)| {
        let view = TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes);
        view.map(|view| (name.as_str(), view))
    });
    let views = views.collect::<Result<Vec<_>, _>>().map_err(error)?;
    let named = tensors.iter().map(|(name, b)| (name.as_str(), &b[..]));
    // A single entry: safetensors writes several in random order.
    let metadata = [("sha256".to_owned(), hash(cache_key, named))];
    safetensors::serialize(views, Some(metadata.into())).map_err(error)
}

fn from_bytes(
    bytes: &[u8],
    cache_key: &str,
    read_outs: &[ReadOut],
    map_read_out: Option<ReadOut>,
) -> Option<NetworkOutputs> {
    let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
    let tensors = SafeTensors::deserialize(bytes).ok()?;
    let mut named: Vec<_> = tensors.iter().map(|(n, view)| (n, view.data())).collect();
    named.sort();
    let sha256 = header.metadata().as_ref()?.get("sha256")?;
    if *sha256 != hash(cache_key, named.into_iter()) {
        return None;
    }
    let floats = |name: &str| from_le_bytes(&tensors.tensor(name).ok()?);
    let scores = read_outs
        .iter()
        .map(|r| Some((*r, floats(&format!("decisions.{r}"))?)));
    let linear = || match floats("plane") {
        None => Some(LinearDecision::LogitMargin),
        Some(mut weights) => {
            let offset = weights.pop()?;
            Some(LinearDecision::Hyperplane(Hyperplane { weights, offset }))
        }
    };
    let map_read_out = map_read_out.filter(|r| read_outs.contains(r));
    let map_read_out = map_read_out.and_then(|read_out| {
        let linear = linear()?;
        Some(LinearReadOut { read_out, linear })
    });
    let maps = Method::ALL
        .into_iter()
        .filter_map(|m| Some((m, floats(&format!("maps.{m}"))?)));
    Some(NetworkOutputs {
        scores: scores.collect::<Option<_>>()?,
        map_read_out,
        maps: maps.collect(),
    })
}

fn hash<'a>(cache_key: &str, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let parts = tensors.flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
    sha256_hex_of_parts(std::iter::once(cache_key.as_bytes()).chain(parts))
}

fn to_le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn from_le_bytes(tensor: &TensorView) -> Option<Vec<f32>> {
    let (values, rest) = tensor.data().as_chunks();
    let is_f32 = tensor.dtype() == Dtype::F32 && rest.is_empty();
    is_f32.then(|| values.iter().map(|v| f32::from_le_bytes(*v)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outputs(linear: LinearDecision) -> NetworkOutputs {
        let read_out = match linear {
            LinearDecision::LogitMargin => ReadOut::Head,
            LinearDecision::Hyperplane(_) => ReadOut::Centroid,
        };
        NetworkOutputs {
            scores: vec![(read_out, vec![0.5, -1.5]), (ReadOut::Knn, vec![0.1, 0.2])],
            map_read_out: Some(LinearReadOut { read_out, linear }),
            maps: vec![
                (Method::SmoothGrad, vec![1.0, 2.0, 3.0]),
                (Method::GradCam, vec![0.0; 3]),
            ],
        }
    }

    #[test]
    fn outputs_survive_a_round_trip() {
        let plane = Hyperplane {
            weights: vec![0.25, f32::MIN_POSITIVE],
            offset: -3.0,
        };
        for linear in [
            LinearDecision::LogitMargin,
            LinearDecision::Hyperplane(plane),
        ] {
            let outputs = outputs(linear);
            let read_outs: Vec<_> = outputs.scores.iter().map(|(r, _)| *r).collect();
            let bytes = to_bytes(&outputs, "key").unwrap();
            let loaded = from_bytes(&bytes, "key", &read_outs, Some(read_outs[0]));
            assert_eq!(loaded, Some(outputs));
        }
    }

    #[test]
    fn rejects_truncated_and_changed_files_and_other_keys() {
        let read_outs = [ReadOut::Head, ReadOut::Knn];
        let bytes = to_bytes(&outputs(LinearDecision::LogitMargin), "key").unwrap();
        let load = |bytes: &[u8], key| from_bytes(bytes, key, &read_outs, None);
        assert!(load(&bytes, "key").is_some());
        assert!(load(&bytes, "another key").is_none());
        assert!(load(&bytes[..bytes.len() - 1], "key").is_none());
        assert!(load(&[], "key").is_none());
        for place in [bytes.len() - 1, bytes.len() / 2, 12] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(load(&changed, "key").is_none(), "{place}");
        }
        assert!(from_bytes(&bytes, "key", &ReadOut::ALL, None).is_none());
    }
}
