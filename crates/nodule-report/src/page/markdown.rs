//! The report for those who read in a terminal or on a code host.

use super::{Contents, words};
use crate::figures::Figure;
use crate::sections::Topic;
use crate::tables::escape::markdown as escaped;

/// The same contents as the page's, in the same order, without the explorer.
pub(crate) fn markdown(contents: &Contents) -> String {
    let (study, section) = (contents.runs.study, contents.section);
    let description = escaped(&study.description);
    let mut out = format!(
        "# {}\n\n{description}\n\n",
        words::title(study, contents.audit)
    );
    let about = [
        section.judged.clone(),
        section.along.clone(),
        words::completeness(contents.runs, contents.audit),
    ];
    let about = about.into_iter().filter(|text| !text.is_empty());
    let about: Vec<_> = about.chain(section.notes.clone()).collect();
    out.push_str(&format!("{}\n\n", about.join(" ")));
    for verdict in contents.verdicts {
        let (id, claim) = (escaped(&verdict.id), escaped(&verdict.claim));
        let (heading, evidence) = (words::heading(verdict), words::evidence(verdict));
        out.push_str(&format!("- **{id}: {heading}.** {claim} {evidence}\n"));
    }
    if contents.audit.is_none() || !contents.verdicts.is_empty() {
        out.push_str(&format!(
            "
{}
",
            words::how_to_read_verdicts(study)
        ));
    }
    out.extend(section.result.iter().map(drawing));
    for topic in Topic::ALL {
        out.push_str(&of_topic(contents, topic));
    }
    out
}

fn of_topic(contents: &Contents, topic: Topic) -> String {
    let section = contents.section;
    let answer = section.answer(topic);
    let answer = answer.as_deref().unwrap_or(topic.spelled().no_answer);
    let mut out = format!(
        "\n## {}\n\n{}\n\n*It means:* {} *It does not mean:* {}\n",
        topic.spelled().title,
        escaped(answer),
        topic.spelled().means,
        topic.spelled().means_not
    );
    if !topic.spelled().before.is_empty() {
        out += &format!("\n*Asked before by:* {}\n", topic.spelled().before);
    }
    out.extend(section.figures_of(topic).map(drawing));
    let tables = section.tables.iter().filter(|(of, _)| *of == topic);
    out.extend(tables.map(|(_, table)| format!("\n{}", table.markdown())));
    out
}

fn drawing(figure: &Figure) -> String {
    let (name, caption) = (&figure.name, &figure.caption);
    format!("\n![{name}](figures/{name}.svg)\n\n{caption}\n")
}
