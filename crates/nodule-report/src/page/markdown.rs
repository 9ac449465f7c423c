//! The report in Markdown, for terminals and code hosts.

use super::terms::terms;
use super::{Report, sentences};
use crate::figures::Figure;
use crate::tables::escape::markdown as escape;
use crate::topic::Topic;

/// Returns the content of the page in the same order, without the explorer.
pub(crate) fn markdown(report: &Report) -> String {
    let (study, content) = (report.runs.study, report.content);
    let title = sentences::title(study, report.audit);
    let completeness = sentences::completeness(report.runs, report.audit);
    let overview = [
        &content.verdict_counts,
        &content.supported_along,
        &completeness,
    ];
    let overview: Vec<_> = overview
        .into_iter()
        .chain(&content.notes)
        .filter(|text| !text.is_empty())
        .map(String::as_str)
        .collect();
    let mut out = format!(
        "# {title}\n\n{}\n\n{}\n\n",
        escape(&study.description),
        overview.join(" ")
    );
    for verdict in report.verdicts {
        let (id, claim) = (escape(&verdict.id), escape(&verdict.claim));
        let (heading, evidence) = (sentences::heading(verdict), sentences::evidence(verdict));
        out += &format!("- **{id}: {heading}.** {claim} {evidence}\n");
    }
    if report.audit.is_none() || !report.verdicts.is_empty() {
        out += &format!("\n{}\n", sentences::verdict_rules(report.runs));
    }
    out += "\n";
    for (term, definition) in terms(report.runs) {
        out += &format!("- **{term}**: {definition}\n");
    }
    out.extend(content.main_result.iter().map(figure_text));
    out.extend(report.topics().map(|topic| topic_text(report, topic)));
    out
}

fn topic_text(report: &Report, topic: Topic) -> String {
    let (content, text) = (report.content, topic.text(report.runs.external));
    let mut out = format!(
        "\n## {}\n\n{}\n\n*Interpretation:* {} *Limitations:* {}\n",
        text.title,
        escape(&content.key_findings_of(topic, report.runs.external)),
        text.interpretation,
        text.limitations
    );
    if !text.related_work.is_empty() {
        out += &format!("\n*Related work:* {}\n", text.related_work);
    }
    out.extend(content.figures_of(topic).map(figure_text));
    out.extend(
        content
            .tables_of(topic)
            .map(|table| format!("\n{}", table.markdown())),
    );
    out
}

fn figure_text(figure: &Figure) -> String {
    let Figure { name, caption, .. } = figure;
    format!("\n![{name}](figures/{name}.svg)\n\n{caption}\n")
}
