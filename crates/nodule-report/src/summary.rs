//! From finished runs to tables, figures and the report.

use std::path::{Path, PathBuf};

use nodule_study::files::{create_folder, write_atomic};
use nodule_study::records::{FinishedRun, Showcase};
use nodule_study::{Output, Resolved, Study, plan};
use rayon::prelude::*;

use crate::Error;
use crate::analysis::Runs;
use crate::analysis::verdicts::{Verdict, judge_claims};
use crate::page::{Contents, html, markdown};
use crate::planned::PlannedRuns;
use crate::sections::{Section, beyond_grid, of_grid};
use crate::tables::Table;
use crate::tables::links::links;

/// What a summary leaves for the terminal.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// The verdicts, in the study's order.
    pub verdicts: Vec<Verdict>,
    /// The page.
    pub report: PathBuf,
    /// Runs that are in it.
    pub finished: usize,
    /// Runs that the study plans.
    pub planned: usize,
}

/// Writes the tables, the figures and the report of a study on a device of that kind (`cpu` or `cuda`) into
/// its folder `output`. `runs` are the finished ones of its grid; those of its variants and of crossed
/// seeds are read from the folder, each once. The result is a pure function of all of them and of
/// `showcase`: what is missing in that is left out.
///
/// # Errors
/// If a run cannot be read back, a number in it cannot be judged, `showcase` holds arrays that do not fit
/// together, or a file cannot be written.
pub fn summarise(
    resolved: &Resolved,
    device_kind: &str,
    output: &Output,
    runs: &[FinishedRun],
    showcase: &Showcase,
) -> Result<Summary, Error> {
    let planned = PlannedRuns::read(&plan(resolved, device_kind), runs, output)?;
    let study = resolved.named();
    let runs = Runs::new(&study, runs);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let (own, beyond) = rayon::join(
        || of_grid(&runs, &verdicts, showcase),
        || beyond_grid(resolved, device_kind, &runs, &planned),
    );
    let [grid, networks] = own?;
    let report = write(
        &runs,
        &verdicts,
        grid.and(beyond?).and(networks),
        output.path(),
    )?;
    Ok(Summary {
        verdicts,
        report,
        finished: planned.count(),
        planned: planned.planned(),
    })
}

/// The same of a study without variants and crossed seeds, from runs that need not lie in a folder: writes
/// into `folder`.
///
/// # Errors
/// As [`summarise`].
pub fn write_report(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    folder: &Path,
) -> Result<Summary, Error> {
    let runs = Runs::new(study, runs);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let [grid, networks] = of_grid(&runs, &verdicts, showcase)?;
    let report = write(&runs, &verdicts, grid.and(networks), folder)?;
    Ok(Summary {
        verdicts,
        report,
        finished: runs.all.len(),
        planned: runs.planned(),
    })
}

/// Writes all of it, and returns the path of the page.
fn write(
    runs: &Runs,
    verdicts: &[Verdict],
    section: Section,
    folder: &Path,
) -> Result<PathBuf, Error> {
    let links = links(&section.tables, &section.files)?;
    let contents = Contents {
        runs,
        verdicts,
        section: &section,
        links: &links,
    };
    let page = html(&contents)?;
    let [tables, figures, report] = ["tables", "figures", "report"].map(|f| folder.join(f));
    for folder in [&tables, &figures, &report] {
        create_folder(folder)?;
    }
    // Every file is flushed to the disk: waiting for one, others can be written.
    section.files.par_iter().try_for_each(|file| {
        let path = tables.join(format!("{}.csv", file.name()));
        write_atomic(&path, file.bytes())
    })?;
    let spelled = section.tables.par_iter();
    spelled.try_for_each(|table| write_spellings(table, &tables))?;
    section.figures.par_iter().try_for_each(|figure| {
        let path = figures.join(format!("{}.svg", figure.name));
        write_atomic(&path, figure.svg.as_bytes())
    })?;
    write_atomic(&folder.join("report.md"), markdown(&contents).as_bytes())?;
    let path = report.join("index.html");
    write_atomic(&path, page.as_bytes())?;
    Ok(path)
}

/// For reading (Markdown), for papers (LaTeX) and for spreadsheets (CSV).
fn write_spellings(table: &Table, folder: &Path) -> Result<(), Error> {
    let spellings = [
        ("md", table.markdown().into_bytes()),
        ("tex", table.latex().into_bytes()),
        ("summary.csv", table.csv()?),
    ];
    spellings.iter().try_for_each(|(ending, text)| {
        write_atomic(&folder.join(format!("{}.{ending}", table.name)), text)
    })
}
