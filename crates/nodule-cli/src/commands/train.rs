//! `nodule train`: one run of a study, with everything a run leaves behind.

use std::path::PathBuf;

use clap::Args;
use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_run::{Execution, Talk, device_kind, execute};
use nodule_study::plan::cost;
use nodule_study::settings::check_tuned;
use nodule_study::{Registry, grid, load_study, open_output};

use super::study::{kept, study_help};
use crate::budget::fits;
use crate::print::line;
use crate::signals::watch;

const EXAMPLES: &str = "Examples:
  nodule train --study quick --train both --loss contrastive --seed 0 --out results/one

It is the run that the study itself would make: same id, same numbers.";

/// Train and measure one run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Train {
    #[arg(long, value_name = "FILE|NAME", help = study_help())]
    study: String,
    /// One of the study's training distributions
    #[arg(long, value_name = "NAME")]
    train: String,
    /// One of the study's losses
    #[arg(long, value_name = "NAME")]
    loss: String,
    /// The seed's number, from 0
    #[arg(long)]
    seed: usize,
    /// Output folder of the study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Go on though it would take more memory than there is
    #[arg(long)]
    force: bool,
}

impl Train {
    pub(crate) fn run(&self, talk: Talk) -> anyhow::Result<()> {
        let registry = Registry::default();
        let resolved = load_study(&self.study, &registry)?;
        let study = &resolved.study;
        check_tuned(study, &self.study)?;
        let train = resolved.train.iter().map(|set| set.name().to_owned());
        let train: Vec<_> = train.collect();
        known("--train", &self.train, &train)?;
        known("--loss", &self.loss, &study.losses)?;
        let seeds: Vec<_> = (0..study.seeds).map(|seed| seed.to_string()).collect();
        known("--seed", &self.seed.to_string(), &seeds)?;
        let execution = Execution {
            device: self.device.clone(),
            jobs: 1,
            talk,
            ..Execution::default()
        };
        execution.check()?;
        let mut specs = grid(&resolved, device_kind(&self.device)?);
        specs.retain(|s| {
            (s.train.name(), &s.loss.name, s.seed) == (self.train.as_str(), &self.loss, self.seed)
        });
        let needed = cost(&resolved, &specs.iter().collect::<Vec<_>>(), 1);
        fits(&self.study, &needed, 1, self.force)?;
        let output = open_output(&self.out, &resolved, &registry)?;
        watch(&execution.stop, kept(&output, &specs))?;
        execute(&resolved, &specs, &output, &execution)?;
        for spec in &specs {
            line(output.run_folder(&spec.id).display())?;
        }
        Ok(())
    }
}

fn known(field: &str, value: &str, all: &[String]) -> Result<(), InvalidInput> {
    if all.iter().any(|other| other == value) {
        return Ok(());
    }
    Err(invalid_value(field, value, one_of(all))
        .suggest_value(all)
        .at("nodule train"))
}
