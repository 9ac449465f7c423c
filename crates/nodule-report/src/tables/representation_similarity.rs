//! Representation similarity between losses (CKA), and nearest-neighbour consistency of embeddings.

use nodule_analysis::endpoints::MODES;
use nodule_analysis::unique;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::records::{LayerSimilarity, NeighbourConsistency, RepresentationSimilarity};

use super::formatting::{mean_sd_text, strings};
use super::{Source, Table};
use crate::Error;

/// Returns `alike.csv`: one row per training distribution, seed, pair of losses and layer.
pub(crate) fn cka_csv(similarity: &RepresentationSimilarity) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("train", |row: &&LayerSimilarity| (&row.train).into()),
        Column::new("seed", |row| row.seed.into()),
        Column::new("loss_a", |row| (&row.losses[0]).into()),
        Column::new("loss_b", |row| (&row.losses[1]).into()),
        Column::new("layer", |row| (&row.layer).into()),
        Column::new("cka", |row| row.cka.into()),
    ];
    CsvFile::new("alike", &columns, &similarity.layers)
}

/// Returns `neighbours.csv`: one row per training distribution, seed and loss.
pub(crate) fn neighbours_csv(similarity: &RepresentationSimilarity) -> Result<CsvFile, Error> {
    let columns = [
        Column::new("train", |row: &&NeighbourConsistency| (&row.train).into()),
        Column::new("seed", |row| row.seed.into()),
        Column::new("loss", |row| (&row.loss).into()),
        Column::new("shape", |row| row.precision[0].into()),
        Column::new("texture", |row| row.precision[1].into()),
    ];
    CsvFile::new("neighbours", &columns, &similarity.neighbours)
}

/// Returns a table with one row per training distribution and pair of losses, one column per layer.
pub(crate) fn cka(similarity: &RepresentationSimilarity) -> Result<Table, Error> {
    let layers = unique(similarity.layers.iter().map(|row| &row.layer));
    let all = &similarity.layers;
    let pairs = unique(all.iter().map(|row| (&row.train, &row.losses)));
    let row = |(train, losses): &(&String, &[String; 2])| {
        let cell = |layer: &&String| {
            let own = all
                .iter()
                .filter(|row| (&row.train, &row.losses, &row.layer) == (*train, *losses, *layer));
            mean_sd_text(&own.filter_map(|row| row.cka).collect::<Vec<_>>())
        };
        let head = [(*train).clone(), losses[0].clone(), losses[1].clone()];
        let cells = layers.iter().map(cell).collect::<Result<Vec<_>, Error>>()?;
        Ok([head.to_vec(), cells].concat())
    };
    Ok(Table {
        name: "alike".into(),
        caption: "Representation similarity between losses. Linear centred kernel alignment (CKA) of each layer of two networks that differ only in their loss, after Kornblith et al. (2021), on images in which shape and texture are independent; 1: equal up to rotation and scale. Mean ± standard deviation over the first training seeds (n).".into(),
        header: [
            strings(&["training set", "loss", "other loss"]),
            layers.iter().map(|layer| (*layer).clone()).collect(),
        ]
        .concat(),
        rows: pairs.iter().map(row).collect::<Result<_, Error>>()?,
        source: Source::new("alike", &["train", "loss_a", "loss_b", "layer"]),
    })
}

/// Returns a table with one row per training distribution and mode of variation, one column per loss.
pub(crate) fn neighbours(similarity: &RepresentationSimilarity) -> Result<Table, Error> {
    let all = &similarity.neighbours;
    let losses = unique(all.iter().map(|row| &row.loss));
    let mut rows = Vec::new();
    for train in unique(all.iter().map(|row| &row.train)) {
        for (i, mode) in MODES.into_iter().enumerate() {
            let mut row = vec![train.clone(), mode.to_string()];
            for loss in &losses {
                let own = all
                    .iter()
                    .filter(|row| (&row.train, &row.loss) == (train, *loss));
                let values: Vec<f64> = own.filter_map(|row| row.precision[i]).collect();
                row.push(mean_sd_text(&values)?);
            }
            rows.push(row);
        }
    }
    Ok(Table {
        name: "neighbours".into(),
        caption: "Nearest-neighbour consistency of the embedding. Share of images whose nearest neighbour has the same level of shape, or of texture (precision at 1, after Kobs et al. 2021), on images in which shape and texture are independent; chance is 0.5. Mean ± standard deviation over the first training seeds (n).".into(),
        header: [
            strings(&["training set", "mode of variation"]),
            losses.iter().map(|loss| (*loss).clone()).collect(),
        ]
        .concat(),
        rows,
        source: Source::new("neighbours", &["train", "loss"]),
    })
}
