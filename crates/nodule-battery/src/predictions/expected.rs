//! Check of predictions against a battery: every set, every image, in order, finite numbers.

use ndarray::Array2;
use nodule_config::Method;
use nodule_error::{InvalidInput, conflict, invalid_value, one_of};

use super::Predictions;
use crate::{Battery, Set, SetKind};

/// Sets that a model of one training distribution and seed must give predictions for.
#[derive(Debug, Clone)]
pub struct ExpectedSets<'a> {
    sets: Vec<(String, &'a Set)>,
    image_size: usize,
}

impl<'a> ExpectedSets<'a> {
    /// Returns the sets for a model that was trained on the distribution `train` with that seed number.
    ///
    /// # Errors
    /// If the battery has no images of the training distribution.
    pub fn new(battery: &'a Battery, train: &str, seed: usize) -> Result<Self, InvalidInput> {
        let mut names = battery.train().iter().map(|d| d.name.as_str());
        if !names.clone().any(|name| name == train) {
            return Err(invalid_value("train", train, one_of(names.by_ref())));
        }
        let sets = battery.sets_for_model(train, seed);
        Ok(Self {
            sets: sets.map(|set| (set.name(), set)).collect(),
            image_size: battery.image_size(),
        })
    }

    /// The sets, by name.
    #[must_use]
    pub fn sets(&self) -> &[(String, &'a Set)] {
        &self.sets
    }

    fn find_set(&self, field: &str, name: &str) -> Result<&'a Set, InvalidInput> {
        let found = self.sets.iter().find(|(known, _)| known == name);
        found.map(|(_, set)| *set).ok_or_else(|| {
            let names = || self.sets.iter().map(|(name, _)| name.as_str());
            let kind = field.split('/').next().unwrap_or_default();
            let reason = format!("not a set of this battery; expected {}", one_of(names()));
            conflict(field, reason).suggest_field(names().map(|name| format!("{kind}/{name}")))
        })
    }

    /// Checks the image ids of a set that the predictions repeat.
    pub(super) fn check_ids(&self, name: &str, ids: &[u64]) -> Result<(), InvalidInput> {
        let field = format!("id/{name}");
        let expected = self.find_set(&field, name)?.ids();
        check_length(&field, ids.len(), expected.len())?;
        let differs = (0..expected.len()).find(|i| ids[*i] != expected[*i]);
        differs.map_or(Ok(()), |i| {
            let allowed = format!(
                "{}; the predictions are in another order or of other images",
                expected[i]
            );
            Err(invalid_value(format!("{field}[{i}]"), ids[i], allowed))
        })
    }

    /// Checks the labels of a set that the predictions repeat.
    pub(super) fn check_labels(&self, name: &str, labels: &[u64]) -> Result<(), InvalidInput> {
        let field = format!("label/{name}");
        let expected = self.find_set(&field, name)?.labels();
        check_length(&field, labels.len(), expected.len())?;
        let differs = (0..expected.len()).find(|i| labels[*i] != u64::from(expected[*i]));
        differs.map_or(Ok(()), |i| {
            let allowed = format!("{}; these are labels of another set", expected[i]);
            Err(invalid_value(format!("{field}[{i}]"), labels[i], allowed))
        })
    }

    /// Checks decision scores or embeddings of a set. `field` is `decision/NAME` or `embedding/NAME`; `shape` is the
    /// shape of the array that holds `values`.
    ///
    /// # Errors
    /// If the battery has no such set, the shape is wrong, or a value is not finite.
    pub fn check_rows(
        &self,
        field: &str,
        name: &str,
        shape: &[usize],
        values: &[f64],
    ) -> Result<(), InvalidInput> {
        let set = self.find_set(field, name)?;
        let (expected, fits) = match field.starts_with("embedding/") {
            true => (
                "[n, d], one row per image",
                shape.len() == 2 && shape[1] > 0,
            ),
            false => (
                "[n], one score per image; of two logits per image, the second minus the first",
                shape.len() == 1 || matches!(shape, [_, 1]),
            ),
        };
        if !fits {
            let reason = format!("has shape {shape:?}; expected {expected}");
            return Err(conflict(field, reason));
        }
        check_length(field, shape[0], set.len())?;
        check_finite(field, values)
    }

