//! Content from outputs of trained networks: explorer, example saliency maps, sanity checks, representation
//! similarity.

use nodule_study::records::{NetworkMaps, PlaneView, RepresentationSimilarity, Showcase};

use super::Content;
use crate::Error;
use crate::figures::{example_maps, explorer_data};
use crate::tables;
use crate::topic::Topic;

/// Returns as much as the showcase holds.
pub(super) fn content(showcase: &Showcase) -> Result<Content, Error> {
    let plane = showcase.plane.as_ref().map(explorer).transpose()?;
    let maps = showcase.maps.as_ref().map(saliency_maps).transpose()?;
    let similarity = match showcase.similarity.neighbours.is_empty() {
        true => Content::default(),
        false => representation_similarity(&showcase.similarity)?,
    };
    Ok(plane
        .unwrap_or_default()
        .and(maps.unwrap_or_default())
        .and(similarity))
}

fn representation_similarity(similarity: &RepresentationSimilarity) -> Result<Content, Error> {
    let mut tables = vec![tables::representation_similarity::neighbours(similarity)?];
    let mut files = vec![tables::representation_similarity::neighbours_csv(
        similarity,
    )?];
    if !similarity.layers.is_empty() {
        tables.push(tables::representation_similarity::cka(similarity)?);
        files.push(tables::representation_similarity::cka_csv(similarity)?);
    }
    Ok(Content {
        tables: tables
            .into_iter()
            .map(|table| (Topic::Embedding, table))
            .collect(),
        files,
        ..Content::default()
    })
}

fn explorer(plane: &PlaneView) -> Result<Content, Error> {
    Ok(Content {
        files: vec![
            tables::explorer::csv(plane)?,
            tables::explorer::maps_csv(plane)?,
        ],
        explorer: Some(explorer_data::explorer(plane)?),
        ..Content::default()
    })
}

fn saliency_maps(maps: &NetworkMaps) -> Result<Content, Error> {
    Ok(Content {
        figures: vec![(Topic::SaliencyMaps, example_maps::figure(maps)?)],
        tables: vec![(Topic::SaliencyMaps, tables::sanity_checks::table(maps))],
        files: vec![tables::sanity_checks::csv(maps)?],
        ..Content::default()
    })
}
