//! Audit of a data set: declared and observed shares of every combination of label and levels.

use std::fmt;

use super::{Combination, Distribution};
use crate::{FactorLevels, Label};

/// Deviation in standard deviations above which a row fails: once in 16,000 by chance.
const MAX_DEVIATIONS: f64 = 4.0;

/// Declared and observed shares of every combination in a distribution's table.
///
/// ```
/// use nodule_synth::{Audit, Distribution, Generator, Outlines};
///
/// let generator = Generator::new(Default::default(), Outlines::lidc())?;
/// let both = Distribution::resolve("both")?;
/// let data = generator.generate(&both, 7, 0..20)?;
/// assert!(Audit::new(&both, &data.labels, &data.levels).passes());
/// # Ok::<(), nodule_synth::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Audit {
    /// One row per combination, in the distribution's order.
    pub rows: Vec<AuditRow>,
    /// Number of images of undeclared combinations, 0 for a data set of the distribution.
    pub undeclared: usize,
}

/// One combination in an audit.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AuditRow {
    /// The combination, with its declared share.
    pub combination: Combination,
    /// Number of images.
    pub count: usize,
    /// Observed share.
    pub share: f64,
    /// Observed minus declared share, in standard deviations of a binomial draw.
    pub deviations: f64,
}

impl Audit {
    /// Compares a data set's `[n]` labels and `[n]` levels with the table of its distribution.
    #[must_use]
    pub fn new(distribution: &Distribution, labels: &[Label], levels: &[FactorLevels]) -> Self {
        let n = labels.len().max(levels.len());
        let row = |combination: &Combination| {
            let expected = (&combination.label, &combination.levels());
            let images = labels.iter().zip(levels);
            let count = images.filter(|image| *image == expected).count();
            let (p, share) = (combination.probability, count as f64 / n.max(1) as f64);
            let deviation = libm::sqrt(p * (1.0 - p) / n.max(1) as f64);
            let deviations = if deviation > 0.0 {
                (share - p) / deviation
            } else {
                0.0
            };
            AuditRow {
                combination: *combination,
                count,
                share,
                deviations,
            }
        };
        let rows: Vec<_> = distribution.combinations().iter().map(row).collect();
        let declared: usize = rows.iter().map(|row| row.count).sum();
        Self {
            rows,
            undeclared: n - declared,
        }
    }

    /// Returns whether every share is within four standard deviations of the declared one.
    #[must_use]
    pub fn passes(&self) -> bool {
        self.undeclared == 0
            && self
                .rows
                .iter()
                .all(|row| row.deviations.abs() <= MAX_DEVIATIONS)
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
            combination,
            count,
            share,
            deviations,
        } in &self.rows
        {
            let Combination {
                label,
                shape,
                texture,
                probability,
            } = combination;
            let mark = if deviations.abs() > MAX_DEVIATIONS {
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
