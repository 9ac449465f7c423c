//! Writing the report of a study: tables, figures, page and Markdown.

use std::path::{Path, PathBuf};

use nodule_analysis::PlannedRuns;
use nodule_analysis::Runs;
use nodule_analysis::{Verdict, judge_claims};
use nodule_study::csv::CsvFile;
use nodule_study::files::write_atomic;
use nodule_study::records::{FinishedRun, Showcase};
use nodule_study::results::BrokenRun;
use nodule_study::{Output, Resolved, RunSpec, Study, plan};
use rayon::prelude::*;

use crate::Error;
use crate::output_files::{NamedFile, remove_if_present, replace_files};
use crate::page::{AuditInfo, Report, bibliography, html, markdown};
use crate::sections::{Content, grid_and_networks, robustness};
use crate::tables::Table;
use crate::tables::run_states::describe_failures;
use crate::text::count_of;

/// Result of writing a report.
///
/// ```
/// use nodule_report::write_report;
/// use nodule_study::records::Showcase;
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let folder = tempfile::tempdir()?;
/// let summary = write_report(&study, &[], &Showcase::default(), folder.path())?;
/// assert_eq!((summary.finished, summary.planned), (0, 18));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Summary {
    /// Verdicts, in the study's order.
    pub verdicts: Vec<Verdict>,
    /// Path of the page.
    pub report: PathBuf,
    /// Number of runs in the report.
    pub finished: usize,
    /// Number of planned runs.
    pub planned: usize,
    /// Finished runs that were left out, because their files were changed.
    pub broken: Vec<BrokenRun>,
    /// Files in the folders of the report that no report wrote; they are kept.
    pub foreign_files: Vec<PathBuf>,
}

/// Path of the page in the folder of a study.
const PAGE: &str = "report/index.html";

/// Writes tables, figures and report of a study into its folder `output`. `device_kind` is `cpu` or `cuda`; `runs` are
/// the finished runs of the grid. Runs of variants and of crossed seeds are read from the folder. The report is a pure
/// function of all runs and of `showcase`, whose missing parts are left out.
///
/// # Errors
/// [`Error::Folder`] if no planned run is finished and the folder has a report or other finished runs: an empty report
/// never replaces a full one. Other errors: a run cannot be read, a number is not finite, arrays of `showcase` have
/// wrong lengths, or a file cannot be written.
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
        check_nothing_is_lost(output, &specs)?;
    }
    let (grid_specs, other_specs): (Vec<_>, Vec<_>) = specs
        .into_iter()
        .partition(|spec| spec.variant.is_none() && spec.crossed.is_none());
    let (failed, other_failed) = (
        output.failed_runs(&grid_specs),
        output.failed_runs(&other_specs),
    );
    let study = resolved.study_by_name();
    let runs = Runs::new(&study, runs).with_failed(&failed);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let (own, robustness) = rayon::join(
        || grid_and_networks(&runs, &verdicts, showcase),
        || robustness(resolved, device_kind, &runs, &planned),
    );
    let [grid, networks] = own?;
    // The first figure on robustness is about design choices; the timeline of the grid follows.
    let mut content = robustness?.and(grid).and(networks);
    content
        .notes
        .splice(0..0, describe_broken(planned.broken()));
    let failures = describe_failures(&other_failed.iter().collect::<Vec<_>>());
    let with_subject = |text| format!("Variants and crossed seeds: {text}");
    content.notes.extend(failures.map(with_subject));
    let (report, foreign_files) = write(&runs, &verdicts, &content, None, output.path())?;
    Ok(Summary {
        verdicts,
        report,
        finished: planned.finished_count(),
        planned: planned.planned_count(),
        broken: planned.into_broken(),
        foreign_files,
    })
}

/// Writes the report of a study without variants and crossed seeds into `folder`; the runs need not lie there.
///
/// # Errors
/// As [`summarise`].
///
/// ```
/// use nodule_report::write_report;
/// use nodule_study::records::Showcase;
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let folder = tempfile::tempdir()?;
/// let summary = write_report(&study, &[], &Showcase::default(), folder.path())?;
/// assert_eq!(summary.report, folder.path().join("report/index.html"));
/// assert!(folder.path().join("tables/hypotheses.csv").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_report(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    folder: &Path,
) -> Result<Summary, Error> {
    write_grid(study, runs, showcase, None, folder)
}

/// Writes the report of external models that were evaluated on a battery into `folder`. Their names are the losses of
/// `study`.
///
/// # Errors
/// As [`summarise`].
///
/// ```
/// use nodule_report::{AuditInfo, write_audit};
/// use nodule_study::records::Showcase;
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let folder = tempfile::tempdir()?;
/// let audit = AuditInfo { battery: "0f1e", notes: &["Model a has one seed.".to_owned()] };
/// let summary = write_audit(&study, &[], &Showcase::default(), &audit, folder.path())?;
/// assert!(std::fs::read_to_string(summary.report)?.contains("Model a has one seed."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_audit(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    audit: &AuditInfo,
    folder: &Path,
) -> Result<Summary, Error> {
    write_grid(study, runs, showcase, Some(audit), folder)
}

