//! The same as the tables, for programs: every rate of every round.

use serde_json::{Map, Value, json};

use super::compare::{Comparison, Row, Share, Spread};
use super::contenders::Contender;
use super::machine::Machine;

pub(super) fn json(
    machine: &Machine,
    rows: &[Row],
    comparisons: &[Comparison<'_>],
    shares: &[Share<'_>],
) -> String {
    let facts = machine.facts();
    let facts: Map<String, Value> = facts.map(|(k, v)| (k.to_owned(), v.into())).collect();
    let ratios = comparisons.iter().map(|c| {
        let (ours, rival) = (named(&c.ours.contender), named(&c.rival.contender));
        json!({ "ours": ours, "rival": rival, "ratio": spread(c.ratio) })
    });
    let shares = shares.iter().map(|s| {
        let ours = named(&s.ours.contender);
        json!({ "ours": ours, "operations_per_image": s.operations, "share_of_peak": s.share })
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
    let mut value = named(&row.contender);
    value["rates"] = row.rates.clone().into();
    value["spread"] = row.spread().map_or(Value::Null, spread);
    value["not_available"] = row.missing.clone().into();
    value
}

fn named(contender: &Contender) -> Value {
    json!({
        "what": contender.what.to_string(),
        "who": contender.who,
        "how": contender.how,
        "precision": contender.precision,
        "processes": contender.processes,
        "threads": contender.threads,
    })
}

fn spread(spread: Spread) -> Value {
    json!({ "median": spread.median, "least": spread.least, "most": spread.most })
}
