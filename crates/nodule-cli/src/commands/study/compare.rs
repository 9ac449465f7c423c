//! `nodule study compare`: a page with the verdicts and effects of several studies.

use std::path::PathBuf;

use clap::Args;
use nodule_analysis::judge;
use nodule_error::{InvalidInput, conflict};
use nodule_report::{ComparedStudy, write_comparison};
use nodule_run::device_kind;
use nodule_study::{Registry, plan_grid, read_output};
use nodule_synth::export::check_export_folder;

use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule study compare results/quick results/mine --out compared

Writes index.html, comparison.csv and pooled.csv (random-effects model over the studies). Claims are matched by id; differences between the study files are listed
below. Each claim is tested on the finished runs of its own study, and its effect is compared with the effect in
the first study: paired by seed if both studies have the same seeds, else as two samples.";

/// Compare the verdicts and effects of several studies on one page.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Compare {
    /// Output folders of two or more studies
    #[arg(required = true, value_name = "DIR")]
    studies: Vec<PathBuf>,
    /// Folder to write the page to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Device that the runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
}

impl Compare {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        self.check().map_err(|e| e.at("nodule study compare"))?;
        check_export_folder(&self.out)?;
        let kind = device_kind(&self.device)?;
        let registry = Registry::default();
        let mut compared = Vec::with_capacity(self.studies.len());
        for folder in &self.studies {
            let (output, resolved) = read_output(folder, &registry)?;
            let runs = output.read_complete_runs(&resolved, &plan_grid(&resolved, kind))?;
            let study = resolved.study_by_name();
            compared.push(ComparedStudy {
                label: folder.display().to_string(),
                verdicts: judge(&study, &runs)?,
                runs,
                study,
            });
        }
        let page = write_comparison(&compared, &self.out)?;
        let n = compared.len();
        print_line(format_args!("{n} studies compared: {}", page.display()))
    }

    /// Returns an error for fewer than two studies, and for one that is given twice.
    fn check(&self) -> Result<(), InvalidInput> {
        let n = self.studies.len();
        if n < 2 {
            let reason = format!("found {n}; give at least two study folders");
            return Err(conflict("DIR", reason));
        }
        let resolve = |folder: &PathBuf| folder.canonicalize().unwrap_or_else(|_| folder.clone());
        let folders: Vec<_> = self.studies.iter().map(resolve).collect();
        let repeated = (1..n).find(|i| folders[..*i].contains(&folders[*i]));
        if let Some(i) = repeated {
            let folder = self.studies[i].display();
            let reason = format!("{folder} is given twice; give different studies");
            return Err(conflict("DIR", reason));
        }
        Ok(())
    }
}
