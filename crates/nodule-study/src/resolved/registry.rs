//! Registry: the losses and networks that a study file can name, those of the workspace and of an outside program.
//!
//! A registry holds names, defaults and checks; `nodule-run` holds the constructors.
//!
//! ```
//! use nodule_config::{LossKind, Settings};
//! use nodule_study::Registry;
//! use serde::{Deserialize, Serialize};
//!
//! /// Half the cross-entropy.
//! #[derive(Debug, Default, Serialize, Deserialize)]
//! struct Half;
//!
//! impl Settings for Half {
//!     const NAME: &'static str = "half";
//! }
//!
//! let trains_head = true;
//! let registry = Registry::default().with_loss(LossKind::new::<Half>(trains_head, 1));
//! assert!(registry.losses().any(|name| name == "half"));
//! ```

use std::collections::BTreeSet;

use nodule_config::{LOSSES, LossKind, NETWORKS, Schema, Table};
use nodule_error::{InvalidInput, conflict, invalid_value, one_of};
use serde_json::Value;

use super::{StudyLoss, StudyNetwork};

/// Key of the network's name in its table. If it is missing, the table describes the first network.
const KIND: &str = "kind";
/// Setting of networks that follows the size of the study's images.
const IMAGE_SIZE: &str = "image_size";
/// Settings of every network that matter in training alone.
pub(crate) const PROJECTION: &str = "projection";
pub(crate) const DROPOUT: &str = "dropout";
/// Narrowest projection: the unit sphere of one dimension has two points and no gradient.
const MIN_PROJECTION: u64 = 2;
/// Widest projection.
const MAX_PROJECTION: u64 = 4096;

/// Losses and networks by name; by default those of the workspace.
#[derive(Debug, Clone)]
pub struct Registry {
    losses: Vec<LossKind>,
    networks: Vec<Schema>,
}

impl Default for Registry {
    fn default() -> Self {
        Self {
            losses: LOSSES.to_vec(),
            networks: NETWORKS.to_vec(),
        }
    }
}

/// Returns the names of the losses of the workspace, in the order of tables and colours.
pub fn built_in_losses() -> impl Iterator<Item = &'static str> {
    LOSSES.iter().map(|kind| kind.schema.name())
}

impl Registry {
    /// Returns the registry with one more loss. Loading a study rejects a name that exists already.
    #[must_use]
    pub fn with_loss(mut self, kind: LossKind) -> Self {
        self.losses.push(kind);
        self
    }

    /// Returns the registry with one more network. Loading a study rejects a name that exists already.
    #[must_use]
    pub fn with_network(mut self, schema: Schema) -> Self {
        self.networks.push(schema);
        self
    }

    /// Returns the names of the losses.
    pub fn losses(&self) -> impl Iterator<Item = &'static str> {
        self.losses.iter().map(|kind| kind.schema.name())
    }

    /// Returns the names of the networks.
    pub fn networks(&self) -> impl Iterator<Item = &'static str> {
        self.networks.iter().map(Schema::name)
    }

    /// Rejects a name that occurs twice, or that tables cannot hold.
    pub(crate) fn check(&self) -> Result<(), InvalidInput> {
        check_names("loss", self.losses())?;
        check_names("network", self.networks())
    }

    /// Returns the loss with this name and these settings.
    ///
    /// # Errors
    /// For an unknown name, or settings that the loss does not have or allow.
    pub fn loss(&self, name: &str, settings: &Table) -> Result<StudyLoss, InvalidInput> {
        let known = self.losses.iter().find(|kind| kind.schema.name() == name);
        let kind = known.ok_or_else(|| unknown_name("loss", name, self.losses()))?;
        Ok(StudyLoss {
            name: name.to_owned(),
            settings: kind.schema.complete(settings)?,
            trains_head: kind.trains_head,
            uses_embedding: kind.uses_embedding,
        })
    }

    /// Whether the loss with this name has this setting.
    pub(crate) fn loss_has(&self, name: &str, setting: &str) -> bool {
        let kind = self.losses.iter().find(|kind| kind.schema.name() == name);
        kind.is_some_and(|kind| kind.schema.defaults().contains_key(setting))
    }

    /// Returns every setting of every loss, each once.
    pub(crate) fn loss_settings(&self) -> BTreeSet<String> {
        self.losses
            .iter()
            .flat_map(|kind| kind.schema.defaults())
            .map(|(name, _)| name)
            .collect()
    }

    /// Returns the network of a table, for images of `image_size` pixels.
    ///
    /// # Errors
    /// For an unknown `kind`, or settings that the network does not have or allow.
    pub fn network(&self, table: &Table, image_size: usize) -> Result<StudyNetwork, InvalidInput> {
        let mut table = table.clone();
        let kind = match table.remove(KIND) {
            None => NETWORKS[0].name().to_owned(),
            Some(Value::String(kind)) => kind,
            Some(other) => return Err(invalid_value(KIND, other, one_of(self.networks()))),
        };
        let size = Value::from(image_size);
        let own = table.insert(IMAGE_SIZE.to_owned(), size.clone());
        if let Some(own) = own.filter(|own| *own != size) {
            let reason =
                format!("the network follows generator.image_size = {image_size}; remove it");
            return Err(conflict(format!("{IMAGE_SIZE} = {own}"), reason));
        }
        let known = self.networks.iter().find(|schema| schema.name() == kind);
        let schema = known.ok_or_else(|| unknown_name(KIND, &kind, self.networks()))?;
        // A network may have settings of its own with these names.
        let own = schema.defaults();
        let mut take = |name: &str| match own.contains_key(name) {
            true => None,
            false => table.remove(name),
        };
        let projection = take(PROJECTION).map_or(Ok(0), |value| read_projection(&value))?;
        let dropout = take(DROPOUT).map_or(Ok(0.0), |value| read_dropout(&value))?;
        Ok(StudyNetwork {
            settings: schema.complete(&table)?,
            kind,
            projection,
            dropout,
        })
    }
}

fn read_projection(value: &Value) -> Result<usize, InvalidInput> {
    let width = value.as_u64();
    let width = width.filter(|n| *n == 0 || (MIN_PROJECTION..=MAX_PROJECTION).contains(n));
    let allowed =
        format!("0 (no projection head) or a width from {MIN_PROJECTION} to {MAX_PROJECTION}");
    let error = || invalid_value(PROJECTION, value, allowed);
    // At most `MAX_PROJECTION`.
    width.map(|n| n as usize).ok_or_else(error)
}

fn read_dropout(value: &Value) -> Result<f64, InvalidInput> {
    let rate = value.as_f64().filter(|rate| (0.0..1.0).contains(rate));
    rate.ok_or_else(|| invalid_value(DROPOUT, value, "a number from 0 to below 1"))
}

fn unknown_name(
    field: &str,
    name: &str,
    known: impl Iterator<Item = &'static str>,
) -> InvalidInput {
    let known: Vec<_> = known.collect();
    invalid_value(field, name, one_of(&known)).suggest_value(&known)
}

fn check_names(what: &str, names: impl Iterator<Item = &'static str>) -> Result<(), InvalidInput> {
    let mut names_before = BTreeSet::new();
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '+';
    for name in names {
        let field = format!("name of a {what}");
        if name.is_empty() || name.len() > 64 || !name.chars().all(is_allowed) {
            return Err(invalid_value(field, name, "1 to 64 of a-z, 0-9, - and +"));
        }
        if !names_before.insert(name) {
            return Err(conflict(field, format!("two have the name {name}")));
        }
    }
    Ok(())
}
