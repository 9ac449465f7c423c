//! What a study file says, setting by setting, so that two can be compared.

use std::collections::BTreeMap;

use nodule_study::Study;
use toml::Value;

use crate::Error;

/// Each setting by its full name, such as `training.epochs` or `hypothesis.H1.smallest_effect`.
///
/// # Errors
/// If the study cannot be spelled.
pub fn settings(study: &Study) -> Result<BTreeMap<String, String>, Error> {
    let value = Value::try_from(study).map_err(|e| Error::made("the settings of a study", e))?;
    let mut all = BTreeMap::new();
    collect("", &value, &mut all);
    Ok(all)
}

fn collect(name: &str, value: &Value, all: &mut BTreeMap<String, String>) {
    let below = |part: &str| match name.is_empty() {
        true => part.to_owned(),
        false => format!("{name}.{part}"),
    };
    match value {
        Value::Table(table) => {
            for (part, value) in table {
                collect(&below(part), value, all);
            }
        }
        // Tables of a list are told apart by their ids, where they have some.
        Value::Array(list) if list.iter().any(Value::is_table) => {
            for (i, value) in list.iter().enumerate() {
                let id = value.get("id").and_then(Value::as_str);
                let part = id.map_or_else(|| i.to_string(), str::to_owned);
                collect(&below(&part), value, all);
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
    fn every_setting_has_a_name_of_its_own() {
        let study = load_study("smoke", &Registry::default()).unwrap().study;
        let all = settings(&study).unwrap();
        assert_eq!(all["seeds"], "2");
        assert_eq!(all["training.epochs"], "2");
        assert_eq!(all["hypothesis.H1.smallest_effect"], "0.1");
        assert_eq!(all["losses"], r#"["ce", "contrastive", "ce+contrastive"]"#);
    }
}
