//! State of each run of the grid: whether it learned, and the evidence.

use nodule_analysis::{LearningState, Runs, failed_state, learning_state, state_reason};
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{FailedRun, FinishedRun};

use super::escape::spreadsheet;
use super::formatting::{MISSING, strings};
use super::{Source, Table};
use crate::Error;
use crate::text::{count_of, list};

/// State of a finished or failed run.
struct Row<'a> {
    id: &'a str,
    train: &'a str,
    loss: &'a str,
    seed: usize,
    state: LearningState,
    reason: String,
    is_finished: bool,
    is_control: bool,
}

fn rows<'a>(runs: &Runs<'a>) -> Vec<Row<'a>> {
    let controls = runs.controls();
    let finished = runs.all.iter().map(|run| Row {
        id: &run.record.run,
        train: &run.record.train,
        loss: &run.record.loss,
        seed: run.record.seed,
        state: learning_state(run),
        reason: state_reason(run),
        is_finished: true,
        is_control: controls.contains(run.record.train.as_str()),
    });
    let failed = runs.failed.iter().map(|run| Row {
        id: &run.run,
        train: &run.train,
        loss: &run.loss,
        seed: run.seed,
        state: failed_state(run),
        reason: spreadsheet(&run.reason),
        is_finished: false,
        is_control: run.control,
    });
    finished.chain(failed).collect()
}

/// Returns `states.csv`: one row per run of the grid, failed runs last.
pub(crate) fn csv(runs: &Runs) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("run", |row: &Row| row.id.into()),
        Column::new("train", |row| row.train.into()),
        Column::new("loss", |row| row.loss.into()),
        Column::new("seed", |row| row.seed.into()),
        Column::new("state", |row| row.state.text().into()),
        Column::new("reason", |row| (&row.reason).into()),
        Column::new("control", |row| {
            if row.is_control { "yes" } else { "no" }.into()
        }),
    ];
    CsvFile::new("states", &columns, rows(runs))
}

/// Returns the number of runs in each state: one row per training distribution and loss; `None` for external
/// models, whose training is unknown.
pub(crate) fn table(runs: &Runs) -> Option<Table> {
    if runs.external {
        return None;
    }
    let all = rows(runs);
    let mut lines = Vec::new();
    for train in runs.study.train_names() {
        for loss in &runs.study.losses {
            let is_counted = |row: &&Row, state| {
                (row.train, row.loss, row.state) == (train, loss.as_str(), state)
            };
            let count = |state| match all.iter().filter(|row| is_counted(row, state)).count() {
                0 => MISSING.to_owned(),
                n => n.to_string(),
            };
            let learnable = match runs.is_control(train) {
                true => "no: a control",
                false => "yes",
            };
            let head = strings(&[train, loss, learnable]);
            lines.push([head, LearningState::ALL.map(count).to_vec()].concat());
        }
    }
    Some(Table {
        name: "states".into(),
        caption: "Number of runs by state. Learned: the 95% interval over images of the balanced accuracy in distribution lies above 0.5 (classifier that the saliency maps explain). At chance: the interval includes 0.5 and stays below 0.75. Undecided: the interval includes both 0.5 and 0.75 (too few images), or the decision score is the same for all images. Diverged: a loss or an embedding overflowed. Failed: any other error. Controls are trained on random labels and expected at chance.".into(),
        header: [strings(&["training set", "loss", "learnable"]), strings(&LearningState::ALL.map(LearningState::text))].concat(),
        rows: lines,
        source: Source::new("states", &["train", "loss", "state"]),
    })
}

/// Returns sentences on the states of the runs; controls are counted separately.
pub(crate) fn notes(runs: &Runs) -> Vec<String> {
    let all = rows(runs);
    let (controls, others): (Vec<_>, Vec<_>) = all.iter().partition(|row| row.is_control);
    let count_finished = |rows: &[&Row]| rows.iter().filter(|row| row.is_finished).count();
    let mut notes = Vec::new();
    if count_finished(&others) > 0 {
        use LearningState::{AtChance, Learned, Undecided};
        let counts = [Learned, AtChance, Undecided].map(|wanted| {
            let n = others.iter().filter(|row| row.state == wanted).count();
            format!("{n} {}", predicate(runs, wanted, n))
        });
        let separate = match count_finished(&controls) {
            0 => String::new(),
            1 => "; 1 control with random labels is counted separately".to_owned(),
            n => format!("; {n} controls with random labels are counted separately"),
        };
        notes.push(format!(
            "Of {}, {}{separate}.{}",
            match runs.external {
                true => count_of(count_finished(&others), "model") + " on the validation images",
                false => count_of(count_finished(&others), "run") + " that could learn",
            },
            list(&counts),
            match runs.external {
                true =>
                    " Each is judged by its own score, or by the first classifier of its embedding if it has none.",
                false => "",
            }
        ));
    }
    let is_constant = |run: &&&FinishedRun| {
        let mut all = run.evaluation.read_outs.iter();
        all.any(|measured| measured.score_sd.is_constant())
    };
    let constant = runs.all.iter().filter(is_constant).count();
    if constant > 0 {
        let verb = if constant == 1 { "has" } else { "have" };
        notes.push(format!(
            "{constant} of {} {verb} a constant decision score with at least one classifier, so the effects, decision surface and saliency maps of that classifier are 0.",
            count_of(runs.all.len(), if runs.external { "model" } else { "network" })
        ));
    }
    notes.extend(describe_failures(&runs.failed));
    notes
}

/// Returns a sentence with the reasons of the first failed runs; `None` if no run failed.
pub(crate) fn describe_failures(failed: &[&FailedRun]) -> Option<String> {
    const MOST: usize = 3;
    let reasons: Vec<_> = failed
        .iter()
        .take(MOST)
        .map(|run| format!("{} ({}): {}", run.title, run.run, run.reason))
        .collect();
    let more = match failed.len().saturating_sub(MOST) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    let runs = count_of(failed.len(), "run");
    (!failed.is_empty()).then(|| format!("{runs} failed: {}{more}.", reasons.join("; ")))
}

/// Returns the predicate of a sentence about `n` runs in a state.
fn predicate(runs: &Runs, state: LearningState, n: usize) -> &'static str {
    match state {
        LearningState::Learned if runs.external && n == 1 => "is better than chance",
        LearningState::Learned if runs.external => "are better than chance",
        LearningState::AtChance if n == 1 => "is at chance",
        LearningState::AtChance => "are at chance",
        LearningState::Undecided if n == 1 => "is undecided",
        LearningState::Undecided => "are undecided",
        other => other.text(),
    }
}
