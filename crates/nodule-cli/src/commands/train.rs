//! `nodule train`: one run of a study, with everything a run leaves behind.

use std::path::PathBuf;

use clap::Args;
use nodule_study::{Error, Execution, execute, load_study, open_output, plan};

const EXAMPLES: &str = "Examples:
  nodule train --study quick --train both --loss contrastive --seed 0 --out results/one

It is the run that the study itself would make: same id, same numbers.";

/// Train and measure one run.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Train {
    /// A study file, or a built-in study: smoke, quick, paper, extended
    #[arg(long, value_name = "FILE|NAME")]
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
}

impl Train {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let resolved = load_study(&self.study)?;
        let study = &resolved.study;
        let train: Vec<_> = resolved.train.iter().map(|d| d.name.clone()).collect();
        one_of("--train", &self.train, &train)?;
        one_of("--loss", &self.loss, &study.losses)?;
        let seeds: Vec<_> = (0..study.seeds).map(|seed| seed.to_string()).collect();
        one_of("--seed", &self.seed.to_string(), &seeds)?;
        let execution = Execution {
            device: self.device.clone(),
            jobs: 1,
            threads: None,
        };
        let mut specs = plan(&resolved, execution.device_kind()?);
        specs.retain(|s| {
            (&s.train.name, &s.loss_name, s.seed) == (&self.train, &self.loss, self.seed)
        });
        let output = open_output(&self.out, &resolved)?;
        execute(&resolved, &specs, &output, &execution)?;
        for spec in &specs {
            println!("{}", output.run_folder(&spec.id).display());
        }
        Ok(())
    }
}

fn one_of(field: &str, value: &str, all: &[String]) -> Result<(), Error> {
    if all.iter().any(|other| other == value) {
        return Ok(());
    }
    let (place, field, value) = ("nodule train".into(), field.into(), value.into());
    Err(Error::Setting {
        place,
        field,
        value,
        allowed: format!("one of {}", all.join(", ")),
    })
}
