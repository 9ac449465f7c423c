//! `nodule study tune`: trials of random settings of each loss, and the study with the best of them.

use nodule_error::conflict;
use nodule_run::{Error, Models, Verbosity};
use nodule_study::files::write_atomic;
use nodule_study::results::has_diverged;
use nodule_study::tuned::{Trial, best_trial, collect_trials, count_correct, tune_csv, tuned_text};
use nodule_study::{Output, Resolved, RunSpec, load_study};

use crate::print::{print_line, print_note};

use super::execute::{ExecuteArgs, Executed};

pub(super) fn tune(command: &ExecuteArgs, level: Verbosity) -> anyhow::Result<()> {
    let models = Models::default();
    let resolved = load_study(&command.plan.study, models.registry())?;
    if resolved.study.tune.is_none() {
        let reason = "the study has no table [tune]; add one with the settings to try";
        return Err(conflict("tune", reason).at(&command.plan.study).into());
    }
    let Some(executed) = command.execute_plan("tune", &resolved, &models, level)? else {
        return Ok(());
    };
    if command.no_wait {
        return Ok(executed.outcome?);
    }
    let Executed {
        device_kind,
        specs,
        out,
        output,
        outcome,
    } = executed;
    allow_divergence(outcome, &specs, &output)?;

    let runs = output.read_complete_runs(&resolved, &specs)?;
    let trials = collect_trials(&resolved, device_kind, &count_correct(&runs));
    write_atomic(&out.join("tune.csv"), &tune_csv(&resolved, &trials)?)?;
    let tuned = out.join("tuned.toml");
    write_atomic(&tuned, tuned_text(&resolved, &trials)?.as_bytes())?;
    print_best_trials(&resolved, &trials)?;
    let tuned = tuned.display();
    print_line(format_args!(
        "{tuned}: run it with `nodule study run --study {tuned}`"
    ))
}

/// Turns failed runs into success if all of them diverged: a diverged trial is complete and is not selected.
fn allow_divergence(
    outcome: Result<(), Error>,
    specs: &[RunSpec],
    output: &Output,
) -> Result<(), Error> {
    let is_complete =
        |spec: &RunSpec| output.is_done(spec) || has_diverged(&output.run_folder(&spec.id));
    match outcome {
        Err(Error::RunsFailed { failed, .. }) if specs.iter().all(is_complete) => {
            print_note(format_args!(
                "{failed} runs diverged: their settings are not selected"
            ));
            Ok(())
        }
        other => other,
    }
}

/// Prints the best trial of each loss beside the accuracy of the study's own settings (trial 0).
fn print_best_trials(resolved: &Resolved, trials: &[Trial]) -> anyhow::Result<()> {
    let longest = resolved.study.losses.iter().map(String::len).max();
    let width = longest.unwrap_or(0).max("loss".len());
    print_line(format_args!("{:<width$}  trial  accuracy  own", "loss"))?;
    let format_accuracy = |accuracy: Option<f64>| {
        accuracy.map_or_else(|| "diverged".to_owned(), |a| format!("{a:.4}"))
    };
    for loss in &resolved.study.losses {
        let own = trials.iter().find(|t| t.loss == *loss && t.number == 0);
        let own = format_accuracy(own.and_then(Trial::accuracy));
        if let Some(best) = best_trial(trials, loss) {
            let (accuracy, trial) = (format_accuracy(best.accuracy()), best.number);
            print_line(format_args!(
                "{loss:<width$}  {trial:>5}  {accuracy:<8}  {own}"
            ))?;
        }
    }
    Ok(())
}
