//! What the report shows beyond the numbers of the grid's runs: made elsewhere, shown with the rest.

use crate::explorer::Explorer;
use crate::figures::Figure;
use crate::table::Table;

/// What the report shows beyond the numbers of the grid's runs.
#[derive(Default)]
pub(crate) struct Extra {
    pub(crate) figures: Vec<Figure>,
    pub(crate) tables: Vec<Table>,
    /// Name without its ending, and text.
    pub(crate) csv: Vec<(String, Vec<u8>)>,
    /// What else the report is about, in sentences.
    pub(crate) notes: Vec<String>,
    pub(crate) explorer: Option<Explorer>,
}

impl Extra {
    /// Both, this one first.
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.figures.extend(other.figures);
        self.tables.extend(other.tables);
        self.csv.extend(other.csv);
        self.notes.extend(other.notes);
        self.explorer = self.explorer.or(other.explorer);
        self
    }
}
