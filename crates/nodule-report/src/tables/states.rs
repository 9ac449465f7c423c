//! What became of each run of the grid: whether it learned, and why that is known.

use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{FailedRun, FinishedRun};

use super::Table;
use super::cells::{NONE, texts};
use super::escape::spreadsheet;
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::Runs;
use nodule_analysis::{LearningState, failed_state, learning_state, state_reason};

/// A run, finished or failed.
enum Row<'a> {
    Finished(&'a FinishedRun, bool),
    Failed(&'a FailedRun),
}

impl Row<'_> {
    /// Id, training distribution and loss.
    fn names(&self) -> [&String; 3] {
        match self {
            Self::Finished(run, _) => [&run.record.run, &run.record.train, &run.record.loss],
            Self::Failed(run) => [&run.run, &run.train, &run.loss],
        }
    }

    fn seed(&self) -> usize {
        match self {
            Self::Finished(run, _) => run.record.seed,
            Self::Failed(run) => run.seed,
        }
    }

    fn state(&self) -> LearningState {
        match self {
            Self::Finished(run, _) => learning_state(run),
            Self::Failed(run) => failed_state(run),
        }
    }

    fn reason(&self) -> String {
        match self {
            Self::Finished(run, _) => state_reason(run),
            Self::Failed(run) => spreadsheet(&run.reason),
        }
    }

    fn is_control(&self) -> bool {
        match self {
            Self::Finished(_, control) => *control,
            Self::Failed(run) => run.control,
        }
    }
}

/// `states.csv`: one row a run of the grid, those that failed last.
pub(crate) fn csv(runs: &Runs) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("run", |row: &Row| row.names()[0].into()),
        Column::new("train", |row| row.names()[1].into()),
        Column::new("loss", |row| row.names()[2].into()),
        Column::new("seed", |row| row.seed().into()),
        Column::new("state", |row| row.state().text().into()),
        Column::new("reason", |row| row.reason().into()),
        Column::new("control", |row| {
            if row.is_control() { "yes" } else { "no" }.into()
        }),
    ];
    CsvFile::new("states", &columns, rows(runs))
}

/// How many runs are in each state: one row a training distribution and loss.
pub(crate) fn table(runs: &Runs) -> Table {
    let all = rows(runs);
    let mut lines = Vec::new();
    for train in runs.study.train_names() {
        for loss in &runs.study.losses {
            let own = all.iter().filter(|row| row.names()[1..] == [train, loss]);
            let own: Vec<_> = own.collect();
            let count = |wanted| match own.iter().filter(|row| row.state() == wanted).count() {
                0 => NONE.to_owned(),
                n => n.to_string(),
            };
            let learnable = match runs.is_control(train) {
                true => "no: a control",
                false => "yes",
            };
            let head = texts(&[train, loss, learnable]);
            lines.push([head, LearningState::ALL.map(count).to_vec()].concat());
        }
    }
    Table {
        source: Source {
            file: "states",
            keys: vec![
                ("train", Key::Column(0)),
                ("loss", Key::Column(1)),
                ("state", Key::Heading),
            ],
            first: 3,
        },
        name: "states".into(),
        caption: "Which runs learned what they were trained on? Number of runs by state. Learned: the 95% interval over images of balanced accuracy in distribution lies above 0.5, under the read-out that maps are made of. At chance: it reaches down to 0.5 and stays below 0.75. Undecided: it holds both, too few images to tell; or the network does not decide, its decision value being the same for all images. Diverged: a loss or an embedding left the finite numbers. Failed: anything else. Controls are trained on labels that nothing can learn, and expected at chance.".into(),
        header: [texts(&["train", "loss", "learnable"]), texts(&LearningState::ALL.map(LearningState::text))].concat(),
        rows: lines,
    }
}

/// What became of the runs, in sentences; controls are counted apart.
pub(crate) fn notes(runs: &Runs) -> Vec<String> {
    let all = rows(runs);
    let (controls, others): (Vec<_>, Vec<_>) = all.iter().partition(|row| row.is_control());
    let is_finished = |row: &&&Row| matches!(row, Row::Finished(..));
    let (finished, controls) = (
        others.iter().filter(is_finished).count(),
        controls.iter().filter(is_finished).count(),
    );
    let counted = [
        LearningState::Learned,
        LearningState::AtChance,
        LearningState::Undecided,
    ]
    .map(|wanted| {
        let n = others.iter().filter(|row| row.state() == wanted).count();
        format!("{n} {}", counting(wanted, n))
    });
    let mut notes = Vec::new();
    if finished > 0 {
        let apart = match controls {
            0 => String::new(),
            n => format!("; {n} controls, whose labels nothing can learn, are counted apart"),
        };
        notes.push(format!(
            "In distribution, of {finished} runs that could learn {}{apart}.",
            counted.join(", ")
        ));
    }
    let constant = |run: &FinishedRun| {
        let mut all = run.evaluation.read_outs.iter();
        all.any(|measured| measured.score_sd.is_constant())
    };
    match runs.all.iter().filter(|run| constant(run)).count() {
        0 => {}
        n => notes.push(format!(
            "{n} of {} networks do not decide under one read-out or more: their decision value is the same for every validation image, and their effects, their landscapes and their maps are 0.",
            runs.all.len()
        )),
    }
    notes.extend(failures(&runs.failed));
    notes
}

/// Which runs failed and why, the first few; nothing where none did.
pub(crate) fn failures(failed: &[&FailedRun]) -> Option<String> {
    const SHOWN: usize = 3;
    let named = failed.iter().take(SHOWN);
    let named: Vec<_> = named
        .map(|run| format!("{} ({}): {}", run.title, run.run, run.reason))
        .collect();
    let more = match failed.len().saturating_sub(SHOWN) {
        0 => String::new(),
        n => format!("; and {n} more"),
    };
    let plural = if failed.len() == 1 { "" } else { "s" };
    let n = failed.len();
    (n > 0).then(|| format!("{n} run{plural} failed: {}{more}.", named.join("; ")))
}

/// What `n` runs of a state did.
fn counting(state: LearningState, n: usize) -> &'static str {
    match state {
        LearningState::AtChance if n == 1 => "is at chance",
        LearningState::AtChance => "are at chance",
        LearningState::Undecided if n == 1 => "is undecided",
        LearningState::Undecided => "are undecided",
        other => other.text(),
    }
}

fn rows<'a>(runs: &Runs<'a>) -> Vec<Row<'a>> {
    let controls = runs.controls();
    let finished = runs.all.iter().map(|run| {
        let control = controls.contains(run.record.train.as_str());
        Row::Finished(run, control)
    });
    let failed = runs.failed.iter().map(|run| Row::Failed(run));
    finished.chain(failed).collect()
}
