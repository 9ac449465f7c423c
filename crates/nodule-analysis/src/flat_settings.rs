//! All settings of a study by full name, to compare two studies.

use std::collections::BTreeMap;

use nodule_study::Study;
use toml::Value;

use crate::Error;

/// Returns each setting by its full name, such as `training.epochs` or `hypothesis.H1.smallest_effect`.
///
/// # Errors
/// If the study cannot be written as TOML.
///
/// ```
/// use nodule_analysis::flat_settings::flatten_settings;
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study;
/// assert_eq!(flatten_settings(&study)?["training.epochs"], "2");
/// # Ok::<(), nodule_analysis::Error>(())
/// ```
pub fn flatten_settings(study: &Study) -> Result<BTreeMap<String, String>, Error> {
    let value =
        Value::try_from(study).map_err(|e| Error::cannot_make("the settings of a study", e))?;
    let mut all = BTreeMap::new();
    collect("", &value, &mut all);
    Ok(all)
}

fn collect(name: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    let full_name = |part: &str| match name.is_empty() {
        true => part.to_owned(),
        false => format!("{name}.{part}"),
    };
    match value {
        Value::Table(table) => {
            for (part, value) in table {
                collect(&full_name(part), value, all);
            }
        }
        // Tables in a list are named by their ids, or else by their positions.
        Value::Array(list) if list.iter().any(Value::is_table) => {
            for (i, value) in list.iter().enumerate() {
                let id = value.get("id").and_then(Value::as_str);
                let part = id.map_or_else(|| i.to_string(), str::to_owned);
                collect(&full_name(&part), value, all);
            }
        }
        other => {
            all.insert(name.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use nodule_study::{Registry, load_study};

    use super::*;

    #[test]
    fn every_setting_has_a_unique_name() {
        let study = load_study("smoke", &Registry::default()).unwrap().study;
        let all = flatten_settings(&study).unwrap();
        assert_eq!(all["seeds"], "2");
        assert_eq!(all["training.epochs"], "2");
        assert_eq!(all["hypothesis.H1.smallest_effect"], "0.1");
        assert_eq!(all["losses"], r#"["ce", "contrastive", "ce+contrastive"]"#);
    }
}
