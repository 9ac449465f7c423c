//! What do networks themselves look at? The explorer, maps side by side, and whether maps depend on what
//! was learned.

use nodule_study::records::{NetworkMaps, PlaneView, RepresentationSimilarity, Showcase};

use super::{Section, Topic};
use crate::Error;
use crate::figures::{example_maps, explorer};
use crate::tables;

/// As much of it as the showcase holds.
pub(super) fn section(showcase: &Showcase) -> Result<Section, Error> {
    let square = showcase.plane.as_ref().map(of_square).transpose()?;
    let maps = showcase.maps.as_ref().map(of_maps).transpose()?;
    let alike = match showcase.similarity.neighbours.is_empty() {
        true => Section::default(),
        false => of_embeddings(&showcase.similarity)?,
    };
    let square = square.unwrap_or_default();
    Ok(square.and(maps.unwrap_or_default()).and(alike))
}

fn of_embeddings(alike: &RepresentationSimilarity) -> Result<Section, Error> {
    let mut tables = vec![(Topic::Embedding, tables::alike::neighbours(alike)?)];
    let mut files = vec![tables::alike::neighbours_csv(alike)?];
    if !alike.layers.is_empty() {
        tables.push((Topic::Embedding, tables::alike::layers(alike)?));
        files.push(tables::alike::layers_csv(alike)?);
    }
    Ok(Section {
        tables,
        files,
        ..Section::default()
    })
}

fn of_square(square: &PlaneView) -> Result<Section, Error> {
    Ok(Section {
        files: vec![
            tables::explorer::csv(square)?,
            tables::explorer::maps_csv(square)?,
        ],
        explorer: Some(explorer::explorer(square)?),
        ..Section::default()
    })
}

fn of_maps(maps: &NetworkMaps) -> Result<Section, Error> {
    Ok(Section {
        figures: vec![(Topic::Maps, example_maps::figure(maps)?)],
        tables: vec![(Topic::Maps, tables::sanity::table(maps))],
        files: vec![tables::sanity::csv(maps)?],
        ..Section::default()
    })
}
