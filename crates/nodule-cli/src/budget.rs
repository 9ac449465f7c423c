//! What a plan would take, said before it begins, and refused where the machine does not have it.

use nodule_error::{InvalidInput, invalid_value};
use nodule_study::plan::Cost;
use nodule_study::text::duration_text;
use nodule_synth::{available_memory, readable_bytes};

/// Below this nobody asks: the estimate is rough, and so little fits.
const SMALL: u64 = 256 << 20;

/// One line: memory and time.
pub(crate) fn estimate(cost: &Cost, jobs: usize) -> String {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = readable_bytes(cost.memory_bytes.max(1_000_000));
    let wall = duration_text((cost.cpu_seconds / cores as f64).max(1.0));
    format!(
        "estimate: {memory} of memory with {jobs} side by side, and about {wall} on {cores} cores of a 2024 server"
    )
}

/// Refuses more memory than can be had, unless it is to be tried all the same.
pub(crate) fn fits(place: &str, cost: &Cost, jobs: usize, force: bool) -> Result<(), InvalidInput> {
    match available_memory() {
        Some(free) if !force && cost.memory_bytes > free.max(SMALL) => {
            let allowed = format!(
                "at most {}, which can be had: ask for fewer samples, smaller layers or fewer --jobs, or try it all the same with --force",
                readable_bytes(free)
            );
            let found = format!(
                "{} with {jobs} runs side by side",
                readable_bytes(cost.memory_bytes)
            );
            Err(invalid_value("memory", found, allowed).at(place))
        }
        _ => Ok(()),
    }
}
