//! Markdown table of kills by signal and phase.

use std::collections::BTreeSet;

use super::kills::{Kill, Kills, SIGNALS};

pub(super) fn format_table(kills: &Kills) -> String {
    let phases: BTreeSet<_> = kills.all.iter().map(|kill| kill.phase).collect();
    let signals = SIGNALS.map(|(name, _)| format!("SIG{name} | "));
    let mut text = format!(
        "| killed while | {}work lost at most | stopped within |\n|---|---|---|---|---|---|\n",
        signals.concat()
    );
    for phase in &phases {
        text += &format_row(phase, kills, |kill| kill.phase == *phase);
    }
    text += &format_row("all", kills, |_| true);
    text + &format!(
        "\n{} kills of {} studies; {} files differ from the uninterrupted run; {} temporary files left",
        kills.all.len(),
        kills.studies,
        kills.mismatches,
        kills.temporary_files
    )
}

fn format_row(name: &str, kills: &Kills, is_counted: impl Fn(&Kill) -> bool) -> String {
    let here: Vec<_> = kills.all.iter().filter(|kill| is_counted(kill)).collect();
    let counts = (0..SIGNALS.len()).map(|signal| {
        let count = here.iter().filter(|kill| kill.signal == signal).count();
        format!("{count} | ")
    });
    let most = |value: fn(&Kill) -> f64| here.iter().map(|kill| value(kill)).fold(0.0, f64::max);
    format!(
        "| {name} | {}{:.2} s | {:.2} s |\n",
        counts.collect::<String>(),
        most(|kill| kill.lost_s),
        most(|kill| kill.stopped_s)
    )
}
