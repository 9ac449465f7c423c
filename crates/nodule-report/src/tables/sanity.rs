//! Do maps depend on what was learned?

use std::path::{Path, PathBuf};

use nodule_study::csv::{Column, CsvFile};
use nodule_study::files::{create_folder, write_atomic};
use nodule_study::records::{NetworkMaps, Randomisation, RandomisationCheck};
use nodule_study::text::format_number;

use super::Table;
use super::cells::{NONE, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::unique;

/// A loss, and how alike its maps are before and after.
type Row = (String, RandomisationCheck);

/// `sanity.csv`: one row a loss, method and what was taken away.
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

/// Writes `sanity.csv` of one run into `out`: one row a method and layer. Returns its path.
///
/// # Errors
/// If the folder cannot be written to.
pub fn write_randomised(rows: &[RandomisationCheck], out: &Path) -> Result<PathBuf, Error> {
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
    create_folder(out)?;
    let path = out.join("sanity.csv");
    write_atomic(&path, file.bytes())?;
    Ok(path)
}

/// One row a loss and method, one column for each thing that was taken away.
pub(crate) fn table(maps: &NetworkMaps) -> Table {
    let all = &maps.randomisation;
    let stages = unique(all.iter().map(|(_, row)| &row.randomisation));
    let heads = unique(all.iter().map(|(loss, row)| (loss, row.method)));
    let line = heads.iter().map(|(loss, method)| {
        let cell = |stage: &&Randomisation| {
            let mut own = all.iter().filter(|(other, _)| other == *loss);
            let found = own.find(|(_, r)| r.method == *method && r.randomisation == **stage);
            match found.and_then(|(_, r)| r.ssim.zip(r.rank_correlation)) {
                Some((alike, ranks)) => {
                    format!("{}, {}", format_number(alike), format_number(ranks))
                }
                None => NONE.to_owned(),
            }
        };
        let head = vec![(*loss).clone(), method.to_string()];
        [head, stages.iter().map(cell).collect()].concat()
    });
    let headings = stages.iter().map(|stage| match stage {
        Randomisation::Labels => format!("trained on {stage}"),
        Randomisation::FromLayer(layer) => format!("random from {layer}"),
    });
    Table {
        source: Source {
            file: "sanity",
            keys: vec![("loss", Key::Column(0)), ("method", Key::Column(1))],
            first: 2,
        },
        name: "sanity".into(),
        caption: format!(
            "Do maps depend on what was learned (Adebayo et al. 2018)? Structural similarity and Spearman's correlation of absolute maps of networks trained on {} (the first seed's), with those of the same network whose layers, from the last to the one named, are random, and with those of a network trained on random labels. Mean over {} images; what stays alike does not come from training.",
            maps.train,
            all.first().map_or(0, |(_, row)| row.n)
        ),
        header: [texts(&["loss", "method"]), headings.collect()].concat(),
        rows: line.collect(),
    }
}
