//! Do maps depend on what was learned? One row a loss and method, one column a stage.

use super::cells::{NONE, texts};
use crate::explain::SanityRow;
use crate::numbers::number;
use crate::source::{Key, Source};
use crate::table::Table;

/// Of networks trained on `train`.
pub(crate) fn sanity_table(train: &str, rows: &[(String, SanityRow)]) -> Table {
    let mut stages: Vec<&String> = Vec::new();
    let mut heads: Vec<(&String, String)> = Vec::new();
    for (loss, row) in rows {
        let head = (loss, row.method.to_string());
        if !stages.contains(&&row.layer) {
            stages.push(&row.layer);
        }
        if !heads.contains(&head) {
            heads.push(head);
        }
    }
    let line = |(loss, method): &(&String, String)| {
        let cell = |stage: &&String| {
            let mut found = rows
                .iter()
                .filter(|(l, r)| l == *loss && r.layer == **stage);
            let row = found
                .find(|(_, r)| r.method.to_string() == *method)
                .map(|(_, r)| r);
            match row.and_then(|r| r.similarity.zip(r.rank_correlation)) {
                Some((alike, ranks)) => format!("{}, {}", number(alike), number(ranks)),
                None => NONE.to_owned(),
            }
        };
        let cells: Vec<_> = stages.iter().map(cell).collect();
        [vec![(*loss).clone(), method.clone()], cells].concat()
    };
    let headings = stages.iter().map(|stage| match stage.as_str() {
        "random labels" => "trained on random labels".to_owned(),
        layer => format!("random from {layer}"),
    });
    Table {
        source: Source {
            file: "sanity",
            keys: vec![("loss", Key::Column(0)), ("method", Key::Column(1))],
            first: 2,
        },
        name: "sanity".into(),
        caption: format!(
            "Do maps depend on what was learned (Adebayo et al. 2018)? Structural similarity and Spearman's correlation of absolute maps of networks trained on {train} (the first seed's), with those of the same network whose layers, from the last to the one named, are random, and with those of a network trained on random labels. Mean over {} images; what stays alike does not come from training.",
            rows.first().map_or(0, |(_, row)| row.n)
        ),
        header: [texts(&["loss", "method"]), headings.collect()].concat(),
        rows: heads.iter().map(line).collect(),
    }
}
