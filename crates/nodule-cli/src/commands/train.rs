//! `nodule train`: training and evaluation of one run of a study.

use std::path::PathBuf;

use clap::Args;
use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_run::{Execution, Models, Verbosity, device_kind, execute};
use nodule_study::plan::estimate_cost;
use nodule_study::settings::reject_untuned;
use nodule_study::{load_study, open_output, plan_grid};

use super::study::{describe_progress, study_help};
use crate::memory::check_memory;
use crate::print::print_line;
use crate::signals::handle_signals;

const EXAMPLES: &str = "Examples:
  nodule train --study quick --train both --loss contrastive --seed 0 --out results/one

The run has the same id and the same numbers as in `nodule study run`.";

/// Train and evaluate one run of a study.
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
    /// Number of the seed, from 0
    #[arg(long, allow_hyphen_values = true)]
    seed: String,
    /// Output folder of the study
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
    /// Device: cpu, cuda or cuda:N
    #[arg(long, default_value = "cpu")]
    device: String,
    /// Run even if the estimate exceeds the available memory
    #[arg(long)]
    force: bool,
}

impl Train {
    pub(crate) fn run(&self, level: Verbosity) -> anyhow::Result<()> {
        let models = Models::default();
        let resolved = load_study(&self.study, models.registry())?;
        let study = &resolved.study;
        reject_untuned(study, &self.study)?;
        let names = resolved.train.iter().map(|set| set.name().to_owned());
        let train: Vec<_> = names.collect();
        check_name("--train", &self.train, &train)?;
        check_name("--loss", &self.loss, &study.losses)?;
        let seeds: Vec<_> = (0..study.seeds).map(|seed| seed.to_string()).collect();
        check_name("--seed", &self.seed, &seeds)?;
        let execution = Execution {
            device: self.device.clone(),
            jobs: 1,
            verbosity: level,
            ..Execution::default()
        };
        execution.check()?;
        let mut specs = plan_grid(&resolved, device_kind(&self.device)?);
        specs.retain(|s| {
            (s.train.name(), &s.loss.name, s.seed.to_string())
                == (self.train.as_str(), &self.loss, self.seed.clone())
        });
        let needed = estimate_cost(&resolved, &specs.iter().collect::<Vec<_>>(), 1);
        check_memory(&self.study, &needed, 1, self.force)?;
        let output = open_output(&self.out, &resolved, models.registry())?;
        handle_signals(&execution.stop, describe_progress(&output, &specs))?;
        execute(&resolved, &specs, &output, &models, &execution)?;
        for spec in &specs {
            print_line(output.run_folder(&spec.id).display())?;
        }
        Ok(())
    }
}

fn check_name(field: &str, value: &str, names: &[String]) -> Result<(), InvalidInput> {
    if names.iter().any(|name| name == value) {
        return Ok(());
    }
    Err(invalid_value(field, value, one_of(names))
        .suggest_value(names)
        .at("nodule train"))
}
