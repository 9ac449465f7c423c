//! What the finished runs of a study say: numbers, figures, tables and one page.
//!
//! Everything is a pure function of the study, its finished runs and a
//! [`Showcase`](nodule_study::records::Showcase) of its networks: no clock, no environment, no network is opened
//! here. [`summarise`] writes `tables/`, `figures/`, `report/index.html` and `report.md` beside the runs;
//! [`judge`] alone says what becomes of each claim; and [`write_explanation`] shows maps of single images.
//!
//! ```no_run
//! use nodule_study::{Registry, grid, read_output};
//! use nodule_study::records::Showcase;
//!
//! let (output, resolved) = read_output("results/quick".as_ref(), &Registry::default())?;
//! let runs = output.finished(&resolved, &grid(&resolved, "cpu"))?;
//! let summary = nodule_report::summarise(&resolved, "cpu", &output, &runs, &Showcase::default())?;
//! println!("{}", nodule_report::verdict_lines(&summary.verdicts));
//! # Ok::<(), nodule_study::Error>(())
//! ```
//!
//! From below: `analysis` has the numbers, `figures` and `tables` draw and tell them, `sections` puts together
//! what answers one question, `page` lays all of it out.

mod analysis;
mod figures;
mod page;
mod planned;
mod sections;
mod summary;
mod tables;
mod written;

pub use analysis::behind::{Behind, LearnedOnly};
pub use analysis::ruling::Ruling;
pub use analysis::verdicts::{Verdict, judge, verdict_lines};
pub use nodule_study::Error;
pub use page::AuditOf;
pub use page::explained::write_explanation;
pub use summary::{Summary, audit_page, summarise, write_audit, write_report};
pub use tables::sanity::write_randomised;
