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

use crate::analysis::Runs;
use crate::analysis::verdicts::Verdict;
use crate::sections::Section;
use crate::tables::links::Links;

pub(crate) use bibliography::bibliography;
pub(crate) use html::html;
pub(crate) use markdown::markdown;

/// Everything that the report shows.
pub(crate) struct Contents<'a> {
    pub(crate) runs: &'a Runs<'a>,
    pub(crate) verdicts: &'a [Verdict],
    pub(crate) section: &'a Section,
    /// Of each table of the section.
    pub(crate) links: &'a [Links],
}
