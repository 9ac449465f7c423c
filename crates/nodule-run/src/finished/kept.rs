//! What a report shows of one network, kept in its run's folder so that it is made once: by the run itself, or by
//! the first report of a run that has none. It is no file of the run: whoever removes it loses time and nothing else.

use std::path::Path;

use crate::Error;
use nodule_eval::{FittedReadOut, ReadOut};
use nodule_nn::{KERNEL_VERSION, Network};
use nodule_seed::hex;
use nodule_study::files::write_atomic;
use nodule_study::{RunSpec, Study};
use nodule_train::save_checkpoint;
use sha2::Digest;

use super::seen::{FILE, Seen};
use super::square_view::Shown;

/// Raised when the file, or how what it holds is made, changes.
const FORMAT: u32 = 1;
/// Seeds of one loss and distribution that are shown over the square.
const MOST_SEEDS: usize = 3;
/// Networks whose maps a page can hold and still open quickly, whatever they are trained on.
const MOST_NETWORKS: usize = 45;

/// How many of the first seeds a report shows over the square: fewer where there are many networks, so that the page
/// stays small.
pub(super) fn shown_seeds(study: &Study) -> usize {
    let of_a_seed = (study.train.len() * study.losses.len()).max(1);
    study
        .seeds
        .min((MOST_NETWORKS / of_a_seed).clamp(1, MOST_SEEDS))
}

/// Whether a report of `study` shows the network of that run.
pub(crate) fn is_shown(study: &Study, spec: &RunSpec) -> bool {
    let own = spec.variant.is_none() && spec.crossed.is_none();
    own && spec.seed < shown_seeds(study)
}

/// The file of a run that has just been measured, by its name; `fitted` are its read-outs.
pub(crate) fn left_by(
    run: &str,
    network: &dyn Network,
    fitted: &[FittedReadOut],
    shown: &Shown,
) -> Result<(&'static str, Vec<u8>), Error> {
    let seen = shown.seen(network, fitted)?;
    Ok((FILE, seen.bytes(&question(shown, run, network)?)?))
}

/// What is asked of a network, as a SHA-256: of which run it is, its weights, the images, and what is made of them.
pub(super) fn question(shown: &Shown, run: &str, network: &dyn Network) -> Result<String, Error> {
    let mut hash = shown.question.clone();
    hash.update(format!("{FORMAT} {KERNEL_VERSION} {run}\n"));
    hash.update(save_checkpoint(network)?);
    Ok(hex(hash.finalize()))
}

/// What the run's folder keeps of the answer to `question`, by a network with these read-outs; none if it has to be made.
pub(super) fn kept(
    folder: &Path,
    question: &str,
    read_outs: &[ReadOut],
    mapped: Option<ReadOut>,
) -> Option<Seen> {
    let bytes = std::fs::read(folder.join(FILE)).ok()?;
    Seen::read(&bytes, question, read_outs, mapped)
}

/// Keeps it for the next report. Best effort: what cannot be kept is made again.
pub(super) fn keep(folder: &Path, question: &str, seen: &Seen) {
    if let Ok(bytes) = seen.bytes(question) {
        let _ = write_atomic(&folder.join(FILE), &bytes);
    }
}
