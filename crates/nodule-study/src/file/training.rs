//! Table `[training]`, and `[training.loss.NAME]` for the settings that differ for one loss.
//!
//! The settings are the fields of [`TrainingConfig`]; this file names none of them.

use std::collections::BTreeMap;
use std::fmt;

use nodule_config::TrainingConfig;
use serde::de::value::{Error as ValueError, MapAccessDeserializer};
use serde::de::{DeserializeSeed, Error as _, IntoDeserializer, MapAccess, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer, forward_to_deserialize_any};
use toml::Table;

/// Key of the tables of single losses.
const LOSS: &str = "loss";

/// Table `[training]`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrainingTable {
    /// Settings of all losses.
    pub all: TrainingConfig,
    /// Settings of losses with a table of their own, by name.
    pub loss: BTreeMap<String, LossTraining>,
}

/// Table `[training.loss.NAME]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LossTraining {
    /// Settings in the table.
    own: Table,
    /// Settings of all losses, replaced by those in the table.
    config: TrainingConfig,
}

impl TrainingTable {
    /// Returns the training settings of a loss.
    ///
    /// ```
    /// use nodule_study::{Registry, load_study};
    ///
    /// let smoke = load_study("smoke", &Registry::default())?;
    /// assert_eq!(smoke.study.training.for_loss("ce").epochs, 2);
    /// # Ok::<(), nodule_study::Error>(())
    /// ```
    #[must_use]
    pub fn for_loss(&self, loss: &str) -> TrainingConfig {
        self.loss.get(loss).map_or(self.all, |loss| loss.config)
    }

    /// Returns the settings of all losses and of each loss with a table of its own, with the name of the table.
    pub(crate) fn tables(&self) -> impl Iterator<Item = (String, &TrainingConfig)> {
        let own = self
            .loss
            .iter()
            .map(|(name, loss)| (format!("training.{LOSS}.{name}"), &loss.config));
        std::iter::once(("training".to_owned(), &self.all)).chain(own)
    }
}

impl LossTraining {
    fn new(all: &TrainingConfig, own: Table) -> Result<Self, toml::de::Error> {
        let mut table = training_settings(all);
        table.extend(own.clone());
        let config = TrainingConfig::deserialize(table)?;
        Ok(Self { own, config })
    }

    /// Whether the table holds no settings.
    pub(crate) fn is_empty(&self) -> bool {
        self.own.is_empty()
    }
}

/// Returns the training settings by name.
pub(crate) fn training_settings(config: &TrainingConfig) -> Table {
    // Numbers and tables of numbers always serialize.
    Table::try_from(config).unwrap_or_default()
}

/// Returns the names of the training settings, in the order of the fields of [`TrainingConfig`].
pub(crate) fn training_setting_names() -> &'static [&'static str] {
    let mut names: &[&str] = &[];
    // Fails by design: the deserializer only records the names of the fields.
    let _ = TrainingConfig::deserialize(FieldNames(&mut names));
    names
}

/// Deserializer that records the names of a struct's fields.
struct FieldNames<'a>(&'a mut &'static [&'static str]);

impl<'de> Deserializer<'de> for FieldNames<'_> {
    type Error = ValueError;

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        fields: &'static [&'static str],
        _visitor: V,
    ) -> Result<V::Value, ValueError> {
        *self.0 = fields;
        Err(ValueError::custom("only the names are needed"))
    }

    fn deserialize_any<V: Visitor<'de>>(self, _visitor: V) -> Result<V::Value, ValueError> {
        Err(ValueError::custom("not a struct"))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

impl Serialize for TrainingTable {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Entries<'a> {
            #[serde(flatten)]
            all: &'a TrainingConfig,
            #[serde(skip_serializing_if = "BTreeMap::is_empty")]
            loss: &'a BTreeMap<String, LossTraining>,
        }
        let (all, loss) = (&self.all, &self.loss);
        Entries { all, loss }.serialize(serializer)
    }
}

impl Serialize for LossTraining {
    /// Writes settings in the order of the fields of [`TrainingConfig`].
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let entries = training_setting_names()
            .iter()
            .filter_map(|name| Some((name, self.own.get(*name)?)));
        serializer.collect_map(entries)
    }
}

impl<'de> Deserialize<'de> for TrainingTable {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor)
    }
}

struct TableVisitor;

impl<'de> Visitor<'de> for TableVisitor {
    type Value = TrainingTable;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a table of training settings")
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<TrainingTable, A::Error> {
        let mut own = BTreeMap::<String, Table>::new();
        let settings = WithoutLoss { map, own: &mut own };
        let all = TrainingConfig::deserialize(MapAccessDeserializer::new(settings))?;
        let mut loss = BTreeMap::new();
        for (name, own) in own {
            let merged = LossTraining::new(&all, own)
                .map_err(|e| A::Error::custom(format!("{LOSS}.{name}: {}", e.message())))?;
            loss.insert(name, merged);
        }
        Ok(TrainingTable { all, loss })
    }
}

/// Entries of `[training]` without the tables of single losses, which are stored in `own`.
struct WithoutLoss<'a, A> {
    map: A,
    own: &'a mut BTreeMap<String, Table>,
}

impl<'de, A: MapAccess<'de>> MapAccess<'de> for WithoutLoss<'_, A> {
    type Error = A::Error;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, A::Error> {
        while let Some(key) = self.map.next_key::<String>()? {
            if key != LOSS {
                return seed.deserialize(key.into_deserializer()).map(Some);
            }
            *self.own = self.map.next_value()?;
        }
        Ok(None)
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, A::Error> {
        self.map.next_value_seed(seed)
    }
}
