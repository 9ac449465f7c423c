//! The report: one page that needs nothing else, and the same in Markdown. A pure function of the
//! study, its finished runs and example images: no clock, no paths, no environment.

mod explorer;
mod gallery;
mod page;
mod words;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

pub use gallery::{Gallery, GalleryRow};

use crate::Error;
use crate::extra::Extra;
use crate::figures::figures;
use crate::folder::{create_folder, write_atomic};
use crate::hypotheses::{Verdict, judge};
use crate::record::FinishedRun;
use crate::settings::Study;
use crate::source::Lines;
use crate::table::Table;
use crate::tables::{hypotheses_csv, per_run_csv, summaries};
use page::{Contents, page};

/// Writes `figures/*.svg`, `report.md` and `report/index.html` below `folder`; returns the path of
/// the page.
///
/// # Errors
/// If the folder cannot be written to.
pub fn write_report(
    study: &Study,
    runs: &[FinishedRun],
    gallery: &Gallery,
    folder: &Path,
) -> Result<PathBuf, Error> {
    write_whole_report(study, runs, gallery, Extra::default(), folder)
}

/// The same with what only the networks themselves can show.
pub(crate) fn write_whole_report(
    study: &Study,
    runs: &[FinishedRun],
    gallery: &Gallery,
    extra: Extra,
    folder: &Path,
) -> Result<PathBuf, Error> {
    let verdicts = judge(study, runs);
    let mut figures = figures(study, runs, &gallery.pictures()?);
    figures.extend(extra.figures);
    let mut tables = summaries(study, runs, &verdicts);
    tables.extend(extra.tables);
    let lines = lines(runs, &verdicts, &tables, &extra.csv)?;
    let contents = Contents {
        lines,
        study,
        runs,
        figures,
        tables,
        verdicts,
        notes: extra.notes,
        explorer: extra.explorer,
    };
    let (report, figures) = (folder.join("report"), folder.join("figures"));
    create_folder(&report)?;
    create_folder(&figures)?;
    for figure in &contents.figures {
        write_atomic(
            &figures.join(format!("{}.svg", figure.name)),
            figure.svg.as_bytes(),
        )?;
    }
    write_atomic(&folder.join("report.md"), markdown(&contents).as_bytes())?;
    let path = report.join("index.html");
    write_atomic(&path, page(&contents).into_string().as_bytes())?;
    Ok(path)
}

/// The files behind the tables, by name.
fn lines(
    runs: &[FinishedRun],
    verdicts: &[Verdict],
    tables: &[Table],
    extra: &[(String, Vec<u8>)],
) -> Result<BTreeMap<&'static str, Lines>, Error> {
    let mut files = BTreeMap::new();
    for name in tables.iter().map(|table| table.source.file) {
        if files.contains_key(name) {
            continue;
        }
        let bytes = match extra.iter().find(|(other, _)| other == name) {
            Some((_, bytes)) => Some(bytes.clone()),
            None if name == "hypotheses" => Some(hypotheses_csv(verdicts)?),
            None => per_run_csv(name, runs)?,
        };
        files.extend(bytes.and_then(|b| Lines::of(&b)).map(|lines| (name, lines)));
    }
    Ok(files)
}

/// The same contents for those who read in a terminal or on a code host.
fn markdown(contents: &Contents) -> String {
    let Contents {
        study,
        runs,
        tables,
        figures,
        verdicts,
        notes,
        ..
    } = contents;
    let mut out = format!("# {}\n\n{}\n\n", words::title(study), study.description);
    let about = [vec![words::completeness(study, runs)], notes.clone()].concat();
    out.push_str(&format!("{}\n\n", about.join(" ")));
    for verdict in verdicts {
        let (heading, evidence) = (words::heading(verdict.ruling), words::evidence(verdict));
        out.push_str(&format!(
            "- **{}: {heading}.** {} {evidence}\n",
            verdict.id, verdict.claim
        ));
    }
    out.push_str(&format!("\n{}\n", words::how_to_read_verdicts(study)));
    for table in tables {
        out.push_str(&format!("\n{}", table.markdown()));
    }
    for figure in figures {
        out.push_str(&format!(
            "\n![{}](figures/{}.svg)\n\n{}\n",
            figure.name, figure.name, figure.caption
        ));
    }
    out
}
