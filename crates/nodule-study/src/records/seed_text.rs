//! Seeds in JSON as text: readers that take numbers for float64 round those above 2^53. Numbers are still read.

use serde::de::Error;
use serde::{Deserialize, Deserializer, Serializer};

#[derive(Deserialize)]
#[serde(untagged)]
enum Seed {
    Number(u64),
    Text(String),
}

pub(super) fn serialize<S: Serializer>(seed: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_str(seed)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    match Seed::deserialize(deserializer)? {
        Seed::Number(seed) => Ok(seed),
        Seed::Text(text) => text
            .parse()
            .map_err(|_| D::Error::custom(format!("seed `{text}` is not a whole number"))),
    }
}

#[cfg(test)]
mod tests {
    use crate::records::RunSeeds;

    #[test]
    fn seeds_are_text_and_older_numbers_are_read() {
        let seeds = RunSeeds {
            train_data: u64::MAX,
            validation_data: (1 << 53) + 1,
            weights: 0,
            order: 7,
        };
        let text = serde_json::to_string(&seeds).unwrap();
        assert!(
            text.contains(r#""train_data":"18446744073709551615""#),
            "{text}"
        );
        assert_eq!(serde_json::from_str::<RunSeeds>(&text).unwrap(), seeds);
        let numbers = r#"{"train_data":18446744073709551615,"validation_data":9007199254740993,"weights":0,"order":7}"#;
        assert_eq!(serde_json::from_str::<RunSeeds>(numbers).unwrap(), seeds);
        assert!(serde_json::from_str::<RunSeeds>(&numbers.replace(":7", ":\"x\"")).is_err());
    }
}
