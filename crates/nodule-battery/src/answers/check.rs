//! Whether answers are for this battery: every set, every image, in order, finite numbers.

use ndarray::Array2;
use nodule_config::Method;
use nodule_error::{InvalidInput, invalid_value, one_of};

use super::Answers;
use crate::{Battery, Set, SetKind};

/// What a model of one training distribution and seed is asked.
#[derive(Debug, Clone)]
pub struct Wanted<'a> {
    sets: Vec<(String, &'a Set)>,
    image_size: usize,
}

impl<'a> Wanted<'a> {
    /// Of a model that was trained on `train`, with that seed's number.
    ///
    /// # Errors
    /// For a training distribution that the battery has no images of.
    pub fn new(battery: &'a Battery, train: &str, seed: usize) -> Result<Self, InvalidInput> {
        let known = battery.train().iter().map(|d| d.name.as_str());
        if !known.clone().any(|known| known == train) {
            return Err(invalid_value("train", train, one_of(known)));
        }
        let sets = battery.asked(train, seed);
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

    fn set(&self, field: &str, name: &str) -> Result<&'a Set, InvalidInput> {
        let found = self.sets.iter().find(|(known, _)| known == name);
        found.map(|(_, set)| *set).ok_or_else(|| {
            let names = self.sets.iter().map(|(name, _)| name.as_str());
            invalid_value(
                field,
                "answers for another set",
                format!("about {}", one_of(names)),
            )
        })
    }

    /// Checks the ids that an answer sends back.
    pub(super) fn ids(&self, name: &str, ids: &[u64]) -> Result<(), InvalidInput> {
        let field = format!("id/{name}");
        let own = self.set(&field, name)?.ids();
        same_length(&field, ids.len(), own.len())?;
        let differs = (0..own.len()).find(|i| ids[*i] != own[*i]);
        differs.map_or(Ok(()), |i| {
            let allowed = format!(
                "{}: the answers are in another order, or of other images",
                own[i]
            );
            Err(invalid_value(format!("{field}[{i}]"), ids[i], allowed))
        })
    }

    /// Checks the labels that an answer sends back.
    pub(super) fn labels(&self, name: &str, labels: &[u64]) -> Result<(), InvalidInput> {
        let field = format!("label/{name}");
        let own = self.set(&field, name)?.labels();
        same_length(&field, labels.len(), own.len())?;
        let differs = (0..own.len()).find(|i| labels[*i] != u64::from(own[*i]));
        differs.map_or(Ok(()), |i| {
            let allowed = format!("{}: these are the labels of another set", own[i]);
            Err(invalid_value(format!("{field}[{i}]"), labels[i], allowed))
        })
    }

    /// Decision values of a set, or embeddings, by the shape that they came in. `field` is `decision/NAME` or
    /// `embedding/NAME`.
    ///
    /// # Errors
    /// If there is no such set, the shape is another, or a value is not finite.
    pub fn rows(
        &self,
        field: &str,
        name: &str,
        shape: &[usize],
        values: &[f32],
    ) -> Result<(), InvalidInput> {
        let set = self.set(field, name)?;
        let is_embedding = field.starts_with("embedding/");
        let (allowed, fits) = match is_embedding {
            true => ("[n, d], a row an image", shape.len() == 2 && shape[1] > 0),
            false => (
                "[n], a value an image",
                shape.len() == 1 || matches!(shape, [_, 1]),
            ),
        };
        if !fits {
            let found = format!("an array of shape {shape:?}");
            return Err(invalid_value(field, found, format!("of shape {allowed}")));
        }
        same_length(field, shape[0], set.len())?;
        finite(field, values)
    }

    /// Maps of the set `maps`, by the name of their method.
    ///
    /// # Errors
    /// If there is no such method or set, the shape is another, or a value is not finite.
    pub fn map(&self, name: &str, shape: &[usize], values: &[f32]) -> Result<Method, InvalidInput> {
        let field = format!("map/{name}");
        let method: Result<Method, _> = name.parse();
        let method = method
            .map_err(|_| invalid_value("map", name, one_of(Method::ALL.map(Method::name))))?;
        let n = self.set(&field, &SetKind::Maps.to_string())?.len();
        let size = self.image_size;
        if shape != [n, size, size] && shape != [n, 1, size, size] {
            let found = format!("an array of shape {shape:?}");
            let allowed = format!("of shape [{n}, {size}, {size}], a map an image of the set maps");
            return Err(invalid_value(field, found, allowed));
        }
        finite(&field, values)?;
        Ok(method)
    }

    /// Checks that nothing is missing.
    ///
    /// # Errors
    /// Naming the first set without an answer.
    pub fn whole(&self, answers: &Answers) -> Result<(), InvalidInput> {
        let Answers {
            decisions,
            embeddings,
            ..
        } = answers;
        if decisions.is_empty() && embeddings.is_empty() {
            let allowed = "decision values (decision/SET) or embeddings (embedding/SET)";
            return Err(invalid_value("answers", "none", allowed));
        }
        for (name, set) in &self.sets {
            let missing = |what: &str| {
                let allowed = format!("given for every set: there is none for {name}");
                invalid_value(format!("{what}/{name}"), "missing", allowed)
            };
            if set.kind.is_decided() && !decisions.is_empty() && !decisions.contains_key(name) {
                return Err(missing("decision"));
            }
            let is_embedded = set.kind.is_embedded() && !embeddings.is_empty();
            if is_embedded && !embeddings.contains_key(name) {
                return Err(missing("embedding"));
            }
        }
        one_width(embeddings.iter())
    }
}

/// All embeddings of a model are of one dimension.
fn one_width<'a>(
    mut all: impl Iterator<Item = (&'a String, &'a Array2<f32>)>,
) -> Result<(), InvalidInput> {
    let Some((first, rows)) = all.next() else {
        return Ok(());
    };
    let width = rows.ncols();
    let other = all.find(|(_, rows)| rows.ncols() != width);
    other.map_or(Ok(()), |(name, rows)| {
        let allowed = format!("{width} columns, as embedding/{first} has");
        Err(invalid_value(
            format!("embedding/{name}"),
            format!("{} columns", rows.ncols()),
            allowed,
        ))
    })
}

fn same_length(field: &str, found: usize, n: usize) -> Result<(), InvalidInput> {
    if found == n {
        return Ok(());
    }
    let what = if found < n { "too few" } else { "too many" };
    let allowed = format!("{n}, one an image of the set, in its order");
    Err(invalid_value(
        field,
        format!("{found} answers ({what})"),
        allowed,
    ))
}

fn finite(field: &str, values: &[f32]) -> Result<(), InvalidInput> {
    let bad = values.iter().position(|value| !value.is_finite());
    bad.map_or(Ok(()), |i| {
        Err(invalid_value(
            format!("{field}[{i}]"),
            values[i],
            "a finite number",
        ))
    })
}
