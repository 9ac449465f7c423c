//! bench.json: the tables and every rate of every round.

use serde_json::{Map, Value, json};

use super::compare::{Comparison, Range, Row, Utilisation};
use super::contenders::Contender;
use super::machine::Machine;

/// Returns the text of bench.json.
pub(super) fn to_json(
    machine: &Machine,
    rows: &[Row],
    comparisons: &[Comparison<'_>],
    utilisations: &[Utilisation<'_>],
) -> String {
    let facts: Map<String, Value> = machine
        .facts()
        .map(|(k, v)| (k.to_owned(), v.into()))
        .collect();
    let ratios = comparisons.iter().map(|c| {
        let (ours, rival) = (describe(&c.ours.contender), describe(&c.rival.contender));
        json!({ "ours": ours, "rival": rival, "ratio": range(c.ratio) })
    });
    let shares = utilisations.iter().map(|s| {
        let ours = describe(&s.ours.contender);
        json!({ "ours": ours, "operations_per_image": s.operations, "share_of_peak": s.of_peak })
    });
    let all = json!({
        "facts": facts,
        "rows": rows.iter().map(row).collect::<Vec<_>>(),
        "ratios": ratios.collect::<Vec<_>>(),
        "shares": shares.collect::<Vec<_>>(),
    });
    format!("{all:#}\n")
}

fn row(row: &Row) -> Value {
    let mut value = describe(&row.contender);
    value["rates"] = row.rates.clone().into();
    value["spread"] = row.range().map_or(Value::Null, range);
    value["not_available"] = row.missing.clone().into();
    value
}

fn describe(contender: &Contender) -> Value {
    json!({
        "what": contender.task.to_string(),
        "who": contender.who,
        "how": contender.how,
        "precision": contender.precision,
        "processes": contender.processes,
        "threads": contender.threads,
    })
}

fn range(range: Range) -> Value {
    json!({ "median": range.median, "least": range.least, "most": range.most })
}
