//! Pages: the report as one self-contained HTML file and as Markdown, the comparison of studies, and the saliency maps
//! of single images.

mod anchor;
mod bibliography;
pub(crate) mod comparison;
pub(crate) mod explanation_page;
mod explorer;
mod html;
mod markdown;
mod pooled;
mod reproducibility;
mod sentences;
mod summary_section;
mod terms;
mod topic_section;

use nodule_analysis::Runs;
use nodule_analysis::Verdict;

use crate::sections::Content;
use crate::topic::Topic;

pub(crate) use bibliography::bibliography;
pub(crate) use html::html;
pub(crate) use markdown::markdown;

/// Everything that the report shows.
pub(crate) struct Report<'a> {
    pub(crate) runs: &'a Runs<'a>,
    pub(crate) verdicts: &'a [Verdict],
    pub(crate) content: &'a Content,
    /// Whether the CSV files are written beside the page, so that it can link to them.
    pub(crate) has_files: bool,
    /// The audit, if the runs are external models.
    pub(crate) audit: Option<&'a AuditInfo<'a>>,
}

impl Report<'_> {
    /// Returns the topics of the page: training robustness is unknown for external models.
    pub(crate) fn topics(&self) -> impl Iterator<Item = Topic> {
        let external = self.audit.is_some();
        Topic::all().filter(move |topic| !(external && *topic == Topic::Robustness))
    }
}

/// Evaluation of models that were trained elsewhere on a battery.
///
/// ```
/// let notes = ["Model a has one seed.".to_owned()];
/// let audit = nodule_report::AuditInfo { battery: "0f1e", notes: &notes };
/// assert_eq!(audit.notes.len(), 1);
/// ```
#[derive(Debug, Clone, Copy)]
pub struct AuditInfo<'a> {
    /// Id of the battery.
    pub battery: &'a str,
    /// Sentences about the models, shown before any number.
    pub notes: &'a [String],
}
