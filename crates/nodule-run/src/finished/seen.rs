//! What one network makes of the nodules over the square, and how that is kept in a file.
//!
//! | tensor | type | what it is |
//! |---|---|---|
//! | `decisions.READ_OUT` | f32 `[nodules * points * points]` | decision values |
//! | `maps.METHOD` | f32 `[nodules * 4, size * size]` | maps at the corners under the read-out that is mapped |
//! | `plane` | f32 `[dimension + 1]` | its weights and its offset; none where it is the head |
//!
//! The header's metadata holds `sha256`: of what was asked of which network, and of all tensors. The layout is *ours*.

use crate::Error;
use nodule_eval::{Hyperplane, LinearDecision, ReadOut};
use nodule_explain::Method;
use nodule_seed::sha256_hex_of_parts;
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};

use crate::measure::LinearReadOut;

/// The file's name in the run's folder.
pub(super) const FILE: &str = "shown.safetensors";

/// What one network makes of the nodules, before any unit.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Seen {
    /// Decision values `[nodules, points * points]` under each read-out that it has.
    pub(super) decisions: Vec<(ReadOut, Vec<f32>)>,
    /// The read-out that is mapped; none where it has no such read-out.
    pub(super) mapped: Option<LinearReadOut>,
    /// By each method that suits it, `[nodules, 4, size, size]`.
    pub(super) maps: Vec<(Method, Vec<f32>)>,
}

impl Seen {
    /// The bytes of its file; `asked` says what was asked of which network.
    pub(super) fn bytes(&self, asked: &str) -> Result<Vec<u8>, Error> {
        let decisions = self.decisions.iter();
        let decisions = decisions.map(|(r, values)| (format!("decisions.{r}"), le_bytes(values)));
        let maps = self.maps.iter();
        let maps = maps.map(|(m, values)| (format!("maps.{m}"), le_bytes(values)));
        let mut tensors: Vec<_> = decisions.chain(maps).collect();
        if let Some(LinearDecision::Hyperplane(plane)) = self.mapped.as_ref().map(|m| &m.linear) {
            let values = [plane.weights.as_slice(), &[plane.offset]].concat();
            tensors.push(("plane".to_owned(), le_bytes(&values)));
        }
        tensors.sort();
        let made = |e| Error::made(FILE, e);
        let views = tensors.iter().map(|(name, bytes)| {
            let view = TensorView::new(Dtype::F32, vec![bytes.len() / 4], bytes);
            view.map(|view| (name.as_str(), view))
        });
        let views = views.collect::<Result<Vec<_>, _>>().map_err(made)?;
        let parts = tensors.iter().map(|(name, b)| (name.as_str(), &b[..]));
        let sha256 = digest(asked, parts);
        // One entry alone: several would come in any order.
        let metadata = [("sha256".to_owned(), sha256)];
        safetensors::serialize(views, Some(metadata.into())).map_err(made)
    }

    /// From the bytes of its file: of a network with these read-outs. None if they are not whole, or are the
    /// answer to something else than was `asked`.
    pub(super) fn read(
        bytes: &[u8],
        asked: &str,
        read_outs: &[ReadOut],
        mapped: Option<ReadOut>,
    ) -> Option<Self> {
        let (_, header) = SafeTensors::read_metadata(bytes).ok()?;
        let tensors = SafeTensors::deserialize(bytes).ok()?;
        let mut parts: Vec<_> = tensors.iter().map(|(n, view)| (n, view.data())).collect();
        parts.sort();
        let said = header.metadata().as_ref()?.get("sha256")?;
        if *said != digest(asked, parts.into_iter()) {
            return None;
        }
        let floats = |name: &str| from_le_bytes(&tensors.tensor(name).ok()?);
        let decisions = read_outs.iter();
        let decisions = decisions.map(|r| Some((*r, floats(&format!("decisions.{r}"))?)));
        let linear = || match floats("plane") {
            None => Some(LinearDecision::LogitMargin),
            Some(mut weights) => {
                let offset = weights.pop()?;
                Some(LinearDecision::Hyperplane(Hyperplane { weights, offset }))
            }
        };
        let mapped = mapped.filter(|r| read_outs.contains(r));
        let mapped = mapped.and_then(|read_out| {
            let linear = linear()?;
            Some(LinearReadOut { read_out, linear })
        });
        let maps = Method::ALL.into_iter();
        Some(Self {
            decisions: decisions.collect::<Option<_>>()?,
            mapped,
            maps: maps
                .filter_map(|m| Some((m, floats(&format!("maps.{m}"))?)))
                .collect(),
        })
    }
}

/// Of the question and the whole answer, so that neither another one is used nor a part.
fn digest<'a>(asked: &str, tensors: impl Iterator<Item = (&'a str, &'a [u8])>) -> String {
    let parts = tensors.flat_map(|(name, bytes)| [name.as_bytes(), bytes]);
    sha256_hex_of_parts(std::iter::once(asked.as_bytes()).chain(parts))
}

fn le_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|v| v.to_le_bytes()).collect()
}

fn from_le_bytes(tensor: &TensorView) -> Option<Vec<f32>> {
    let (values, rest) = tensor.data().as_chunks();
    let whole = tensor.dtype() == Dtype::F32 && rest.is_empty();
    whole.then(|| values.iter().map(|v| f32::from_le_bytes(*v)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(linear: LinearDecision) -> Seen {
        let read_out = match linear {
            LinearDecision::LogitMargin => ReadOut::Head,
            LinearDecision::Hyperplane(_) => ReadOut::Centroid,
        };
        Seen {
            decisions: vec![(read_out, vec![0.5, -1.5]), (ReadOut::Knn, vec![0.1, 0.2])],
            mapped: Some(LinearReadOut { read_out, linear }),
            maps: vec![
                (Method::SmoothGrad, vec![1.0, 2.0, 3.0]),
                (Method::GradCam, vec![0.0; 3]),
            ],
        }
    }

    #[test]
    fn what_was_seen_comes_back_as_it_was() {
        let plane = Hyperplane {
            weights: vec![0.25, f32::MIN_POSITIVE],
            offset: -3.0,
        };
        for linear in [
            LinearDecision::LogitMargin,
            LinearDecision::Hyperplane(plane),
        ] {
            let seen = seen(linear);
            let read_outs: Vec<_> = seen.decisions.iter().map(|(r, _)| *r).collect();
            let bytes = seen.bytes("this").unwrap();
            let back = Seen::read(&bytes, "this", &read_outs, Some(read_outs[0]));
            assert_eq!(back, Some(seen));
        }
    }

    #[test]
    fn what_is_torn_changed_or_of_another_question_is_not_used() {
        let seen = seen(LinearDecision::LogitMargin);
        let read_outs = [ReadOut::Head, ReadOut::Knn];
        let bytes = seen.bytes("this").unwrap();
        let read = |bytes: &[u8], asked| Seen::read(bytes, asked, &read_outs, None);
        assert!(read(&bytes, "this").is_some());
        assert!(read(&bytes, "that").is_none());
        assert!(read(&bytes[..bytes.len() - 1], "this").is_none());
        assert!(read(&[], "this").is_none());
        for place in [bytes.len() - 1, bytes.len() / 2, 12] {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert!(read(&changed, "this").is_none(), "{place}");
        }
        assert!(Seen::read(&bytes, "this", &ReadOut::ALL, None).is_none());
    }
}
