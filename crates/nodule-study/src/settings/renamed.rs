//! Study files as they were spelled before losses had tables of their own: `[contrastive]` held the
//! constants of all of them. Folders of results made then can still be read.

use std::borrow::Cow;

use toml::{Table, Value};

/// What it was where a file did not say.
const TRIPLET_MARGIN: f64 = 0.5;

/// The same study in today's spelling; untouched where it is that already, or no TOML.
pub(crate) fn renamed(text: &str) -> Cow<'_, str> {
    // A look at the text first: nearly every file needs no second parse.
    if !text.contains("contrastive.") && !text.contains("[contrastive]") {
        return Cow::Borrowed(text);
    }
    let Ok(mut document) = text.parse::<Table>() else {
        return Cow::Borrowed(text);
    };
    let mut changed = false;
    if let Some(Value::Table(old)) = document.remove("contrastive") {
        let new = document
            .entry("loss")
            .or_insert_with(|| Value::Table(Table::new()));
        for (name, value) in old {
            put(new, &name, value);
        }
        // The margin of all was not that of triplets.
        put(new, "triplet_margin", Value::Float(TRIPLET_MARGIN));
        changed = true;
    }
    let values = document.get_mut("vary").and_then(|v| v.get_mut("values"));
    if let Some(Value::Table(values)) = values {
        let old: Vec<_> = values
            .keys()
            .filter_map(|key| Some((key.clone(), key.strip_prefix("contrastive.")?.to_owned())))
            .collect();
        for (key, name) in old {
            let value = values.remove(&key);
            values.extend(value.map(|value| (format!("loss.{}", new_name(&name)), value)));
            changed = true;
        }
    }
    match toml::to_string(&document) {
        Ok(text) if changed => Cow::Owned(text),
        _ => Cow::Borrowed(text),
    }
}

fn new_name(name: &str) -> &str {
    match name {
        "triplet_margin" => "triplet.margin",
        name => name,
    }
}

fn put(table: &mut Value, name: &str, value: Value) {
    let Value::Table(table) = table else {
        return;
    };
    match new_name(name).split_once('.') {
        None => {
            table.entry(name).or_insert(value);
        }
        Some((loss, name)) => {
            // What the file says came first, and stays.
            let own = table
                .entry(loss)
                .or_insert_with(|| Value::Table(Table::new()));
            put(own, name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_old_table_of_constants_is_read_and_todays_left_alone() {
        let old = "[contrastive]\nmargin = 0.5\ntriplet_margin = 0.25\n[vary.values]\n\"contrastive.weight\" = [1]\n";
        let new: Table = renamed(old).parse().unwrap();
        let expected: Table = "[loss]\nmargin = 0.5\n[loss.triplet]\nmargin = 0.25\n[vary.values]\n\"loss.weight\" = [1]\n"
            .parse()
            .unwrap();
        assert_eq!(new, expected);
        assert!(matches!(
            renamed("losses = [\"contrastive\"]"),
            Cow::Borrowed(_)
        ));
        assert!(matches!(renamed("[contrastive]\n = 3"), Cow::Borrowed(_)));
    }
}
