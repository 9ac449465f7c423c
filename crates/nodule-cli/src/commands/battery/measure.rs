//! `nodule battery measure`: what models answered, measured as runs of ours are.

use std::path::PathBuf;

use clap::Args;
use nodule_analysis::verdict_lines;
use nodule_battery::sets::gallery;
use nodule_battery::{
    Battery, Model, ModelTable, audit, claims_of, models_of, open, read_answers, write_records,
};
use nodule_error::invalid_value;
use nodule_report::{AuditOf, write_audit};
use nodule_study::Registry;
use nodule_study::records::Showcase;
use nodule_synth::export::check_export_folder;

use crate::print::line;

const EXAMPLES: &str = "Examples:
  nodule battery measure --battery battery --answers mine.npz --name resnet18 --out audit
  nodule battery measure --battery battery --answers a.npz --name cnn --answers b.npz --name vit --out audit
  nodule battery measure --battery battery --models models.toml --claims claims.toml --out audit

Answers are an npz of: battery, the id in manifest.json; decision/SET [n], larger being more abnormal and above 0
being decided as abnormal; or embedding/SET [n, d]; or both; and map/METHOD [n, size, size] of the set maps.
The same name twice is two seeds of one model.";

/// Measure what models answered.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Measure {
    /// Folder that `nodule battery export` wrote
    #[arg(long, value_name = "DIR")]
    battery: PathBuf,
    /// Answers of a model, once for each --name
    #[arg(long, value_name = "FILE")]
    answers: Vec<PathBuf>,
    /// The model's name, once for each --answers
    #[arg(long, value_name = "MODEL")]
    name: Vec<String>,
    /// Tables `[[model]]` with name, answers (a file a seed) and train
    #[arg(long, value_name = "FILE")]
    models: Option<PathBuf>,
    /// The distribution that the models were trained on; the battery's first without it
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// Claims to judge: tables `[[hypothesis]]` as in a study file, with models as losses
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Measure {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let tables = self.tables()?;
        check_export_folder(&self.out)?;
        let battery = open(&self.battery, &Registry::default())?;
        let mut models = Vec::new();
        for table in &tables {
            models.extend(self.models_of(table, &battery)?);
        }
        let mut audited = audit(&battery, &models)?;
        if let Some(path) = &self.claims {
            audited = audited.with_claims(claims_of(path)?, &path.to_string_lossy())?;
        }
        write_records(&audited, &self.out)?;
        let showcase = Showcase {
            gallery: gallery(battery.resolved())?,
            ..Showcase::default()
        };
        let of = AuditOf {
            battery: &audited.battery,
            notes: &audited.notes,
        };
        let summary = write_audit(&audited.study, &audited.runs, &showcase, &of, &self.out)?;
        for note in &audited.notes {
            line(note)?;
        }
        if !summary.verdicts.is_empty() {
            line(verdict_lines(&summary.verdicts))?;
        }
        let n = summary.finished;
        line(format_args!(
            "{n} models measured: {}",
            summary.report.display()
        ))?;
        Ok(())
    }

    /// The models of the command line, or of the file.
    fn tables(&self) -> anyhow::Result<Vec<ModelTable>> {
        let (answers, names) = (self.answers.len(), self.name.len());
        let wrong = |field: &str, value: String, allowed: &str| {
            anyhow::Error::from(invalid_value(field, value, allowed).at("command line"))
        };
        match &self.models {
            Some(path) if answers + names == 0 => Ok(models_of(path)?),
            Some(path) => {
                let allowed = "left out where there is --answers or --name";
                Err(wrong("--models", path.display().to_string(), allowed))
            }
            None if answers != names || answers == 0 => {
                let found = format!("{answers}, with {names} of --name");
                Err(wrong(
                    "--answers",
                    found,
                    "given once for each --name, and at least once",
                ))
            }
            None => {
                let mut tables: Vec<ModelTable> = Vec::new();
                for (name, answers) in self.name.iter().zip(&self.answers) {
                    match tables.iter_mut().find(|table| table.name == *name) {
                        Some(table) => table.answers.push(answers.clone()),
                        None => tables.push(ModelTable {
                            name: name.clone(),
                            answers: vec![answers.clone()],
                            train: None,
                        }),
                    }
                }
                Ok(tables)
            }
        }
    }

    /// Every seed of a model.
    fn models_of(&self, table: &ModelTable, battery: &Battery) -> anyhow::Result<Vec<Model>> {
        let first = battery.train().first().map(|d| d.name.clone());
        let train = table.train.clone().or_else(|| self.train.clone());
        let train = train.or(first).unwrap_or_default();
        let answers = table.answers.iter().enumerate();
        let models = answers.map(|(seed, path)| {
            Ok(Model {
                name: table.name.clone(),
                train: train.clone(),
                seed,
                answers: read_answers(path, battery, &train, seed)?,
            })
        });
        models.collect()
    }
}
