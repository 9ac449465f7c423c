//! Training of one run, with checkpoints: a later start resumes where an earlier one stopped.

use std::time::{Duration, Instant};

use nodule_error::read_file;
use nodule_nn::{Network, seeded_weights};
use nodule_study::RunSpec;
use nodule_study::records::TimelinePoint;
use nodule_study::results::RunFolder;
use nodule_train::{Epoch, Step, Trainer, read_notes};
use serde::{Deserialize, Serialize};

use super::progress::Progress;
use super::run::{RunContext, build_untrained};
use crate::Error;
use crate::images::RunImages;
use crate::measure::Timeline;

/// Name of the checkpoint in a run's folder; finished runs have none.
pub const CHECKPOINT_FILE: &str = "checkpoint.safetensors";
/// Default interval between checkpoints: the most training time that is lost if the process is killed (*ours*).
pub const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(20);

/// A trained network with its history.
pub(super) struct TrainedNetwork {
    pub(super) network: Box<dyn Network>,
    pub(super) history: Vec<Epoch>,
    pub(super) notes: Notes,
}

/// Timeline and durations over all starts, which a checkpoint holds beside the training state.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Notes {
    /// Start of the run, in seconds since 1970.
    pub(super) started_unix_s: f64,
    /// Training, in seconds.
    pub(super) train_s: f64,
    /// Measurements after every epoch, in seconds.
    pub(super) timeline_s: f64,
    pub(super) timeline: Vec<TimelinePoint>,
}

impl Notes {
    fn new(started_unix_s: f64) -> Self {
        Self {
            started_unix_s,
            train_s: 0.0,
            timeline_s: 0.0,
            timeline: Vec::new(),
        }
    }
}

/// Trains the network of `spec`, from its checkpoint if the folder holds one. Writes a last checkpoint before it returns the
/// trained network, or `None` after a stop request.
pub(super) fn train_run(
    context: &RunContext,
    spec: &RunSpec,
    folder: &RunFolder,
    images: &RunImages,
    started_unix_s: f64,
    progress: &Progress,
) -> Result<Option<TrainedNetwork>, Error> {
    let network = build_untrained(context, spec)?;
    let timeline = Timeline::new(context.shared, images);
    let loss = context.models.loss(&spec.loss)?;
    let trainer = Trainer::new(
        network.as_ref(),
        loss.as_ref(),
        &spec.training,
        spec.seeds.order,
        &images.training.dataset()?,
        &images.validation.dataset()?,
    )?;
    let mut trainer = add_projection_and_dropout(trainer, context, spec)?;
    // The settings include everything that decides the run's numbers, versions and device too.
    let run_key = spec.settings.to_string();
    let resumed = resume_checkpoint(&mut trainer, folder, &run_key);
    let resumed = log_resume(resumed, spec, progress);
    let mut is_saved = resumed.is_some();
    let mut notes = resumed.unwrap_or_else(|| Notes::new(started_unix_s));
    let title = spec.title();
    for _ in trainer.history() {
        progress.count_epoch(&title, None);
    }

    let _running = context.stop.start_training();
    let (mut saved, mut clock) = (Instant::now(), Instant::now());
    loop {
        let (must_stop, is_done) = (context.stop.is_met(), trainer.is_done());
        let is_due = must_stop || is_done || saved.elapsed() >= context.checkpoint_interval;
        if !is_saved && is_due {
            notes.train_s += clock.elapsed().as_secs_f64();
            clock = Instant::now();
            let text = serde_json::to_string(&notes);
            let text = text.map_err(|e| Error::cannot_make(CHECKPOINT_FILE, e))?;
            folder.write(CHECKPOINT_FILE, &trainer.save(&run_key, &text)?)?;
            saved = Instant::now();
        }
        if is_done {
            break;
        }
        if must_stop {
            return Ok(None);
        }
        if let Step::Epoch(row) = trainer.step()? {
            let epoch_end = Instant::now();
            notes.train_s += epoch_end.duration_since(clock).as_secs_f64();
            let point = timeline.map(|t| t.measure(network.as_ref(), row.epoch));
            notes.timeline.extend(point.transpose()?);
            clock = Instant::now();
            notes.timeline_s += clock.duration_since(epoch_end).as_secs_f64();
            progress.count_epoch(&title, Some(&row));
        }
        is_saved = false;
    }
    let history = trainer.finish()?;
    // A loss that reaches its plateau ends training early.
    progress.skip_epochs(history.len(), spec.training.epochs + 1);
    Ok(Some(TrainedNetwork {
        network,
        history,
        notes,
    }))
}

/// Returns the trainer with the projection head and the dropout of the study's network.
fn add_projection_and_dropout<'a>(
    trainer: Trainer<'a>,
    context: &RunContext,
    spec: &RunSpec,
) -> Result<Trainer<'a>, Error> {
    let network = &context.resolved.network;
    let trainer = trainer.with_dropout(network.dropout)?;
    match network.projection_for(&spec.loss) {
        0 => Ok(trainer),
        width => {
            let weights = seeded_weights(spec.seeds.weights, context.device);
            Ok(trainer.with_projection(width, weights)?)
        }
    }
}

/// Restores the checkpoint in `folder`, and returns its notes and number of steps. `None` without a checkpoint; the error
/// says why a checkpoint cannot be used.
fn resume_checkpoint(
    trainer: &mut Trainer,
    folder: &RunFolder,
    run_key: &str,
) -> Result<Option<(Notes, usize)>, String> {
    let bytes = match read_file(&folder.path().join(CHECKPOINT_FILE)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e.to_string()),
    };
    let notes = read_notes(&bytes, run_key).map_err(|e| e.to_string())?;
    // Parsed before the trainer is changed, so that a checkpoint is used as a whole or not at all.
    let notes = serde_json::from_str(&notes).map_err(|e| format!("its notes: {e}"))?;
    trainer
        .restore(&bytes, run_key)
        .map_err(|e| e.to_string())?;
    Ok(Some((notes, trainer.steps())))
}

/// Logs whether a checkpoint was resumed, and returns its notes.
fn log_resume(
    resumed: Result<Option<(Notes, usize)>, String>,
    spec: &RunSpec,
    progress: &Progress,
) -> Option<Notes> {
    let run = format!("run {} ({})", spec.id, spec.title());
    match resumed {
        Ok(Some((notes, steps))) => {
            progress.print(&format!("{run}: resumed after {steps} steps"));
            Some(notes)
        }
        Ok(None) => None,
        Err(reason) => {
            progress.print(&format!(
                "{run}: cannot use {CHECKPOINT_FILE}, training starts again: {reason}"
            ));
            None
        }
    }
}
