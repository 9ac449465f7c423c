#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! [`summarise`] writes `tables/`, `figures/`, `report/index.html` and `report.md` beside the runs;
//! [`judge`] alone says what becomes of each claim; and [`write_explanation`] shows maps of single images.
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
pub use page::comparison::{ComparedStudy, write_comparison};
pub use page::explained::write_explanation;
pub use summary::{Summary, audit_page, summarise, write_audit, write_report};
pub use tables::sanity::write_randomised;
