//! The showcase: network outputs that the report shows, from the checkpoints of the first seeds' finished runs.

mod build;
mod cka;
mod network_maps;
mod outputs;
mod plane;

use nodule_eval::ReadOut;
use nodule_study::records::FinishedRun;

pub use build::build_showcase;

/// Returns the factor from decision scores of a run to SD units, and 1 for a run without the read-out. The factor is 0
/// for constant scores.
fn sd_factor(runs: &[FinishedRun], id: &str, read_out: ReadOut) -> f64 {
    let run = runs.iter().find(|run| run.record.run == id);
    let sd = run.and_then(|run| run.score_sd(read_out));
    sd.map_or(1.0, |sd| sd.to_sd_units(1.0))
}
