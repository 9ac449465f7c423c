#![doc = include_str!("../README.md")]
//!
//! # Where to find what
//!
//! [`summarise`] writes `tables/`, `figures/`, `report/index.html` and `report.md` beside the runs;
//! and [`write_explanation`] shows maps of single images. The verdicts are `nodule_analysis`'s.
//!
//! From below: `figures` and `tables` draw and tell them, `sections` puts together
//! what answers one question, `page` lays all of it out.

mod figures;
mod page;
mod sections;
mod summary;
mod tables;
mod written;

pub use nodule_study::Error;
pub use page::AuditOf;
pub use page::comparison::{ComparedStudy, write_comparison};
pub use page::explained::write_explanation;
pub use summary::{Summary, audit_page, summarise, write_audit, write_report};
pub use tables::sanity::write_randomised;