/// Returns the page of external models, without links to files beside it.
///
/// # Errors
/// As [`summarise`].
///
/// ```
/// use nodule_report::{AuditInfo, render_audit_page};
/// use nodule_study::records::Showcase;
/// use nodule_study::{Registry, load_study};
///
/// let study = load_study("smoke", &Registry::default())?.study_by_name();
/// let audit = AuditInfo { battery: "0f1e", notes: &[] };
/// let page = render_audit_page(&study, &[], &Showcase::default(), &audit)?;
/// assert!(page.starts_with("<!DOCTYPE html>"));
/// # Ok::<(), nodule_report::Error>(())
/// ```
pub fn render_audit_page(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    audit: &AuditInfo,
) -> Result<String, Error> {
    let runs = Runs::new(study, runs);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let [grid, networks] = grid_and_networks(&runs, &verdicts, showcase)?;
    html(&Report {
        runs: &runs,
        verdicts: &verdicts,
        content: &grid.and(networks),
        has_files: false,
        audit: Some(audit),
    })
}

fn write_grid(
    study: &Study,
    runs: &[FinishedRun],
    showcase: &Showcase,
    audit: Option<&AuditInfo>,
    folder: &Path,
) -> Result<Summary, Error> {
    let runs = Runs::new(study, runs);
    let verdicts = judge_claims(&study.hypotheses, &runs)?;
    let [grid, networks] = grid_and_networks(&runs, &verdicts, showcase)?;
    let (report, foreign_files) = write(&runs, &verdicts, &grid.and(networks), audit, folder)?;
    Ok(Summary {
        verdicts,
        report,
        finished: runs.all.len(),
        planned: runs.planned_count(),
        broken: Vec::new(),
        foreign_files,
    })
}

/// Rejects an empty report where the folder has a report or runs of another plan.
fn check_nothing_is_lost(output: &Output, specs: &[RunSpec]) -> Result<(), Error> {
    let error = |what: String| Error::Folder {
        path: output.path().to_path_buf(),
        reason: format!(
            "none of {} is finished and whole, but {what}; the report was not changed",
            count_of(specs.len(), "planned run")
        ),
    };
    let unplanned = output.unplanned_runs(specs)?;
    if let Some(first) = unplanned.first() {
        return Err(error(format!(
            "the folder has {}, such as {first}, of another version or --device",
            count_of(unplanned.len(), "other run")
        )));
    }
    match output.path().join(PAGE).is_file() {
        true => Err(error("the folder has a report".to_owned())),
        false => Ok(()),
    }
}

/// Returns a sentence on the finished runs whose files were changed; `None` if there are none.
fn describe_broken(broken: &[BrokenRun]) -> Option<String> {
    let names: Vec<_> = broken
        .iter()
        .map(|run| format!("{} ({})", run.run, run.title))
        .collect();
    let (subject, object) = match names.len() {
        0 => return None,
        1 => ("1 finished run is left out".to_owned(), "its"),
        n => (format!("{n} finished runs are left out"), "their"),
    };
    Some(format!(
        "{subject}, because {object} files were changed: {}.",
        names.join("; ")
    ))
}

/// Writes all files. Returns the path of the page, and foreign files in the folders of the report.
fn write(
    runs: &Runs,
    verdicts: &[Verdict],
    content: &Content,
    audit: Option<&AuditInfo>,
    folder: &Path,
) -> Result<(PathBuf, Vec<PathBuf>), Error> {
    for (_, table) in &content.tables {
        check_source(table, &content.files)?;
    }
    let report = Report {
        runs,
        verdicts,
        content,
        has_files: true,
        audit,
    };
    let mut files = table_files(content)?;
    for file in &content.files {
        files.push((format!("tables/{}.csv", file.name()), file.bytes().into()));
    }
    for figure in content.all_figures() {
        files.push((
            format!("figures/{}.svg", figure.name),
            figure.svg.as_bytes().into(),
        ));
        let caption = figure.caption_file().into_bytes();
        files.push((format!("figures/{}.txt", figure.name), caption.into()));
    }
    files.push((PAGE.to_owned(), html(&report)?.into_bytes().into()));
    files.push((
        "report/cite.bib".to_owned(),
        bibliography(runs, audit).into_bytes().into(),
    ));
    let text = folder.join("report.md");
    remove_if_present(&text)?;
    let foreign_files = replace_files(folder, &files, PAGE)?;
    write_atomic(&text, markdown(&report).as_bytes())?;
    Ok((folder.join(PAGE), foreign_files))
}

/// Checks that the CSV file and the columns that a table names exist.
fn check_source(table: &Table, files: &[CsvFile]) -> Result<(), Error> {
    let source = &table.source;
    let error = |reason: String| Error::cannot_make(format!("the table {}", table.name), reason);
    let file = files.iter().find(|file| file.name() == source.file);
    let file = file.ok_or_else(|| error(format!("{}.csv does not exist", source.file)))?;
    let is_missing = |key: &&&str| !file.header().iter().any(|column| *column == **key);
    match source.keys.iter().find(is_missing) {
        Some(key) => Err(error(format!("{}.csv has no column {key}", source.file))),
        None => Ok(()),
    }
}

/// Returns each table in Markdown, LaTeX and CSV.
fn table_files(content: &Content) -> Result<Vec<NamedFile<'static>>, Error> {
    let files = content.tables.par_iter().map(|(_, table)| {
        let formats = [
            ("md", table.markdown().into_bytes()),
            ("tex", table.latex().into_bytes()),
            ("summary.csv", table.csv()?),
        ];
        let named_file = |(extension, bytes): (_, Vec<u8>)| {
            (format!("tables/{}.{extension}", table.name), bytes.into())
        };
        Ok(formats.map(named_file))
    });
    let files = files.collect::<Result<Vec<_>, Error>>()?;
    Ok(files.into_iter().flatten().collect())
}
