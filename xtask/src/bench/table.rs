//! The tables, as Markdown: one for each thing that is timed, then who is how many times as fast.

use super::compare::{Comparison, Row, Share, Spread, distinct, timed};
use super::contenders::What;
use super::machine::Machine;

pub(super) fn print_table(
    machine: &Machine,
    rows: &[Row],
    comparisons: &[Comparison<'_>],
    shares: &[Share<'_>],
) {
    for (what, value) in machine.facts() {
        println!("{what}: {value}");
    }
    println!("\nMedians, with least and most of the rounds.");
    for what in timed(rows) {
        println!("\n{}", of_one(what, rows));
    }
    println!("\n| ours over the best of | ratio of medians | of that rival's best | of ours |");
    println!("|---|---|---|---|");
    for Comparison { ours, rival, ratio } in comparisons {
        let (ours, rival) = (&ours.contender, &rival.contender);
        let name = format!("{}, {}: {}", rival.what, rival.who, rival.precision);
        let best = format!("{}, {}", rival.how, rival.processes());
        let best = best.trim_start_matches(", ");
        println!(
            "| {name} | {} | {best} | {} |",
            cell(*ratio, 2),
            ours.processes()
        );
    }
    for Share {
        ours,
        operations,
        share,
    } in shares
    {
        let (percent, mflop) = (100.0 * share, operations / 1e6);
        let what = ours.contender.what;
        println!("\n{what}: {percent:.0}% of the peak at {mflop:.1} MFLOP an image");
    }
}

/// Rows by who and how, columns by processes and threads; below it what could not be measured.
fn of_one(what: What, rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|r| r.contender.what == what).collect();
    let columns = distinct(rows.iter().map(|row| row.contender.processes()));
    let mut lines = vec![
        format!("| {what} | {} |", columns.join(" | ")),
        format!("|---{}|", "|---".repeat(columns.len())),
    ];
    for name in distinct(rows.iter().map(|row| row.contender.name())) {
        let cells = columns.iter().map(|column| {
            let here =
                |row: &&&Row| row.contender.name() == name && row.contender.processes() == *column;
            match rows.iter().find(here) {
                None => String::new(),
                Some(row) => row.spread().map_or("not available".into(), |s| cell(s, 0)),
            }
        });
        let cells: Vec<String> = cells.collect();
        lines.push(format!("| {name} | {} |", cells.join(" | ")));
    }
    for row in &rows {
        if let Some(reason) = &row.missing {
            let (name, processes) = (row.contender.name(), row.contender.processes());
            lines.push(format!("\n{name}, {processes}: not available: {reason}"));
        }
    }
    lines.join("\n")
}

fn cell(spread: Spread, digits: usize) -> String {
    let [median, least, most] =
        [spread.median, spread.least, spread.most].map(|value| thousands(value, digits));
    format!("{median} ({least}–{most})")
}

/// A number with a comma between thousands.
fn thousands(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let whole = text.find('.').unwrap_or(text.len());
    let mut out = String::new();
    for (i, digit) in text.chars().enumerate() {
        if i > 0 && i < whole && (whole - i).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn thousands_have_commas() {
        assert_eq!(thousands(281.4, 0), "281");
        assert_eq!(thousands(17_775.2, 0), "17,775");
        assert_eq!(thousands(1_234_567.0, 0), "1,234,567");
        assert_eq!(thousands(4.129, 2), "4.13");
        assert_eq!(thousands(1234.5, 1), "1,234.5");
    }
}
