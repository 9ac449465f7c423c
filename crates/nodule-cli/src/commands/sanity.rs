//! `nodule sanity`: layer randomization test of saliency maps (Adebayo et al. 2018).

use clap::Args;
use nodule_explain::Method;
use nodule_report::write_sanity_checks;
use nodule_run::{MapKind, Models, check_randomisation};
use nodule_synth::export::check_export_folder;

use super::explain::Subject;
use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule sanity --run results/quick/runs/0123456789abcdef --n 20 --out sanity

Replaces layers by random ones, from the last to the first (Adebayo et al. 2018), and compares the maps of all
methods before and after. A map that stays the same does not depend on the trained weights. Writes sanity.csv.";

/// Test whether saliency maps depend on the trained weights.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Sanity {
    #[command(flatten)]
    subject: Subject,
}

impl Sanity {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let subject = &self.subject;
        let sources = subject.sources.read(&subject.run)?;
        // Check the folder first, since the maps may take long.
        check_export_folder(&subject.out)?;
        // `check_randomisation` tests every method; the method in these settings is not used.
        let settings = subject.settings(MapKind::Attribution(Method::Gradient), &sources)?;
        let rows = check_randomisation(&subject.run, &Models::default(), &sources, &settings)?;
        let path = write_sanity_checks(&rows, &subject.out)?;
        print_line(format_args!(
            "{:<22} {:<8} {:>10} {:>8} {:>6}",
            "method", "random", "similarity", "ranks", "blank"
        ))?;
        for row in rows {
            let (method, layer) = (row.method, &row.randomisation);
            let format_number =
                |v: Option<f64>| v.map_or_else(|| "-".to_owned(), |v| format!("{v:.3}"));
            print_line(format_args!(
                "{method:<22} {layer:<8} {:>10} {:>8} {:>6}",
                format_number(row.ssim),
                format_number(row.rank_correlation),
                row.blank
            ))?;
        }
        print_line(path.display())
    }
}
