//! From finished runs to tables, figures and the report.

use std::path::{Path, PathBuf};

use nodule_study::files::write_atomic;
use nodule_study::records::{FinishedRun, Showcase};
use nodule_study::results::BrokenRun;
use nodule_study::{Output, Resolved, RunSpec, Study, plan};
use rayon::prelude::*;

use crate::Error;
use crate::page::{AuditOf, Contents, bibliography, html, markdown};
use crate::sections::{Section, Topic, beyond_grid, of_grid};
use crate::tables::Table;
use crate::tables::links::links;
use crate::tables::states::failures;
use crate::written::{NamedFile, write_files};
use nodule_analysis::PlannedRuns;
use nodule_analysis::Runs;
use nodule_analysis::{Verdict, judge_claims};

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
    /// Runs that were finished and are not as they were: left out.
    pub broken: Vec<BrokenRun>,
    /// What others put into the folders of the report: left as it is.
    pub others: Vec<PathBuf>,
}

/// The page, from the study's folder.
const PAGE: &str = "report/index.html";

/// Writes the tables, the figures and the report of a study on a device of that kind (`cpu` or `cuda`) into
/// its folder `output`. `runs` are the finished ones of its grid; those of its variants and of crossed
/// seeds are read from the folder, each once. The result is a pure function of all of them and of
/// `showcase`: what is missing in that is left out.
///
/// # Errors
/// [`Error::Folder`] if no planned run is finished and the folder holds a report or other finished runs: an
/// empty report never takes the place of a full one. If the system refuses to read a run, a number in it cannot be judged, `showcase` holds arrays that do not fit
/// together, or a file cannot be written.
pub fn summarise(
    resolved: &Resolved,
    device_kind: &str,
    output: &Output,
    runs: &[FinishedRun],
    showcase: &Showcase,
) -> Result<Summary, Error> {
    let specs = plan(resolved, device_kind);
    let planned = PlannedRuns::read(&specs, runs, output)?;
    if planned.finished_count() == 0 {
        keep_report(output, &specs)?;
    }
    let (own, beyond): (Vec<_>, Vec<_>) = specs
        .into_iter()
        .partition(|spec| spec.variant.is_none() && spec.crossed.is_none());
    let (failed, failed_beyond) = (output.failed_runs(&own), output.failed_runs(&beyond));
    let study = resolved.named();
    let runs = Runs::new(&study, runs).with_failed(&failed);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let (own, beyond) = rayon::join(
        || of_grid(&runs, &verdicts, showcase),
        || beyond_grid(resolved, device_kind, &runs, &planned),
    );
    let [grid, networks] = own?;
    // What the study varies shows what verdicts depend on better than time does.
    let mut section = beyond?.and(grid).and(networks);
    section.notes.splice(0..0, left_out(planned.broken()));
    let failed_beyond: Vec<_> = failed_beyond.iter().collect();
    let failures = failures(&failed_beyond);
    let of_others = |text| format!("Of variants and crossed seeds {text}");
    section.notes.extend(failures.map(of_others));
    let (report, others) = write(&runs, &verdicts, section, None, output.path())?;
    Ok(Summary {
        verdicts,
        report,
        finished: planned.finished_count(),
        planned: planned.planned_count(),
        broken: planned.into_broken(),
        others,
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
    written(study, runs, showcase, None, folder)
}

/// The same of models that were trained elsewhere and asked by a battery: `study` is what they would be the
/// runs of, its losses being their names.
///
/// # Errors
/// As [`summarise`].
pub fn write_audit(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    audit: &AuditOf,
    folder: &Path,
) -> Result<Summary, Error> {
    written(study, runs, showcase, Some(audit), folder)
}

/// The page of such models alone, with no files beside it: nothing is written.
///
/// # Errors
/// As [`summarise`].
pub fn audit_page(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    audit: &AuditOf,
) -> Result<String, Error> {
    let runs = Runs::new(study, runs);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let [grid, networks] = of_grid(&runs, &verdicts, showcase)?;
    html(&Contents {
        runs: &runs,
        verdicts: &verdicts,
        section: &grid.and(networks),
        links: None,
        audit: Some(audit),
    })
}

fn written(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    audit: Option<&AuditOf>,
    folder: &Path,
) -> Result<Summary, Error> {
    let runs = Runs::new(study, runs);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let [grid, networks] = of_grid(&runs, &verdicts, showcase)?;
    let (report, others) = write(&runs, &verdicts, grid.and(networks), audit, folder)?;
    Ok(Summary {
        verdicts,
        report,
        finished: runs.all.len(),
        planned: runs.planned_count(),
        broken: Vec::new(),
        others,
    })
}

/// Refuses a report of no run at all where it would take the place of a fuller one.
fn keep_report(output: &Output, specs: &[RunSpec]) -> Result<(), Error> {
    let planned = specs.len();
    let refused = |what: String| Error::Folder {
        path: output.path().to_path_buf(),
        reason: format!("none of the {planned} planned runs is finished and whole, {what}"),
    };
    let foreign = output.unplanned_runs(specs)?;
    if let Some(first) = foreign.first() {
        let n = foreign.len();
        return Err(refused(format!(
            "but {n} others are, such as {first}: of another version of the program or another --device; the report stays as it is"
        )));
    }
    match output.path().join(PAGE).is_file() {
        true => Err(refused(
            "but there is a report: it stays as it is".to_owned(),
        )),
        false => Ok(()),
    }
}

/// Which runs were finished and are not as they were, in a sentence; nothing if there is none.
fn left_out(broken: &[BrokenRun]) -> Option<String> {
    let named = broken
        .iter()
        .map(|run| format!("{} ({})", run.run, run.title));
    let named: Vec<_> = named.collect();
    let are = match named.len() {
        0 => return None,
        1 => "1 run was finished and is left out, because its files were changed",
        n => &format!("{n} runs were finished and are left out, because their files were changed"),
    };
    Some(format!("{are} since: {}.", named.join("; ")))
}

/// Writes all of it. Returns the path of the page, and what others put into its folders.
fn write(
    runs: &Runs,
    verdicts: &[Verdict],
    section: Section,
    audit: Option<&AuditOf>,
    folder: &Path,
) -> Result<(PathBuf, Vec<PathBuf>), Error> {
    let tables = section.tables.iter().map(|(_, table)| table);
    let links = links(tables, &section.files)?;
    let contents = Contents {
        runs,
        verdicts,
        section: &section,
        links: Some(&links),
        audit,
    };
    let page = html(&contents)?;
    let mut files = spellings(&section.tables)?;
    for file in &section.files {
        files.push((format!("tables/{}.csv", file.name()), file.bytes().into()));
    }
    for figure in section.all_figures() {
        let name = format!("figures/{}.svg", figure.name);
        files.push((name, figure.svg.as_bytes().into()));
        let name = format!("figures/{}.txt", figure.name);
        files.push((name, figure.text().into_bytes().into()));
    }
    files.push((PAGE.to_owned(), page.into_bytes().into()));
    let cited = bibliography(runs).into_bytes();
    files.push(("report/cite.bib".to_owned(), cited.into()));
    let others = write_files(folder, &files)?;
    write_atomic(&folder.join("report.md"), markdown(&contents).as_bytes())?;
    Ok((folder.join(PAGE), others))
}

/// The tables for reading (Markdown), for papers (LaTeX) and for spreadsheets (CSV).
fn spellings(tables: &[(Topic, Table)]) -> Result<Vec<NamedFile<'static>>, Error> {
    let of_table = |(_, table): &(Topic, Table)| {
        let spellings = [
            ("md", table.markdown().into_bytes()),
            ("tex", table.latex().into_bytes()),
            ("summary.csv", table.csv()?),
        ];
        let name = |ending| format!("tables/{}.{ending}", table.name);
        Ok(spellings.map(|(ending, text)| (name(ending), text.into())))
    };
    let files = tables.par_iter().map(of_table);
    let files = files.collect::<Result<Vec<_>, Error>>()?;
    Ok(files.into_iter().flatten().collect())
}
