//! A kind of thing that a study file names: its name, the settings it knows with their defaults, and
//! how one is made of a table of them. Losses and networks are both named so.

use std::sync::Arc;

use nodule_error::{describe_parse_error, invalid_value, one_of};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::Error;

/// Settings by name, as a study file spells them.
pub type Table = Map<String, Value>;

/// Something that can be made of settings which were not checked yet.
pub trait Named: Default + Serialize + DeserializeOwned {
    /// Its name in study files and tables.
    const NAME: &'static str;

    /// Checks every setting.
    ///
    /// # Errors
    /// [`Error::Setting`], naming the setting, its value and what is allowed.
    fn validate(&self) -> Result<(), Error> {
        Ok(())
    }
}

/// One kind, without its type: `T` is what it is used as, such as `dyn Loss`.
pub struct Kind<T: ?Sized> {
    name: &'static str,
    defaults: fn() -> Value,
    make: fn(Value) -> Result<Made<T>, Error>,
}

/// What was made, and its settings as it spells them itself.
pub(crate) type Made<T> = (Arc<T>, Value);

impl<T: ?Sized> Kind<T> {
    /// The kind of `S`, made by `make`.
    pub(crate) const fn new<S: Named>(make: fn(Value) -> Result<Made<T>, Error>) -> Self {
        Self {
            name: S::NAME,
            defaults: defaults::<S>,
            make,
        }
    }

    /// Its name in study files and tables.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Every setting it knows, with its default.
    #[must_use]
    pub fn defaults(&self) -> Table {
        table((self.defaults)())
    }

    /// One with these settings, and the defaults for those that are missing; and the whole table as
    /// it spells it itself (1 becomes 1.0 where a number may have a fraction).
    ///
    /// # Errors
    /// [`Error::Setting`] for a setting that it does not know, of the wrong type, or out of range.
    pub fn make(&self, given: &Table) -> Result<(Arc<T>, Table), Error> {
        let mut all = self.defaults();
        for (name, value) in given {
            match all.get_mut(name) {
                Some(known) => *known = value.clone(),
                None => {
                    let allowed = match all.is_empty() {
                        true => format!("left out: {} has no settings", self.name),
                        false => format!("{}, the settings of {}", one_of(all.keys()), self.name),
                    };
                    let refused = invalid_value(name, value, allowed);
                    return Err(refused.suggest_field(all.keys()).into());
                }
            }
        }
        // A unit struct is spelled as nothing at all.
        let settings = match all.is_empty() {
            true => (self.defaults)(),
            false => Value::Object(all),
        };
        let (made, settings) = (self.make)(settings)?;
        Ok((made, table(settings)))
    }
}

impl<T: ?Sized> Clone for Kind<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T: ?Sized> Copy for Kind<T> {}

impl<T: ?Sized> std::fmt::Debug for Kind<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Kind").field(&self.name).finish()
    }
}

fn defaults<S: Named>() -> Value {
    spelled(&S::default())
}

fn spelled(settings: &impl Serialize) -> Value {
    // Plain structs of numbers, lists and words: nothing in them can fail to become JSON.
    serde_json::to_value(settings).unwrap_or_default()
}

fn table(settings: Value) -> Table {
    match settings {
        Value::Object(table) => table,
        _ => Table::new(),
    }
}

/// Settings of type `S` from JSON, checked; and as `S` spells them.
pub(crate) fn checked<S: Named>(settings: Value) -> Result<(S, Value), Error> {
    let all = settings.clone();
    let parsed: S = serde_json::from_value(settings).map_err(|e| {
        let wrong = wrong_setting::<S>(&all);
        let (name, value) = wrong.unwrap_or_else(|| (S::NAME.to_owned(), all));
        let reason = describe_parse_error(&e.to_string());
        invalid_value(name, value, format!("of another type: {reason}"))
    })?;
    parsed.validate()?;
    let settings = spelled(&parsed);
    Ok((parsed, settings))
}

/// The setting that cannot be read: the first that, put into the defaults alone, fails.
fn wrong_setting<S: Named>(settings: &Value) -> Option<(String, Value)> {
    let Value::Object(defaults) = defaults::<S>() else {
        return None;
    };
    let fails = |(name, value): &(&String, &Value)| {
        let mut one = defaults.clone();
        one.insert((*name).clone(), (*value).clone());
        serde_json::from_value::<S>(Value::Object(one)).is_err()
    };
    let found = settings.as_object()?.iter().find(fails)?;
    Some((found.0.clone(), found.1.clone()))
}
