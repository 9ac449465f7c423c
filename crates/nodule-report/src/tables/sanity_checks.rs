//! Sanity checks of saliency maps (Adebayo et al. 2018): similarity to the maps of randomised networks.

use std::path::{Path, PathBuf};

use nodule_analysis::unique;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::files::write_atomic;
use nodule_study::records::{NetworkMaps, Randomisation, RandomisationCheck};
use nodule_study::text::format_number;
use nodule_synth::export::Staging;

use super::formatting::{MISSING, strings};
use super::{Source, Table};
use crate::Error;

/// A loss, and the similarity of its maps to those of a randomised network.
type Row = (String, RandomisationCheck);

/// Returns `sanity.csv`: one row per loss, method and randomisation.
pub(crate) fn csv(maps: &NetworkMaps) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("loss", |row: &&Row| (&row.0).into()),
        Column::new("method", |row| row.1.method.to_string().into()),
        Column::new("randomised", |row| row.1.randomisation.to_string().into()),
        Column::new("n", |row| row.1.n.into()),
        Column::new("blank", |row| row.1.blank.into()),
        Column::new("similarity", |row| row.1.ssim.into()),
        Column::new("rank_correlation", |row| row.1.rank_correlation.into()),
    ];
    CsvFile::new("sanity", &columns, &maps.randomisation)
}

/// Writes `sanity.csv` of one run into `out`, which must be empty or new: one row per method and layer, and returns its path.
///
/// # Errors
/// If the folder cannot be written to.
///
/// ```
/// use nodule_config::Method;
/// use nodule_study::records::{Randomisation, RandomisationCheck};
///
/// let check = RandomisationCheck {
///     method: Method::Gradient,
///     randomisation: Randomisation::Labels,
///     n: 8,
///     blank: 0,
///     ssim: Some(0.25),
///     rank_correlation: None,
/// };
/// let folder = tempfile::tempdir()?;
/// let file = nodule_report::write_sanity_checks(&[check], &folder.path().join("sanity"))?;
/// assert!(std::fs::read_to_string(file)?.contains(",8,0,0.25,"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_sanity_checks(rows: &[RandomisationCheck], out: &Path) -> Result<PathBuf, Error> {
    let columns = [
        Column::new("method", |row: &&RandomisationCheck| {
            row.method.to_string().into()
        }),
        Column::new("layer", |row| row.randomisation.to_string().into()),
        Column::new("n", |row| row.n.into()),
        Column::new("blank", |row| row.blank.into()),
        Column::new("similarity", |row| row.ssim.into()),
        Column::new("rank_correlation", |row| row.rank_correlation.into()),
    ];
    let file = CsvFile::new("sanity", &columns, rows)?;
    let staging = Staging::claim(out)?;
    let name = "sanity.csv";
    write_atomic(&staging.path().join(name), file.bytes())?;
    staging.finish(&[name])?;
    Ok(out.join(name))
}

/// Returns a table with one row per loss and method, one column per randomisation.
pub(crate) fn table(maps: &NetworkMaps) -> Table {
    let all = &maps.randomisation;
    let stages = unique(all.iter().map(|(_, row)| &row.randomisation));
    let groups = unique(all.iter().map(|(loss, row)| (loss, row.method)));
    let row = |(loss, method): &(&String, _)| {
        let cell = |stage: &&Randomisation| {
            let found = all.iter().find(|(other, r)| {
                other == *loss && r.method == *method && r.randomisation == **stage
            });
            match found.and_then(|(_, r)| r.ssim.zip(r.rank_correlation)) {
                Some((ssim, correlation)) => {
                    format!("{}, {}", format_number(ssim), format_number(correlation))
                }
                None => MISSING.to_owned(),
            }
        };
        let head = vec![(*loss).clone(), method.to_string()];
        [head, stages.iter().map(cell).collect()].concat()
    };
    let headings = stages.iter().map(|stage| match stage {
        Randomisation::Labels => format!("trained on {stage}"),
        Randomisation::FromLayer(layer) => format!("random from {layer}"),
    });
    Table {
        name: "sanity".into(),
        caption: format!(
            "Sanity checks of saliency maps, after Adebayo et al. (2018). Structural similarity (SSIM) and Spearman's rank correlation of absolute maps: networks of the first seed trained on the `{}` distribution, compared with the same network whose layers are random from the last down to the one named, and with a network trained on random labels. Mean over {} images; similarity that remains does not come from training.",
            maps.train,
            all.first().map_or(0, |(_, row)| row.n)
        ),
        header: [strings(&["loss", "method"]), headings.collect()].concat(),
        rows: groups.iter().map(row).collect(),
        source: Source::new("sanity", &["loss", "method"]),
    }
}
