//! What networks that differ in their loss alone hold in common.

use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{LayerSimilarity, NeighbourConsistency, RepresentationSimilarity};

use super::Table;
use super::cells::{mean_sd_text, texts};
use super::source::{Key, Source};
use crate::Error;
use nodule_analysis::endpoints::MODES;
use nodule_analysis::unique;

/// `alike.csv`: one row a training distribution, seed, pair of losses and layer.
pub(crate) fn layers_csv(alike: &RepresentationSimilarity) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("train", |row: &&LayerSimilarity| (&row.train).into()),
        Column::new("seed", |row| row.seed.into()),
        Column::new("loss_a", |row| (&row.losses[0]).into()),
        Column::new("loss_b", |row| (&row.losses[1]).into()),
        Column::new("layer", |row| (&row.layer).into()),
        Column::new("cka", |row| row.cka.into()),
    ];
    CsvFile::new("alike", &columns, &alike.layers)
}

/// `neighbours.csv`: one row a training distribution, seed and loss.
pub(crate) fn neighbours_csv(alike: &RepresentationSimilarity) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("train", |row: &&NeighbourConsistency| (&row.train).into()),
        Column::new("seed", |row| row.seed.into()),
        Column::new("loss", |row| (&row.loss).into()),
        Column::new("shape", |row| row.precision[0].into()),
        Column::new("texture", |row| row.precision[1].into()),
    ];
    CsvFile::new("neighbours", &columns, &alike.neighbours)
}

/// One row a training distribution and pair of losses, one column a layer.
pub(crate) fn layers(alike: &RepresentationSimilarity) -> Result<Table, Error> {
    let names = unique(alike.layers.iter().map(|row| &row.layer));
    let heads = unique(alike.layers.iter().map(|row| (&row.train, &row.losses)));
    let row = |(train, losses): &(&String, &[String; 2])| {
        let cell = |name: &&String| {
            let mut own: Vec<&LayerSimilarity> = alike.layers.iter().collect();
            own.retain(|row| (&row.train, &row.losses) == (*train, *losses) && row.layer == **name);
            let values: Vec<f64> = own.into_iter().filter_map(|row| row.cka).collect();
            mean_sd_text(&values)
        };
        let head = [(*train).clone(), losses[0].clone(), losses[1].clone()];
        let cells = names.iter().map(cell).collect::<Result<Vec<_>, Error>>()?;
        Ok([head.to_vec(), cells].concat())
    };
    Ok(Table {
        source: Source {
            file: "alike",
            keys: vec![
                ("train", Key::Column(0)),
                ("loss_a", Key::Column(1)),
                ("loss_b", Key::Column(2)),
                ("layer", Key::Heading),
            ],
            first: 3,
        },
        name: "alike".into(),
        caption: "What two networks hold in common that differ in their loss alone: linear centred kernel alignment of each layer (Kornblith et al. 2021 compare losses so; 1 where one layer is the other turned and scaled), on images in which shape and texture are independent. Mean ± standard deviation over the first seeds (n).".into(),
        header: [
            texts(&["train", "loss", "other loss"]),
            names.iter().map(|name| (*name).clone()).collect(),
        ]
        .concat(),
        rows: heads.iter().map(row).collect::<Result<_, Error>>()?,
    })
}

/// One row a training distribution and mode, one column a loss.
pub(crate) fn neighbours(alike: &RepresentationSimilarity) -> Result<Table, Error> {
    let losses = unique(alike.neighbours.iter().map(|row| &row.loss));
    let trains = unique(alike.neighbours.iter().map(|row| &row.train));
    let rows = trains.iter().flat_map(|train| {
        let losses = &losses;
        MODES.into_iter().enumerate().map(move |(mode, name)| {
            let cell = |loss: &&String| {
                let own = alike.neighbours.iter();
                let own = own.filter(|row| (&row.train, &row.loss) == (*train, *loss));
                let values: Vec<f64> = own.filter_map(|row| row.precision[mode]).collect();
                mean_sd_text(&values)
            };
            let head = vec![(*train).clone(), name.to_string()];
            let cells = losses.iter().map(cell).collect::<Result<Vec<_>, Error>>()?;
            Ok([head, cells].concat())
        })
    });
    let rows = rows.collect::<Result<_, Error>>()?;
    Ok(Table {
        source: Source::whole("neighbours", 2),
        name: "neighbours".into(),
        caption: "What lies together in the embedding: the share of images whose nearest other image has the same shape, and the same texture (precision at one for each latent, as Kobs et al. 2021 ask of losses), on images in which shape and texture are independent; one half is chance. Mean ± standard deviation over the first seeds (n).".into(),
        header: [
            texts(&["train", "mode"]),
            losses.iter().map(|loss| (*loss).clone()).collect(),
        ]
        .concat(),
        rows,
    })
}
