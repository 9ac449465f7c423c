//! The audit of a data set: the table that was drawn beside the one that was declared.

use std::fmt;

use crate::distribution::Cell;
use crate::{CellName, Distribution, Label};

/// Beyond this many standard deviations a cell is called out: once in 16,000 by chance.
const MOST_DEVIATIONS: f64 = 4.0;

/// Declared and realised shares of every cell.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Audit {
    /// One row a cell, in the distribution's order.
    pub rows: Vec<AuditRow>,
    /// Images that belong to no declared cell: 0 unless something is broken.
    pub strangers: usize,
}

/// One cell of an audit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditRow {
    /// The cell with its declared share.
    pub cell: Cell,
    /// Images drawn from it.
    pub count: usize,
    /// Realised share.
    pub share: f64,
    /// Distance from the declared share, in standard deviations of a binomial draw.
    pub deviations: f64,
}

/// Compares what was drawn, `[n]` labels (0 normal, 1 abnormal) and `[n]` cells, with the table of
/// the distribution it was drawn from.
#[must_use]
pub fn audit(distribution: &Distribution, labels: &[u8], cells: &[CellName]) -> Audit {
    let n = labels.len().max(cells.len());
    let row = |cell: &Cell| {
        let label = u8::from(cell.label == Label::Abnormal);
        let name = CellName {
            shape: cell.shape,
            texture: cell.texture,
        };
        let drawn = labels.iter().zip(cells);
        let count = drawn.filter(|drawn| *drawn == (&label, &name)).count();
        let (p, share) = (cell.probability, count as f64 / n.max(1) as f64);
        let deviation = libm::sqrt(p * (1.0 - p) / n.max(1) as f64);
        let deviations = if deviation > 0.0 {
            (share - p) / deviation
        } else {
            0.0
        };
        AuditRow {
            cell: *cell,
            count,
            share,
            deviations,
        }
    };
    let rows: Vec<_> = distribution.cells().iter().map(row).collect();
    let known: usize = rows.iter().map(|row| row.count).sum();
    Audit {
        rows,
        strangers: n - known,
    }
}

impl Audit {
    /// Whether every share is within four standard deviations of the declared one.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.strangers == 0
            && self
                .rows
                .iter()
                .all(|row| row.deviations.abs() <= MOST_DEVIATIONS)
    }
}

impl fmt::Display for Audit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "{:<9} {:<10} {:<14} {:>8} {:>8} {:>7}",
            "label", "shape", "texture", "declared", "drawn", "images"
        )?;
        for AuditRow {
            cell,
            count,
            share,
            deviations,
        } in &self.rows
        {
            let Cell {
                label,
                shape,
                texture,
                probability,
            } = cell;
            let mark = if deviations.abs() > MOST_DEVIATIONS {
                "  far off"
            } else {
                ""
            };
            writeln!(
                f,
                "{label:<9} {shape:<10} {texture:<14} {probability:>8.3} {share:>8.3} {count:>7}{mark}"
            )?;
        }
        Ok(())
    }
}
