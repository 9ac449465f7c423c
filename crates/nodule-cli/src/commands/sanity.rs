//! `nodule sanity`: do the maps of a finished run depend on what it learned?

use clap::Args;
use nodule_explain::Method;
use nodule_report::write_randomised;
use nodule_run::{MapKind, randomise_run};
use nodule_study::Registry;

use super::explain::Subject;
use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule sanity --run results/quick/runs/0123456789abcdef --n 20 --out sanity

Layers are replaced by random ones, from the last to the first (Adebayo et al. 2018). A map that
stays the same does not show what was learned. Writes sanity.csv.";

/// Compare maps before and after layers are made random.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sanity {
    #[command(flatten)]
    subject: Subject,
}

impl Sanity {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let subject = &self.subject;
        // All methods are checked; the one that is named here is not used.
        let settings = subject.settings(MapKind::Map(Method::Gradient))?;
        let registry = Registry::default();
        let rows = randomise_run(&subject.run, &registry, &subject.sources.read()?, &settings)?;
        let path = write_randomised(&rows, &subject.out)?;
        line(format_args!(
            "{:<22} {:<8} {:>10} {:>8} {:>6}",
            "method", "random", "similarity", "ranks", "blank"
        ))?;
        for row in rows {
            let (method, layer) = (row.method, &row.randomised);
            let number = |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
            line(format_args!(
                "{method:<22} {layer:<8} {:>10} {:>8} {:>6}",
                number(row.similarity),
                number(row.rank_correlation),
                row.blank
            ))?;
        }
        line(path.display())?;
        Ok(())
    }
}
