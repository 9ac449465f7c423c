//! The training of one run, which survives its process: it goes on from the checkpoint that another
//! start left, and leaves one itself.

use std::time::{Duration, Instant};

use crate::Error;
use nodule_nn::Network;
use nodule_study::RunSpec;
use nodule_study::records::TimelinePoint;
use nodule_study::results::RunFolder;

use nodule_train::{Epoch, Step, Trainer, read_notes};
use serde::{Deserialize, Serialize};

use super::progress::Progress;
use super::run::{Setup, untrained};
use crate::images::OwnSets;
use crate::measure::Timeline;

/// The file in a run's folder that its training goes on from; there is none once the run is done.
pub const CHECKPOINT: &str = "checkpoint.safetensors";
/// How often it is written unless an [`Execution`](super::Execution) says otherwise: what a kill without warning costs at most (*ours*).
pub const CHECKPOINT_EVERY: Duration = Duration::from_secs(20);

/// A trained network, and how it came about.
pub(super) struct Trained {
    pub(super) network: Box<dyn Network>,
    pub(super) history: Vec<Epoch>,
    pub(super) notes: Notes,
}

/// What a checkpoint keeps beside the training: what was measured on the way, and what it took in all starts.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Notes {
    /// When the run began, in seconds since 1970.
    pub(super) started_unix_s: f64,
    /// Training alone, in seconds.
    pub(super) train_s: f64,
    /// Measuring after every epoch, in seconds.
    pub(super) timeline_s: f64,
    pub(super) timeline: Vec<TimelinePoint>,
}

/// Trains the network of `spec`, from its checkpoint if there is one. None if it was asked to stop: then
/// there is a checkpoint. A trained network's checkpoint is on the disk before this returns it.
pub(super) fn trained(
    setup: &Setup,
    spec: &RunSpec,
    folder: &RunFolder,
    sets: &OwnSets,
    started_unix_s: f64,
    progress: &Progress,
) -> Result<Option<Trained>, Error> {
    let network = untrained(setup, spec)?;
    let timeline = Timeline::new(setup.shared, sets);
    let loss = setup.models.loss(&spec.loss)?;
    let mut state = Trainer::new(
        network.as_ref(),
        loss.as_ref(),
        &spec.training,
        spec.seeds.order,
        &sets.training.examples()?,
        &sets.validation.examples()?,
    )?;
    // The run's settings name everything that decides its numbers, versions and device too.
    let owner = spec.settings.to_string();
    let resumed = said(resumed(&mut state, folder, &owner), spec, progress);
    let mut kept = resumed.is_some();
    let mut notes = resumed.unwrap_or(Notes {
        started_unix_s,
        train_s: 0.0,
        timeline_s: 0.0,
        timeline: Vec::new(),
    });
    let title = spec.title();
    let epochs = state.history().iter();
    epochs.for_each(|_| progress.epoch(&title, None));

    let _under_way = setup.halt.training();
    let (mut saved, mut clock) = (Instant::now(), Instant::now());
    loop {
        let (halted, done) = (setup.halt.is_asked(), state.is_done());
        if !kept && (halted || done || saved.elapsed() >= setup.checkpoint_every) {
            notes.train_s += clock.elapsed().as_secs_f64();
            clock = Instant::now();
            let notes = serde_json::to_string(&notes).map_err(|e| Error::made(CHECKPOINT, e))?;
            folder.write(CHECKPOINT, &state.save(&owner, &notes)?)?;
            saved = Instant::now();
        }
        if done {
            break;
        }
        if halted {
            return Ok(None);
        }
        if let Step::Epoch(row) = state.step()? {
            let measuring = Instant::now();
            notes.train_s += measuring.duration_since(clock).as_secs_f64();
            let point = timeline.map(|t| t.point(network.as_ref(), row.epoch));
            notes.timeline.extend(point.transpose()?);
            clock = Instant::now();
            notes.timeline_s += clock.duration_since(measuring).as_secs_f64();
            progress.epoch(&title, Some(&row));
        }
        kept = false;
    }
    let history = state.into_history();
    // A loss that is flat ends a run before its time.
    progress.ends_after(history.len(), spec.training.epochs + 1);
    Ok(Some(Trained {
        network,
        history,
        notes,
    }))
}

/// Takes up the checkpoint in `folder`: its notes, and the steps behind it. None if there is none; an error, in words, if it cannot be used.
fn resumed(
    state: &mut Trainer,
    folder: &RunFolder,
    owner: &str,
) -> Result<Option<(Notes, usize)>, String> {
    let bytes = match std::fs::read(folder.path().join(CHECKPOINT)) {
        Ok(bytes) => bytes,
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(e) => return Err(e.to_string()),
    };
    let notes = read_notes(&bytes, owner).map_err(|e| e.to_string())?;
    // Before the training is touched: it goes on with its notes or not at all.
    let notes = serde_json::from_str(&notes).map_err(|e| format!("its notes: {e}"))?;
    state.restore(&bytes, owner).map_err(|e| e.to_string())?;
    Ok(Some((notes, state.steps())))
}

/// What was taken up, once a person has been told of it, or of why it was not.
fn said(
    resumed: Result<Option<(Notes, usize)>, String>,
    spec: &RunSpec,
    progress: &Progress,
) -> Option<Notes> {
    let run = format!("run {} ({})", spec.id, spec.title());
    match resumed {
        Ok(Some((notes, steps))) => {
            progress.say(&format!("{run}: goes on after {steps} steps"));
            Some(notes)
        }
        Ok(None) => None,
        Err(reason) => {
            progress.say(&format!(
                "{run}: {CHECKPOINT} is not used, the training begins again: {reason}"
            ));
            None
        }
    }
}
