//! What bounds a study file: lengths of names and texts, sizes of a network, and how many runs a plan may
//! have. All of it is asked before anything is made, so that no allocation follows a number that nobody
//! looked at.

use nodule_error::{InvalidInput, invalid_value};

use super::{Combine, Study, StudyNetwork, Vary};

/// Characters of a name.
const MOST_NAME: usize = 64;
/// Characters of a claim, a description or a deviation.
const MOST_TEXT: usize = 2000;
/// Names of a list, and claims.
const MOST_ENTRIES: usize = 1000;
/// Passes over the training set.
const MOST_EPOCHS: usize = 1_000_000;
/// Width of a layer: two of that width are 17 GB.
const MOST_WIDTH: u64 = 65_536;
/// A report draws the two main axes of the embeddings.
const LEAST_EMBEDDING: u64 = 2;
/// A plan takes 20 kB a run: these are one gigabyte.
const MOST_RUNS: usize = 50_000;

/// Checks names, texts and sizes of a study; the meaning of its names is checked elsewhere.
pub(super) fn check_limits(study: &Study) -> Result<(), InvalidInput> {
    study_name(&study.name)?;
    text("description", &study.description)?;
    study
        .deviations
        .iter()
        .try_for_each(|sentence| text("deviations", sentence))?;
    for (field, found) in [
        ("train", study.train.len()),
        ("test", study.test.len()),
        ("losses", study.losses.len()),
        ("hypothesis", study.hypotheses.len()),
        ("trend", study.trends.len()),
    ] {
        if found > MOST_ENTRIES {
            let allowed = format!("at most {MOST_ENTRIES} entries");
            return Err(invalid_value(field, format!("{found} entries"), allowed));
        }
    }
    // TOML's whole numbers have a sign: a larger one could be read, but not written back.
    let most = i64::MAX.cast_unsigned();
    if study.root_seed > most {
        let allowed = format!("a whole number from 0 to {most}");
        return Err(invalid_value("root_seed", study.root_seed, allowed));
    }
    for (table, budget) in study.training.tables() {
        if budget.epochs > MOST_EPOCHS {
            let allowed = format!("a whole number from 1 to {MOST_EPOCHS}");
            return Err(invalid_value("epochs", budget.epochs, allowed).in_table(&table));
        }
    }
    for claim in &study.hypotheses {
        plain_name("hypothesis.id", &claim.id)?;
        text(&format!("hypothesis {}.claim", claim.id), &claim.claim)?;
    }
    for trend in &study.trends {
        plain_name("trend.id", &trend.id)?;
        text(&format!("trend {}.claim", trend.id), &trend.claim)?;
    }
    Ok(())
}

/// Checks the sizes of a network's layers, as far as its settings tell them: whole numbers and lists of
/// them are widths.
pub(super) fn check_network(network: &StudyNetwork) -> Result<(), InvalidInput> {
    let too_wide = |value: &serde_json::Value| value.as_u64().is_some_and(|n| n > MOST_WIDTH);
    for (name, value) in &network.settings {
        let wide = match value.as_array() {
            Some(values) => values.iter().any(too_wide),
            None => too_wide(value),
        };
        if wide {
            let allowed = format!("at most {MOST_WIDTH}");
            return Err(invalid_value(name, value, allowed).in_table("network"));
        }
    }
    let embedding = network
        .settings
        .get("embedding")
        .and_then(serde_json::Value::as_u64);
    match embedding {
        Some(width) if width < LEAST_EMBEDDING => {
            let allowed =
                format!("at least {LEAST_EMBEDDING}: the two main axes of embeddings are drawn");
            Err(invalid_value("embedding", width, allowed).in_table("network"))
        }
        _ => Ok(()),
    }
}

/// Refuses a plan of too many runs, with their number, before it is made. Runs that variants share are
/// counted as often as they are named.
pub(super) fn check_runs(study: &Study) -> Result<(), InvalidInput> {
    let product = |all: &[usize]| all.iter().fold(1usize, |n, m| n.saturating_mul(*m));
    let grid = product(&[study.seeds, study.train.len(), study.losses.len()]);
    let variants = study.vary.as_ref().map_or(0, combinations);
    let crossed = study.crossed.as_ref().map_or(0, |c| {
        product(&[c.seeds, c.seeds, c.seeds, c.train.len(), c.losses.len()])
    });
    let trials = study.tune.as_ref().map_or(0, |tune| {
        product(&[tune.trials, tune.seeds, study.losses.len()])
    });
    if trials > MOST_RUNS {
        let found = format!("{trials} runs of trials");
        let allowed = format!("at most {MOST_RUNS}: ask for fewer trials, seeds or losses");
        return Err(invalid_value("tune", found, allowed));
    }
    let runs = grid.saturating_mul(variants.saturating_add(1));
    let runs = runs.saturating_add(crossed);
    if runs <= MOST_RUNS {
        return Ok(());
    }
    let found =
        format!("{runs} runs ({grid} of the grid, {variants} variants of it, {crossed} crossed)");
    let allowed =
        format!("at most {MOST_RUNS} runs: ask for fewer seeds, variants, losses or distributions");
    Err(invalid_value("plan", found, allowed))
}

/// How many variants are asked for, those that change nothing included.
pub(super) fn combinations(vary: &Vary) -> usize {
    let lengths = vary.values.values().map(Vec::len);
    match vary.how {
        Combine::OneAtATime => lengths.sum(),
        Combine::Crossed => lengths.fold(1, usize::saturating_mul),
        Combine::Together => lengths.max().unwrap_or(0),
    }
}

/// A folder is called by it.
fn study_name(name: &str) -> Result<(), InvalidInput> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if (1..=MOST_NAME).contains(&name.len()) && name.chars().all(plain) {
        return Ok(());
    }
    let allowed = format!("1 to {MOST_NAME} of a-z, 0-9 and -");
    Err(invalid_value("name", name, allowed))
}

/// Images of one's own, of that list of the study, are called by it.
pub(super) fn images_name(list: &str, name: &str) -> Result<(), InvalidInput> {
    plain_name(&format!("{list}.name"), name)
}

/// Tables, links and figures are called by it.
fn plain_name(field: &str, id: &str) -> Result<(), InvalidInput> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.+".contains(c);
    let begins_well = id.starts_with(|c: char| c.is_ascii_alphanumeric());
    if begins_well && id.len() <= MOST_NAME && id.chars().all(plain) {
        return Ok(());
    }
    let allowed =
        format!("1 to {MOST_NAME} of a-z, A-Z, 0-9, -, _, . and +, the first a letter or a digit");
    Err(invalid_value(field, id, allowed))
}

/// A sentence or a few. A line break is white space; other control characters are refused.
fn text(field: &str, text: &str) -> Result<(), InvalidInput> {
    let unseen = |c: char| c.is_control() && !"\n\r\t".contains(c);
    if text.chars().count() <= MOST_TEXT && !text.contains(unseen) {
        return Ok(());
    }
    let allowed = format!("at most {MOST_TEXT} characters, none of them a control character");
    Err(invalid_value(field, text, allowed))
}