    /// Checks saliency maps of the set `maps` and returns the attribution method of that name.
    ///
    /// # Errors
    /// If there is no such method or set, the shape is wrong, or a value is not finite.
    pub fn check_maps(
        &self,
        name: &str,
        shape: &[usize],
        values: &[f32],
    ) -> Result<Method, InvalidInput> {
        let field = format!("map/{name}");
        let method: Method = name
            .parse()
            .map_err(|_| invalid_value("map", name, one_of(Method::ALL.map(Method::name))))?;
        let n = self.find_set(&field, &SetKind::Maps.to_string())?.len();
        let size = self.image_size;
        if shape != [n, size, size] && shape != [n, 1, size, size] {
            let reason = format!(
                "has shape {shape:?}; expected [{n}, {size}, {size}], one map per image of the set maps"
            );
            return Err(conflict(field, reason));
        }
        check_finite(&field, values)?;
        Ok(method)
    }

    /// Checks that every set has the scores and embeddings that it needs.
    ///
    /// # Errors
    /// Names the first set without predictions.
    pub fn check_complete(&self, predictions: &Predictions) -> Result<(), InvalidInput> {
        let Predictions {
            scores, embeddings, ..
        } = predictions;
        if scores.is_empty() && embeddings.is_empty() {
            let reason = "no decision scores (decision/SET) and no embeddings (embedding/SET)";
            return Err(conflict("predictions", reason));
        }
        for (name, set) in &self.sets {
            let missing = |array: &str| {
                let reason = "missing; predictions must cover every set of the battery";
                conflict(format!("{array}/{name}"), reason)
            };
            if set.kind.needs_scores() && !scores.is_empty() && !scores.contains_key(name) {
                return Err(missing("decision"));
            }
            let needs_embeddings = set.kind.needs_embeddings() && !embeddings.is_empty();
            if needs_embeddings && !embeddings.contains_key(name) {
                return Err(missing("embedding"));
            }
        }
        check_dimension(embeddings.iter())
    }
}

/// Checks that all embeddings of a model have the same dimension.
fn check_dimension<'a>(
    mut all: impl Iterator<Item = (&'a String, &'a Array2<f32>)>,
) -> Result<(), InvalidInput> {
    let Some((first, rows)) = all.next() else {
        return Ok(());
    };
    let width = rows.ncols();
    let other = all.find(|(_, rows)| rows.ncols() != width);
    other.map_or(Ok(()), |(name, rows)| {
        let reason = format!(
            "has {} columns, but embedding/{first} has {width}; all embeddings of a model need the same",
            rows.ncols()
        );
        Err(conflict(format!("embedding/{name}"), reason))
    })
}

fn check_length(field: &str, found: usize, n: usize) -> Result<(), InvalidInput> {
    if found == n {
        return Ok(());
    }
    let reason =
        format!("has {found} values; expected {n}, one per image of the set, in its order");
    Err(conflict(field, reason))
}

fn check_finite<T: Copy + Into<f64>>(field: &str, values: &[T]) -> Result<(), InvalidInput> {
    let mut values = values.iter().map(|value| (*value).into());
    // A larger number becomes infinite in float32.
    let bad = values
        .clone()
        .position(|value: f64| !(value as f32).is_finite());
    bad.map_or(Ok(()), |i| {
        let value = values.nth(i).unwrap_or(f64::NAN);
        let allowed = "a finite number, at most 3.4e38 in absolute value";
        Err(invalid_value(format!("{field}[{i}]"), value, allowed))
    })
}
