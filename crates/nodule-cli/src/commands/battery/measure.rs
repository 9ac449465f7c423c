//! `nodule battery measure`: tables and a report from the predictions of external models.

use std::path::PathBuf;

use clap::Args;
use nodule_analysis::verdict_lines;
use nodule_battery::sets::generate_gallery;
use nodule_battery::{
    Battery, Model, ModelTable, Outputs, audit, open, read_claims, read_models, read_predictions,
    write_records,
};
use nodule_error::{InvalidInput, conflict};
use nodule_report::{AuditInfo, write_audit};
use nodule_study::Registry;
use nodule_study::records::Showcase;
use nodule_synth::export::check_export_folder;

use crate::print::print_line;

const EXAMPLES: &str = "Examples:
  nodule battery measure --battery battery --predictions mine.npz --name resnet18 --out audit
  nodule battery measure --battery battery --predictions a.npz --name cnn --predictions b.npz --name vit --out audit
  nodule battery measure --battery battery --models models.toml --claims claims.toml --out audit

Predictions are an npz with these arrays: battery, the id in manifest.json; decision/SET [n], scores that are
larger for abnormal and above 0 if predicted abnormal (or probabilities, with --outputs probability); or
embedding/SET [n, d]; or both; optionally map/METHOD [n, size, size] for the set maps. A name that is given twice stands for two seeds of one model.
Files do not show whether scores depend on the batch or on chance: call eval() on a PyTorch network first.";

/// Evaluate models from their predictions on an exported battery; write tables, figures and a report.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Measure {
    /// Folder written by `nodule battery export`
    #[arg(long, value_name = "DIR")]
    battery: PathBuf,
    /// Predictions of a model; one for each --name
    #[arg(long, value_name = "FILE", alias = "answers")]
    predictions: Vec<PathBuf>,
    /// Name of a model; one for each --predictions
    #[arg(long, value_name = "MODEL")]
    name: Vec<String>,
    /// File of tables `[[model]]` with name, answers (one file per seed), train and outputs
    #[arg(long, value_name = "FILE")]
    models: Option<PathBuf>,
    /// Distribution that the models were trained on [default: the battery's first]
    #[arg(long, value_name = "NAME")]
    train: Option<String>,
    /// Kind of the decision values: score, or probability of the abnormal class, where up to 1e-6 outside of 0 to 1 is
    /// rounding [default: score]
    #[arg(long, value_name = "KIND")]
    outputs: Option<Outputs>,
    /// File of claims to test: tables `[[hypothesis]]` as in a study file, with models in place of losses
    #[arg(long, value_name = "FILE")]
    claims: Option<PathBuf>,
    /// Folder to write to, empty or new
    #[arg(long, value_name = "DIR")]
    out: PathBuf,
}

impl Measure {
    pub(crate) fn run(&self) -> anyhow::Result<()> {
        let tables = self.model_tables()?;
        check_export_folder(&self.out)?;
        let battery = open(&self.battery, &Registry::default())?;
        let mut models = Vec::new();
        for table in &tables {
            models.extend(self.read_models(table, &battery)?);
        }
        let mut results = audit(&battery, &models)?;
        if let Some(path) = &self.claims {
            results = results.with_claims(read_claims(path)?, &path.to_string_lossy())?;
        }
        write_records(&results, &self.out)?;
        let showcase = Showcase {
            gallery: generate_gallery(battery.resolved_study())?,
            ..Showcase::default()
        };
        let source = AuditInfo {
            battery: &results.battery,
            notes: &results.notes,
        };
        let summary = write_audit(&results.study, &results.runs, &showcase, &source, &self.out)?;
        for note in &results.notes {
            print_line(note)?;
        }
        if !summary.verdicts.is_empty() {
            print_line(verdict_lines(&summary.verdicts))?;
        }
        let n = summary.finished;
        print_line(format_args!(
            "{n} model{} evaluated: {}",
            if n == 1 { "" } else { "s" },
            summary.report.display()
        ))
    }

    /// Returns the models of the command line, or of the file `--models`.
    fn model_tables(&self) -> anyhow::Result<Vec<ModelTable>> {
        let (files, names) = (self.predictions.len(), self.name.len());
        let conflict = |field: &str, reason: String| -> InvalidInput {
            conflict(field, reason).at("nodule battery measure")
        };
        match &self.models {
            Some(_) if self.outputs.is_some() => {
                let reason =
                    "cannot be combined with --models; set outputs in its tables".to_owned();
                Err(conflict("--outputs", reason).into())
            }
            Some(path) if files + names == 0 => Ok(read_models(path)?),
            Some(_) => {
                let reason = "cannot be combined with --predictions or --name".to_owned();
                Err(conflict("--models", reason).into())
            }
            None if files != names || files == 0 => {
                let reason = format!(
                    "found {files}, with {names} of --name; give one --name for each, or --models"
                );
                Err(conflict("--predictions", reason).into())
            }
            None => Ok(self.group_by_name()),
        }
    }

    /// Returns one table per name, with one file per seed.
    fn group_by_name(&self) -> Vec<ModelTable> {
        let mut tables: Vec<ModelTable> = Vec::new();
        for (name, file) in self.name.iter().zip(&self.predictions) {
            match tables.iter_mut().find(|table| table.name == *name) {
                Some(table) => table.predictions.push(file.clone()),
                None => tables.push(ModelTable {
                    name: name.clone(),
                    predictions: vec![file.clone()],
                    train: None,
                    outputs: self.outputs.unwrap_or_default(),
                }),
            }
        }
        tables
    }

    /// Reads the predictions of every seed of a model.
    fn read_models(&self, table: &ModelTable, battery: &Battery) -> anyhow::Result<Vec<Model>> {
        let first = battery.train().first().map(|d| d.name.clone());
        let train = table
            .train
            .clone()
            .or_else(|| self.train.clone())
            .or(first)
            .unwrap_or_default();
        let read = |(seed, path): (usize, &PathBuf)| {
            Ok(Model {
                name: table.name.clone(),
                train: train.clone(),
                seed,
                predictions: read_predictions(path, battery, &train, seed, table.outputs)?,
            })
        };
        table.predictions.iter().enumerate().map(read).collect()
    }
}
