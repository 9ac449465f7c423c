//! The report for those who read in a terminal or on a code host.

use super::{Contents, words};
use crate::tables::escape::markdown as escaped;

/// The same contents as the page's, without the explorer.
pub(crate) fn markdown(contents: &Contents) -> String {
    let (study, section) = (contents.runs.study, contents.section);
    let description = escaped(&study.description);
    let mut out = format!(
        "# {}\n\n{description}\n\n",
        words::title(study, contents.audit)
    );
    let about = [words::completeness(contents.runs, contents.audit)];
    let about: Vec<_> = about.into_iter().chain(section.notes.clone()).collect();
    out.push_str(&format!("{}\n\n", about.join(" ")));
    for verdict in contents.verdicts {
        let (id, claim) = (escaped(&verdict.id), escaped(&verdict.claim));
        let (heading, evidence) = (words::heading(verdict), words::evidence(verdict));
        out.push_str(&format!("- **{id}: {heading}.** {claim} {evidence}\n"));
    }
    out.push_str(&format!("\n{}\n", words::how_to_read_verdicts(study)));
    for table in &section.tables {
        out.push_str(&format!("\n{}", table.markdown()));
    }
    for figure in &section.figures {
        let (name, caption) = (&figure.name, &figure.caption);
        out.push_str(&format!("\n![{name}](figures/{name}.svg)\n\n{caption}\n"));
    }
    out
}
