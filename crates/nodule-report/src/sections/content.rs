//! Content of the report: figures, tables, key findings and files, each with its topic.

use nodule_study::csv::CsvFile;

use crate::figures::Figure;
use crate::figures::explorer_data::Explorer;
use crate::tables::Table;
use crate::topic::Topic;

/// Content of the report, or of a part of it.
#[derive(Default)]
pub(crate) struct Content {
    /// Figure beside the summary.
    pub(crate) main_result: Option<Figure>,
    /// Sentence with the number of claims by verdict.
    pub(crate) verdict_counts: String,
    /// Sentence with the values of a setting at which each claim is supported; empty if the study declares no trends.
    pub(crate) supported_along: String,
    /// The first figure of a topic is shown open.
    pub(crate) figures: Vec<(Topic, Figure)>,
    pub(crate) tables: Vec<(Topic, Table)>,
    /// Sentences with numbers; names in backticks are set as code.
    pub(crate) key_findings: Vec<(Topic, String)>,
    /// CSV files with every number.
    pub(crate) files: Vec<CsvFile>,
    /// Sentences on the state of the runs.
    pub(crate) notes: Vec<String>,
    pub(crate) explorer: Option<Explorer>,
}

impl Content {
    /// Returns both contents, this one first.
    pub(crate) fn and(mut self, other: Self) -> Self {
        let second = match self.main_result {
            // Only one figure is beside the summary; the other one is about reliance.
            Some(_) => other.main_result,
            None => {
                self.main_result = other.main_result;
                None
            }
        };
        for (text, more) in [
            (&mut self.verdict_counts, other.verdict_counts),
            (&mut self.supported_along, other.supported_along),
        ] {
            if text.is_empty() {
                *text = more;
            }
        }
        self.figures
            .extend(second.map(|figure| (Topic::Reliance, figure)));
        self.figures.extend(other.figures);
        self.tables.extend(other.tables);
        self.key_findings.extend(other.key_findings);
        self.files.extend(other.files);
        self.notes.extend(other.notes);
        self.explorer = self.explorer.or(other.explorer);
        self
    }

    /// Returns the figures of a topic.
    pub(crate) fn figures_of(&self, topic: Topic) -> impl Iterator<Item = &Figure> {
        self.figures
            .iter()
            .filter(move |(other, _)| *other == topic)
            .map(|(_, figure)| figure)
    }

    /// Returns the tables of a topic.
    pub(crate) fn tables_of(&self, topic: Topic) -> impl Iterator<Item = &Table> {
        self.tables
            .iter()
            .filter(move |(other, _)| *other == topic)
            .map(|(_, table)| table)
    }

    /// Returns every figure.
    pub(crate) fn all_figures(&self) -> impl Iterator<Item = &Figure> {
        let others = self.figures.iter().map(|(_, figure)| figure);
        self.main_result.iter().chain(others)
    }

    /// Returns the key findings of a topic, or its fallback text.
    pub(crate) fn key_findings_of(&self, topic: Topic, external: bool) -> String {
        let own = self
            .key_findings
            .iter()
            .filter(|(other, _)| *other == topic);
        let sentences: Vec<_> = own.map(|(_, text)| text.as_str()).collect();
        match sentences.is_empty() {
            true => topic.text(external).fallback.to_owned(),
            false => sentences.join(" "),
        }
    }
}
