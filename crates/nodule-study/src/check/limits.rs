//! Limits of names, texts and sizes, which keep memory, plans and pages within bounds.

use nodule_config::TrainingConfig;
use nodule_error::{InvalidInput, conflict, invalid_value};
use serde_json::Value;

use crate::file::{ImageSet, Study};
use crate::resolved::StudyNetwork;

/// Maximum number of characters of a name.
const MAX_NAME: usize = 64;
/// Maximum number of characters of a claim, a description or a deviation.
const MAX_TEXT: usize = 2000;
/// Largest root seed: 2^53 - 1. JSON records hold it as a number, and many readers take numbers for float64.
const MAX_ROOT_SEED: u64 = (1 << 53) - 1;
/// Maximum number of entries of a list.
const MAX_ENTRIES: usize = 1000;
/// Maximum number of epochs.
const MAX_EPOCHS: usize = 1_000_000;
/// Maximum width of a layer: two layers of that width are 17 GB.
const MAX_WIDTH: u64 = 65_536;
/// Minimum width of the embedding: the report draws its first two principal components.
const MIN_EMBEDDING: u64 = 2;
/// Maximum number of runs. A plan takes 20 kB per run, so these take a gigabyte.
const MAX_RUNS: usize = 50_000;

/// Checks names, texts and sizes of a study, but not whether the names exist.
pub(super) fn check_limits(study: &Study) -> Result<(), InvalidInput> {
    check_study_name(&study.name)?;
    check_text("description", &study.description)?;
    for deviation in &study.deviations {
        check_text("deviations", deviation)?;
    }
    for (list, sets) in [("train", &study.train), ("test", &study.test)] {
        for set in sets {
            if matches!(set, ImageSet::UserImages(_)) {
                check_name(&format!("{list}.name"), set.name())?;
            }
        }
    }
    for (field, length) in [
        ("train", study.train.len()),
        ("test", study.test.len()),
        ("losses", study.losses.len()),
        ("hypothesis", study.hypotheses.len()),
        ("trend", study.trends.len()),
    ] {
        if length > MAX_ENTRIES {
            let reason = format!("{length} entries; at most {MAX_ENTRIES} are allowed");
            return Err(conflict(field, reason));
        }
    }
    if study.root_seed > MAX_ROOT_SEED {
        let allowed = format!("a whole number from 0 to {MAX_ROOT_SEED}");
        return Err(invalid_value("root_seed", study.root_seed, allowed));
    }
    for (table, training) in study.training.tables() {
        if training.epochs > MAX_EPOCHS {
            let allowed = format!("a whole number from 1 to {MAX_EPOCHS}");
            return Err(invalid_value("epochs", training.epochs, allowed).in_table(&table));
        }
    }
    for claim in &study.hypotheses {
        check_name("hypothesis.id", &claim.id)?;
        check_text(&format!("hypothesis {}.claim", claim.id), &claim.claim)?;
    }
    for trend in &study.trends {
        check_name("trend.id", &trend.id)?;
        check_text(&format!("trend {}.claim", trend.id), &trend.claim)?;
    }
    Ok(())
}

/// Checks the widths of a network's layers: every whole number in its settings, alone or in a list.
pub(super) fn check_network(network: &StudyNetwork) -> Result<(), InvalidInput> {
    let is_too_wide = |value: &Value| value.as_u64().is_some_and(|n| n > MAX_WIDTH);
    for (name, value) in &network.settings {
        let values = value
            .as_array()
            .map_or(std::slice::from_ref(value), Vec::as_slice);
        if values.iter().any(is_too_wide) {
            let allowed = format!("at most {MAX_WIDTH}");
            return Err(invalid_value(name, value, allowed).in_table("network"));
        }
    }
    match network.settings.get("embedding").and_then(Value::as_u64) {
        Some(width) if width < MIN_EMBEDDING => {
            let allowed = format!(
                "at least {MIN_EMBEDDING} (the report draws the first two principal components)"
            );
            Err(invalid_value("embedding", width, allowed).in_table("network"))
        }
        _ => Ok(()),
    }
}

/// Checks that images shift by at most half their width.
pub(super) fn check_shift(
    training: &TrainingConfig,
    image_size: usize,
) -> Result<(), InvalidInput> {
    let shift = training.augment.map_or(0.0, |augment| augment.shift_pixels);
    let half = image_size as f64 / 2.0;
    match shift <= half {
        true => Ok(()),
        false => {
            let allowed = format!("at most half of generator.image_size ({half} pixels)");
            Err(invalid_value("augment.shift_pixels", shift, allowed))
        }
    }
}

/// Checks the number of runs before a plan is made. Runs that variants share are counted once per variant.
pub(crate) fn check_run_count(study: &Study) -> Result<(), InvalidInput> {
    let multiply = |all: &[usize]| all.iter().fold(1usize, |n, m| n.saturating_mul(*m));
    let grid = multiply(&[study.seeds, study.train.len(), study.losses.len()]);
    let variants = study.vary.as_ref().map_or(0, crate::file::Vary::count);
    let crossed = study.crossed.as_ref().map_or(0, |c| {
        multiply(&[c.seeds, c.seeds, c.seeds, c.train.len(), c.losses.len()])
    });
    let trials = study.tune.as_ref().map_or(0, |tune| {
        multiply(&[tune.trials, tune.seeds, study.losses.len()])
    });
    if trials > MAX_RUNS {
        let reason = format!(
            "{trials} runs of trials; at most {MAX_RUNS} are allowed: use fewer trials, seeds or losses"
        );
        return Err(conflict("tune", reason));
    }
    let runs = grid
        .saturating_mul(variants.saturating_add(1))
        .saturating_add(crossed);
    if runs <= MAX_RUNS {
        return Ok(());
    }
    let reason = format!(
        "{runs} runs ({grid} of the grid, {variants} variants of it, {crossed} crossed); at most {MAX_RUNS} are allowed: use fewer seeds, variants, losses or training sets"
    );
    Err(conflict("plan", reason))
}

/// Checks the study's name, which becomes a folder name.
fn check_study_name(name: &str) -> Result<(), InvalidInput> {
    let is_allowed = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    match (1..=MAX_NAME).contains(&name.len()) && name.chars().all(is_allowed) {
        true => Ok(()),
        false => {
            let allowed = format!("1 to {MAX_NAME} of a-z, 0-9 and -");
            Err(invalid_value("name", name, allowed))
        }
    }
}

/// Checks the name of a claim, a trend or images, which names tables, links and figures.
fn check_name(field: &str, name: &str) -> Result<(), InvalidInput> {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    match starts_well && name.len() <= MAX_NAME && name.chars().all(is_allowed) {
        true => Ok(()),
        false => {
            let allowed = format!(
                "1 to {MAX_NAME} of a-z, A-Z, 0-9, -, _, . and +, beginning with a letter or a digit"
            );
            Err(invalid_value(field, name, allowed))
        }
    }
}

/// Checks a text of a few sentences. Line breaks and tabs are the only control characters.
fn check_text(field: &str, text: &str) -> Result<(), InvalidInput> {
    let is_forbidden = |c: char| c.is_control() && !"\n\r\t".contains(c);
    match text.chars().count() <= MAX_TEXT && !text.contains(is_forbidden) {
        true => Ok(()),
        false => {
            let allowed = format!("at most {MAX_TEXT} characters, without control characters");
            Err(invalid_value(field, text, allowed))
        }
    }
}
