//! What the report shows for one question.

use nodule_study::csv::CsvFile;

use crate::figures::Figure;
use crate::figures::explorer::Explorer;
use crate::tables::Table;

/// What the report shows for one question, or for several one after another.
#[derive(Default)]
pub(crate) struct Section {
    pub(crate) figures: Vec<Figure>,
    pub(crate) tables: Vec<Table>,
    /// Every number behind them.
    pub(crate) files: Vec<CsvFile>,
    /// What else the report is about, in sentences.
    pub(crate) notes: Vec<String>,
    pub(crate) explorer: Option<Explorer>,
}

impl Section {
    /// Both, this one first.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.figures.extend(other.figures);
        self.tables.extend(other.tables);
        self.files.extend(other.files);
        self.notes.extend(other.notes);
        self.explorer = self.explorer.or(other.explorer);
        self
    }
}
