//! How is it laid out? As one page that needs nothing else, and the same in Markdown; and a page of maps of
//! single images.

mod anchor;
mod bibliography;
pub(crate) mod comparison;
pub(crate) mod explained;
mod explorer;
mod html;
mod markdown;
mod overview;
mod question;
mod repeat;
mod side_by_side;
mod words;

use crate::sections::Section;
use crate::tables::links::Links;
use nodule_analysis::Runs;
use nodule_analysis::Verdict;

pub(crate) use bibliography::bibliography;
pub(crate) use html::html;
pub(crate) use markdown::markdown;

/// Everything that the report shows.
pub(crate) struct Contents<'a> {
    pub(crate) runs: &'a Runs<'a>,
    pub(crate) verdicts: &'a [Verdict],
    pub(crate) section: &'a Section,
    /// Of each table of the section; none for a page without files beside it.
    pub(crate) links: Option<&'a [Links]>,
    /// Whose runs they are where they are no runs of a study.
    pub(crate) audit: Option<&'a AuditOf<'a>>,
}

/// Models that were trained elsewhere, asked by a battery: what the page says instead of what it says of runs.
#[derive(Debug, Clone, Copy)]
pub struct AuditOf<'a> {
    /// The battery's id.
    pub battery: &'a str,
    /// What is to be said of the models before any number, a sentence each.
    pub notes: &'a [String],
}
