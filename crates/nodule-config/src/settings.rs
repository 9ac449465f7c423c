//! Settings that a study file names: a type with defaults and a check, and the schema of such a type.

use nodule_error::{InvalidInput, describe_parse_error, invalid_value, one_of};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

/// Settings by name, as in a study file.
pub type Table = Map<String, Value>;

/// Settings of a loss or a network, with a name in study files.
///
/// ```
/// use nodule_config::{Contrastive, Settings, Table};
///
/// let table: Table = [("margin".to_owned(), 0.5.into())].into_iter().collect();
/// assert_eq!(Contrastive::from_table(&table)?.margin, 0.5);
/// let table: Table = [("margn".to_owned(), 0.5.into())].into_iter().collect();
/// let error = Contrastive::from_table(&table).unwrap_err();
/// assert!(error.to_string().contains("did you mean margin?"));
/// # Ok::<(), nodule_error::InvalidInput>(())
/// ```
pub trait Settings: Default + Serialize + DeserializeOwned {
    /// Name in study files and tables.
    const NAME: &'static str;

    /// Checks every setting.
    ///
    /// # Errors
    /// Names the setting, its value and what is allowed.
    fn validate(&self) -> Result<(), InvalidInput> {
        Ok(())
    }

    /// Returns the checked settings of a table; settings that are missing have their defaults.
    ///
    /// # Errors
    /// For a setting that is unknown, of the wrong type, or out of range.
    fn from_table(table: &Table) -> Result<Self, InvalidInput> {
        let mut all = Self::default().to_table();
        for (name, value) in table {
            match all.get_mut(name) {
                Some(known) => *known = value.clone(),
                None => return Err(unknown_setting(Self::NAME, name, value, &all)),
            }
        }
        // A unit struct serialises to null.
        let settings = match all.is_empty() {
            true => to_value(&Self::default()),
            false => Value::Object(all),
        };
        let parsed: Self = serde_json::from_value(settings.clone()).map_err(|e| {
            let (name, value) = find_unreadable_setting::<Self>(&settings)
                .unwrap_or_else(|| (Self::NAME.to_owned(), settings));
            let reason = describe_parse_error(&e.to_string());
            invalid_value(name, value, format!("of another type: {reason}"))
        })?;
        parsed.validate()?;
        Ok(parsed)
    }

    /// Returns every setting by name.
    fn to_table(&self) -> Table {
        match to_value(self) {
            Value::Object(table) => table,
            _ => Table::new(),
        }
    }
}

/// Name, defaults and check of one type of [`Settings`], independent of the type.
#[derive(Clone, Copy)]
pub struct Schema {
    name: &'static str,
    defaults: fn() -> Table,
    complete: fn(&Table) -> Result<Table, InvalidInput>,
}

impl Schema {
    /// Returns the schema of `S`.
    #[must_use]
    pub const fn new<S: Settings>() -> Self {
        Self {
            name: S::NAME,
            defaults: || S::default().to_table(),
            complete: |table| S::from_table(table).map(|settings| settings.to_table()),
        }
    }

    /// Returns the name in study files and tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Returns every setting with its default.
    #[must_use]
    pub fn defaults(&self) -> Table {
        (self.defaults)()
    }

    /// Returns the checked table with the defaults for missing settings, as the type serialises it (1 becomes 1.0 for
    /// a number with fractions).
    ///
    /// # Errors
    /// As [`Settings::from_table`].
    pub fn complete(&self, table: &Table) -> Result<Table, InvalidInput> {
        (self.complete)(table)
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Schema").field(&self.name).finish()
    }
}

fn to_value(settings: &impl Serialize) -> Value {
    // Plain structs of numbers, lists and strings always serialise.
    serde_json::to_value(settings).unwrap_or_default()
}

fn unknown_setting(owner: &str, name: &str, value: &Value, known: &Table) -> InvalidInput {
    let allowed = match known.is_empty() {
        true => format!("left out: {owner} has no settings"),
        false => format!("{}, the settings of {owner}", one_of(known.keys())),
    };
    invalid_value(name, value, allowed).suggest_field(known.keys())
}

/// Returns the first setting that fails to parse when all others have their defaults.
fn find_unreadable_setting<S: Settings>(settings: &Value) -> Option<(String, Value)> {
    let defaults = S::default().to_table();
    let is_unreadable = |(name, value): &(&String, &Value)| {
        let mut table = defaults.clone();
        table.insert((*name).clone(), (*value).clone());
        serde_json::from_value::<S>(Value::Object(table)).is_err()
    };
    let (name, value) = settings.as_object()?.iter().find(is_unreadable)?;
    Some((name.clone(), value.clone()))
}
