//! `nodule study compare`: the verdicts and effects of several studies side by side, on a page.

use std::path::PathBuf;

use clap::Args;
use nodule_analysis::judge;
use nodule_error::{InvalidInput, invalid_value};
use nodule_report::{ComparedStudy, write_comparison};
use nodule_run::device_kind;
use nodule_study::{Registry, grid, read_output};

use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule study compare results/quick results/mine --out compared

Writes index.html and comparison.csv. Claims are matched by their ids; what the study files say differently
stands below. Every claim is judged by itself, over the finished runs of its own study, and its effect is tested
against that in the first study: in pairs where run seeds are the same, else as two samples.";

/// Put several studies side by side.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Compare {
    /// Output folders of studies, two or more
    #[arg(required = true, value_name = "DIR")]
    studies: Vec<PathBuf>,
    /// Folder for the page
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// The device their runs were planned for: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
}

impl Compare {
    pub(super) fn run(&self) -> anyhow::Result<()> {
        let n = self.studies.len();
        if n < 2 {
            let allowed = "two output folders of studies or more";
            return Err(invalid_value("DIR", n, allowed)
                .at("nodule study compare")
                .into());
        }
        self.check_out()?;
        let kind = device_kind(&self.device)?;
        let registry = Registry::default();
        let mut compared = Vec::with_capacity(n);
        for folder in &self.studies {
            let (output, resolved) = read_output(folder, &registry)?;
            let runs = output.finished(&resolved, &grid(&resolved, kind))?;
            let study = resolved.named();
            compared.push(ComparedStudy {
                label: folder.display().to_string(),
                verdicts: judge(&study, &runs)?,
                runs,
                study,
            });
        }
        let page = write_comparison(&compared, &self.out)?;
        line(format_args!("{n} studies side by side: {}", page.display()))
    }

    /// Refuses a file, and a folder that is a study's own.
    fn check_out(&self) -> Result<(), InvalidInput> {
        let allowed = match (self.out.exists(), self.out.is_dir()) {
            (true, false) => "a folder",
            _ if self.out.join("study.toml").exists() => "a folder that is no study's own",
            _ => return Ok(()),
        };
        Err(invalid_value("--out", self.out.display(), allowed).at("nodule study compare"))
    }
}
