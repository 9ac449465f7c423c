#![doc = include_str!("../README.md")]
//!
//! # Structure
//!
//! | module | content |
//! |---|---|
//! | `figures`, `tables` | one file per figure or table |
//! | `sections` | contents of the report by source: the grid of runs, networks, variants, crossed seeds |
//! | `topic` | the sections of the page |
//! | `page` | HTML and Markdown |
//! | `summary`, `output_files` | writing the report into the folder of a study |

mod endpoints;
mod figures;
mod output_files;
mod page;
mod sections;
mod summary;
mod tables;
mod text;
mod topic;

pub use nodule_study::Error;
pub use output_files::read_own_files;
pub use page::AuditInfo;
pub use page::comparison::{ComparedStudy, write_comparison};
pub use page::explanation_page::write_explanation;
pub use summary::{Summary, render_audit_page, summarise, write_audit, write_report};
pub use tables::sanity_checks::write_sanity_checks;
