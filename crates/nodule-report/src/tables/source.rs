//! Where a table's numbers come from: the lines of the CSV file beside the page, by RFC 7111.

/// The CSV file behind a table, and which of its lines are behind a cell.
pub(crate) struct Source {
    /// File name without its ending.
    pub(crate) file: &'static str,
    /// Columns of the file and what a line must hold in them; without any, only the file is linked.
    pub(crate) keys: Vec<(&'static str, Key)>,
    /// The table's first column of numbers.
    pub(crate) first: usize,
}

/// What a line of the file must hold in a column.
pub(crate) enum Key {
    /// This.
    Is(String),
    /// The text of the row in this column of the table.
    Column(usize),
    /// Part of it, where it lists several things.
    Part(usize, usize),
    /// The heading of the cell's own column.
    Heading,
}

impl Source {
    /// A file that is linked as a whole: its lines are behind several numbers at once.
    pub(super) fn whole(file: &'static str, first: usize) -> Self {
        Self {
            file,
            keys: Vec::new(),
            first,
        }
    }

    /// The columns that its keys are in.
    pub(super) fn columns(&self) -> Vec<&'static str> {
        self.keys.iter().map(|(column, _)| *column).collect()
    }

    /// What a line must hold, column by column, to be behind that cell; none for a cell without lines of
    /// its own.
    pub(super) fn wanted<'a>(
        &'a self,
        header: &'a [String],
        row: &'a [String],
        column: usize,
    ) -> Option<Vec<&'a str>> {
        if self.keys.is_empty() || column < self.first {
            return None;
        }
        let wanted = self.keys.iter().map(|(_, key)| match key {
            Key::Is(text) => Some(text.as_str()),
            Key::Column(i) => row.get(*i).map(String::as_str),
            Key::Part(i, part) => row.get(*i)?.split(", ").nth(*part),
            Key::Heading => header.get(column).map(String::as_str),
        });
        wanted.collect()
    }
}
