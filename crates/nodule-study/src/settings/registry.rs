//! The losses and networks that a study file can name: those that come with the program, and an outside
//! program's own.
//!
//! ```
//! use candle_core::Tensor;
//! use nodule_nn::{Constructor, Error, Loss, Output, Settings};
//! use nodule_nn::losses::cross_entropy;
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
//! impl Loss for Half {
//!     fn trains_head(&self) -> bool {
//!         true
//!     }
//!
//!     fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
//!         Ok((cross_entropy(&output.logits, labels)? * 0.5)?)
//!     }
//! }
//!
//! let registry = Registry::default().with_loss(Constructor::<dyn Loss>::new::<Half>());
//! # let _ = registry;
//! ```

use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_nn::{Architecture, Constructor, LOSSES, Loss, NETWORKS, Table};

use super::{StudyLoss, StudyNetwork};

/// The word for which network a table is of; the LeNet where there is none.
const KIND: &str = "kind";
/// What a study sets to the size of its images.
const IMAGE_SIZE: &str = "image_size";

/// Losses and networks by name.
#[derive(Debug, Clone)]
pub struct Registry {
    losses: Vec<Constructor<dyn Loss>>,
    networks: Vec<Constructor<dyn Architecture>>,
}

/// Those that come with the program.
impl Default for Registry {
    fn default() -> Self {
        Self {
            losses: LOSSES.to_vec(),
            networks: NETWORKS.to_vec(),
        }
    }
}

/// The names of the losses that come with the program, in the order of tables and colours.
pub fn built_in_losses() -> impl Iterator<Item = &'static str> {
    LOSSES.iter().map(Constructor::name)
}

impl Registry {
    /// The same with one more loss. A name that is taken is refused when a study is loaded.
    #[must_use]
    pub fn with_loss(mut self, kind: Constructor<dyn Loss>) -> Self {
        self.losses.push(kind);
        self
    }

    /// The same with one more network. A name that is taken is refused when a study is loaded.
    #[must_use]
    pub fn with_network(mut self, kind: Constructor<dyn Architecture>) -> Self {
        self.networks.push(kind);
        self
    }

    /// The names of its losses.
    pub fn losses(&self) -> impl Iterator<Item = &'static str> {
        self.losses.iter().map(Constructor::name)
    }

    /// The names of its networks.
    pub fn networks(&self) -> impl Iterator<Item = &'static str> {
        self.networks.iter().map(Constructor::name)
    }

    /// Refuses a name that two of a kind bear, or that cannot be spelled in a table.
    pub(crate) fn check(&self) -> Result<(), InvalidInput> {
        names_are_sound("loss", self.losses())?;
        names_are_sound("network", self.networks())
    }

    /// The loss of that name with these settings.
    ///
    /// # Errors
    /// For an unknown name, or settings that it does not know or allow.
    pub fn loss(&self, name: &str, settings: &Table) -> Result<StudyLoss, InvalidInput> {
        let constructor = named(&self.losses, "loss", name)?;
        Ok(StudyLoss {
            name: name.to_owned(),
            settings: constructor.schema().complete(settings)?,
            loss: constructor.build(settings)?,
        })
    }

    /// Whether the loss of that name has a setting of that name.
    pub(crate) fn loss_has(&self, name: &str, setting: &str) -> bool {
        named(&self.losses, "loss", name)
            .is_ok_and(|kind| kind.schema().defaults().contains_key(setting))
    }

    /// Every setting of every loss, each once.
    pub(crate) fn loss_settings(&self) -> std::collections::BTreeSet<String> {
        let tables = self.losses.iter().map(|kind| kind.schema().defaults());
        tables
            .flat_map(|table| table.into_iter().map(|(name, _)| name))
            .collect()
    }

    /// The network that a table describes, for images of that size.
    ///
    /// # Errors
    /// For an unknown `kind`, or settings that it does not know or allow.
    pub fn network(&self, table: &Table, image_size: usize) -> Result<StudyNetwork, InvalidInput> {
        let mut table = table.clone();
        let kind = match table.remove(KIND) {
            None => NETWORKS[0].name().to_owned(),
            Some(serde_json::Value::String(kind)) => kind,
            Some(other) => return Err(invalid_value(KIND, other, one_of(self.networks()))),
        };
        let size = serde_json::Value::from(image_size);
        if let Some(own) = table
            .insert(IMAGE_SIZE.to_owned(), size.clone())
            .filter(|own| *own != size)
        {
            let allowed =
                format!("left out: it follows generator.image_size, which is {image_size}");
            return Err(invalid_value(IMAGE_SIZE, own, allowed));
        }
        let constructor = named(&self.networks, KIND, &kind)?;
        Ok(StudyNetwork {
            settings: constructor.schema().complete(&table)?,
            architecture: constructor.build(&table)?,
            kind,
        })
    }
}

fn named<'a, T: ?Sized>(
    all: &'a [Constructor<T>],
    field: &str,
    name: &str,
) -> Result<&'a Constructor<T>, InvalidInput> {
    let found = all.iter().find(|kind| kind.name() == name);
    let names = || all.iter().map(Constructor::name);
    found.ok_or_else(|| invalid_value(field, name, one_of(names())).suggest_value(names()))
}

fn names_are_sound(
    what: &str,
    names: impl Iterator<Item = &'static str>,
) -> Result<(), InvalidInput> {
    let mut seen = std::collections::BTreeSet::new();
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-' || c == '+';
    for name in names {
        let field = format!("name of a {what}");
        if name.is_empty() || name.len() > 64 || !name.chars().all(plain) {
            return Err(invalid_value(field, name, "1 to 64 of a-z, 0-9, - and +"));
        }
        if !seen.insert(name) {
            return Err(invalid_value(
                field,
                name,
                format!("another: the program has a {what} of that name"),
            ));
        }
    }
    Ok(())
}
