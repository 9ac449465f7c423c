//! `nodule study tune`: random settings of each loss are tried, and the study is written with the best.

use nodule_error::invalid_value;
use nodule_run::Talk;
use nodule_study::files::write_atomic;
use nodule_study::results::has_diverged;
use nodule_study::tuned::{Tried, best, right_by_run, tried, tune_csv, tuned_text};
use nodule_study::{Error, Output, Registry, Resolved, RunSpec, load_study};

use crate::print::{line, remark};

use super::carry_out::{Carried, CarryOut};

pub(super) fn tune(command: &CarryOut, talk: Talk) -> anyhow::Result<()> {
    let registry = Registry::default();
    let resolved = load_study(&command.plan.study, &registry)?;
    if resolved.study.tune.is_none() {
        let allowed = "a table [tune], which says what is tried of each loss";
        return Err(invalid_value("tune", "none", allowed)
            .at(&command.plan.study)
            .into());
    }
    let Some(carried) = command.carry_out("tune", &resolved, &registry, talk)? else {
        return Ok(());
    };
    if command.no_wait {
        return Ok(carried.ran?);
    }
    let Carried {
        kind,
        specs,
        out,
        output,
        ran,
    } = carried;
    unless_all_ended(ran, &specs, &output)?;

    let runs = output.finished(&resolved, &specs)?;
    let tried = tried(&resolved, kind, &right_by_run(&runs));
    write_atomic(&out.join("tune.csv"), &tune_csv(&resolved, &tried)?)?;
    let tuned = out.join("tuned.toml");
    write_atomic(&tuned, tuned_text(&resolved, &tried)?.as_bytes())?;
    in_words(&resolved, &tried)?;
    let tuned = tuned.display();
    line(format_args!(
        "{tuned}: `nodule study run --study {tuned}` runs it"
    ))
}

/// A trial that diverged has come to an end too, and is not chosen. Anything else is no end.
fn unless_all_ended(
    ran: Result<(), Error>,
    specs: &[RunSpec],
    output: &Output,
) -> Result<(), Error> {
    let ended = |spec: &RunSpec| output.is_done(spec) || has_diverged(&output.run_folder(&spec.id));
    match ran {
        Err(Error::RunsFailed { failed, .. }) if specs.iter().all(ended) => {
            remark(format_args!(
                "{failed} runs diverged: their settings are not chosen"
            ));
            Ok(())
        }
        other => other,
    }
}

/// What was chosen of each loss, against the study's own settings.
fn in_words(resolved: &Resolved, tried: &[Tried]) -> anyhow::Result<()> {
    let width = resolved.study.losses.iter().map(String::len).max();
    let width = width.unwrap_or(0).max("loss".len());
    line(format_args!("{:<width$}  trial  accuracy  own", "loss"))?;
    let number = |accuracy: Option<f64>| {
        accuracy.map_or_else(|| "diverged".to_owned(), |a| format!("{a:.4}"))
    };
    for loss in &resolved.study.losses {
        let own = tried.iter().find(|t| t.loss == *loss && t.trial == 0);
        let own = number(own.and_then(Tried::accuracy));
        if let Some(best) = best(tried, loss) {
            let accuracy = number(best.accuracy());
            let trial = best.trial;
            line(format_args!(
                "{loss:<width$}  {trial:>5}  {accuracy:<8}  {own}"
            ))?;
        }
    }
    Ok(())
}
