//! Markdown tables: one per task, then the ratios and the utilisation of the machine's peak.

use super::compare::{Comparison, Range, Row, Utilisation, distinct, tasks};
use super::contenders::Task;
use super::machine::Machine;

pub(super) fn print_table(
    machine: &Machine,
    rows: &[Row],
    comparisons: &[Comparison<'_>],
    utilisations: &[Utilisation<'_>],
) {
    for (fact, value) in machine.facts() {
        println!("{fact}: {value}");
    }
    println!("\nMedians, with minimum and maximum over the rounds.");
    for task in tasks(rows) {
        println!("\n{}", format_task(task, rows));
    }
    println!("\n| ours over the best of | ratio of medians | of that rival's best | of ours |");
    println!("|---|---|---|---|");
    for Comparison { ours, rival, ratio } in comparisons {
        let (ours, rival) = (&ours.contender, &rival.contender);
        let name = format!("{}, {}: {}", rival.task, rival.who, rival.precision);
        let best = format!("{}, {}", rival.how, rival.processes());
        let best = best.trim_start_matches(", ");
        println!(
            "| {name} | {} | {best} | {} |",
            format_range(*ratio, 2),
            ours.processes()
        );
    }
    for Utilisation {
        ours,
        operations,
        of_peak,
    } in utilisations
    {
        let (percent, mflop) = (100.0 * of_peak, operations / 1e6);
        let task = ours.contender.task;
        println!("\n{task}: {percent:.0}% of the peak at {mflop:.1} MFLOP per image");
    }
}

/// Returns the table of a task: one row per program, one column per number of processes and threads. Lists failures below.
fn format_task(task: Task, rows: &[Row]) -> String {
    let rows: Vec<&Row> = rows.iter().filter(|r| r.contender.task == task).collect();
    let columns = distinct(rows.iter().map(|row| row.contender.processes()));
    let mut lines = vec![
        format!("| {task} | {} |", columns.join(" | ")),
        format!("|---{}|", "|---".repeat(columns.len())),
    ];
    for name in distinct(rows.iter().map(|row| row.contender.name())) {
        let cells: Vec<String> = columns
            .iter()
            .map(|column| {
                let here = |row: &&&Row| {
                    row.contender.name() == name && row.contender.processes() == *column
                };
                match rows.iter().find(here) {
                    None => String::new(),
                    Some(row) => row
                        .range()
                        .map_or("not available".into(), |r| format_range(r, 0)),
                }
            })
            .collect();
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

fn format_range(range: Range, digits: usize) -> String {
    let [median, least, most] =
        [range.median, range.least, range.most].map(|value| format_thousands(value, digits));
    format!("{median} ({least}–{most})")
}

/// Returns a number with a comma between thousands.
fn format_thousands(value: f64, digits: usize) -> String {
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
        assert_eq!(format_thousands(281.4, 0), "281");
        assert_eq!(format_thousands(17_775.2, 0), "17,775");
        assert_eq!(format_thousands(1_234_567.0, 0), "1,234,567");
        assert_eq!(format_thousands(4.129, 2), "4.13");
        assert_eq!(format_thousands(1234.5, 1), "1,234.5");
    }
}
