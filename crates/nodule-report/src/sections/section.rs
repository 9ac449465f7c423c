//! What the report shows, each thing with the question that it helps to answer.

use nodule_study::csv::CsvFile;

use super::Topic;
use crate::figures::Figure;
use crate::figures::explorer::Explorer;
use crate::figures::side_by_side::Landscapes;
use crate::tables::Table;

/// What the report shows for one question, or for several.
#[derive(Default)]
pub(crate) struct Section {
    /// The one picture that is the result of the study.
    pub(crate) result: Option<Figure>,
    /// How many claims became what, in a sentence.
    pub(crate) judged: String,
    /// Where along a setting the claims are supported, in a sentence; empty unless the study claims trends.
    pub(crate) along: String,
    /// Of each question, the first is the one that shows its answer.
    pub(crate) figures: Vec<(Topic, Figure)>,
    pub(crate) tables: Vec<(Topic, Table)>,
    /// Answers in numbers: sentences with `names` as code.
    pub(crate) answers: Vec<(Topic, String)>,
    /// Every number behind them.
    pub(crate) files: Vec<CsvFile>,
    /// What else is to be said of the runs, in sentences.
    pub(crate) notes: Vec<String>,
    pub(crate) explorer: Option<Explorer>,
    pub(crate) landscapes: Option<Landscapes>,
}

impl Section {
    /// Both, this one first.
    pub(crate) fn and(mut self, other: Self) -> Self {
        // One picture is the result; the other one shows what losses rely on.
        let second = match self.result {
            Some(_) => other.result,
            None => {
                self.result = other.result;
                None
            }
        };
        for (text, more) in [
            (&mut self.judged, other.judged),
            (&mut self.along, other.along),
        ] {
            if text.is_empty() {
                *text = more;
            }
        }
        self.figures
            .extend(second.map(|figure| (Topic::Reliance, figure)));
        self.figures.extend(other.figures);
        self.tables.extend(other.tables);
        self.answers.extend(other.answers);
        self.files.extend(other.files);
        self.notes.extend(other.notes);
        self.explorer = self.explorer.or(other.explorer);
        self.landscapes = self.landscapes.or(other.landscapes);
        self
    }

    /// The figures of one question.
    pub(crate) fn figures_of(&self, topic: Topic) -> impl Iterator<Item = &Figure> {
        let of_topic = self.figures.iter().filter(move |(of, _)| *of == topic);
        of_topic.map(|(_, figure)| figure)
    }

    /// Every figure that is written.
    pub(crate) fn all_figures(&self) -> impl Iterator<Item = &Figure> {
        let all = self.figures.iter().map(|(_, figure)| figure);
        self.result.iter().chain(all)
    }

    /// The answer to one question; none where the runs do not give one.
    pub(crate) fn answer(&self, topic: Topic) -> Option<String> {
        let of_topic = self.answers.iter().filter(|(of, _)| *of == topic);
        let sentences: Vec<_> = of_topic.map(|(_, text)| text.as_str()).collect();
        (!sentences.is_empty()).then(|| sentences.join(" "))
    }
}
