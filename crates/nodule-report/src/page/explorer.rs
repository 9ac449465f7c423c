//! Explorer on the page: decision score and saliency maps of one network or two at any point of the shape-texture
//! plane.

use std::fmt::Display;

use maud::{Markup, PreEscaped, html};
use nodule_analysis::unique;
use serde::Serialize;

use crate::Error;
use crate::figures::explorer_data::{Explorer, NetworkView};
use crate::text::classifier;

const SCRIPT: &str = include_str!("explorer.js");

/// Returns the explorer with its data as JSON.
pub(super) fn explorer(explorer: &Explorer) -> Result<Markup, Error> {
    let data = json(explorer)?;
    let trained = explorer
        .trained
        .iter()
        .map(|trained| Ok((&trained.train, json(&trained.networks)?)))
        .collect::<Result<Vec<_>, Error>>()?;
    Ok(html! {
        details id="explorer" {
            summary { "Explorer: decision scores and saliency maps over the shape-texture plane" }
            p.note { (instructions(explorer)) }
            noscript { p { "The explorer needs JavaScript; the rest of the page does not." } }
            div.explorer style={ "--points: " (explorer.points) } {
                (controls(explorer))
                (first_network(explorer.points))
                (counterfactual_pair())
                (second_network(explorer.points))
            }
            // Each part is parsed when it is first shown.
            script type="application/json" data-part="nodules" { (PreEscaped(data)) }
            @for (train, networks) in &trained {
                script type="application/json" data-train=(train) { (PreEscaped(networks)) }
            }
            script { (PreEscaped(SCRIPT)) }
        }
    })
}

fn instructions(explorer: &Explorer) -> Markup {
    html! {
        "One nodule of each combination of shape and texture, more irregular to the right and more heterogeneous upwards; a ring marks its original levels. Colours: decision score, red for abnormal and blue for normal, saturated at 1.5 SD units. "
        @if let Some(read_out) = explorer.map_read_out {
            "Saliency maps explain the " (classifier(read_out)) " at the nearest corner of the plane: red pixels raise the decision score, blue pixels lower it; the colour scale ends at the 99.5th percentile of the absolute values, and two networks share one scale. "
        }
        "Move over the plane, touch it, or use the arrow keys; the address of the page stores the view. The numbers are in "
        a href="../tables/explorer.csv" { code { "tables/explorer.csv" } } " and "
        a href="../tables/explorer-maps.csv" { code { "tables/explorer-maps.csv" } } "."
    }
}

/// Returns the controls. Their names are those in the address; the second network's end in `-2`.
fn controls(explorer: &Explorer) -> Markup {
    let nodules: Vec<_> = explorer.nodules.iter().map(|n| n.name.clone()).collect();
    let networks = || {
        explorer
            .trained
            .iter()
            .flat_map(|trained| &trained.networks)
    };
    let maps = networks().flat_map(|network| &network.maps);
    let methods = unique(maps.map(|maps| maps.method));
    let trains: Vec<_> = explorer
        .trained
        .iter()
        .map(|trained| trained.train.clone())
        .collect();
    let options = |name: fn(&NetworkView) -> String| unique(networks().map(name));
    let (losses, seeds) = (options(|n| n.loss.clone()), options(|n| n.seed.to_string()));
    let read_outs = options(|n| n.read_out.to_string());
    let network = |suffix: &str| {
        html! {
            (select("loss", "loss", suffix, &losses)) (select("classifier", "read-out", suffix, &read_outs)) (select("seed", "seed", suffix, &seeds))
        }
    };
    html! {
        fieldset {
            legend { "View" }
            (select("nodule", "nodule", "", &nodules)) (select("saliency map", "map", "", &methods)) (select("counterfactual", "change", "", &["shape", "texture"]))
        }
        fieldset { legend { "Network 1" } (select("training set", "train", "", &trains)) (network("")) }
        fieldset {
            legend { "Network 2" }
            label { "training set " select name="train-2" {
                option value="" { "none" }
                @for train in &trains { option { (train) } }
            } }
            (network("-2"))
        }
    }
}

fn select<T: Display>(label: &str, name: &str, suffix: &str, options: &[T]) -> Markup {
    html! {
        label { (label) " " select name={ (name) (suffix) } { @for option in options { option { (option) } } } }
    }
}

/// Returns the view of the first network: the interactive plane, the nodule and its map.
fn first_network(points: usize) -> Markup {
    html! {
        div.views {
            figure {
                div.framed {
                    span.upwards { "texture level" }
                    div.square tabindex="0" role="application" aria-label="Shape-texture plane: move with the arrow keys" {
                        @for _ in 0..points.pow(2) { i {} }
                    }
                    span.rightwards { "shape level" }
                }
                figcaption { "decision score" }
            }
            figure { div.picture.here {} figcaption { "nodule" } }
            (map("map", "saliency map"))
        }
        div.gauge role="meter" aria-label="Decision score in SD units, abnormal above 0" aria-valuemin="-3" aria-valuemax="3" aria-valuenow="0" { i {} i.other hidden {} }
        div.ends { span { "−3 normal" } span { "0" } span { "abnormal +3" } }
        output aria-live="polite" {}
        p.looks {}
        p.note.latents {}
    }
}

/// Returns the counterfactual pair: the same nodule with a low and a high level of shape or texture.
fn counterfactual_pair() -> Markup {
    html! {
        div.views {
            figure { div.picture.before {} figcaption { "low level" } }
            figure { div.picture.after {} figcaption { "high level" } }
        }
        p.changes {}
    }
}

/// Returns the view of the second network and the differences from the first.
fn second_network(points: usize) -> Markup {
    html! {
        div.versus hidden {
            div.views {
                figure { (plane("square2", points)) figcaption { "decision score of network 2" } }
                figure { (plane("difference", points)) figcaption { "decision score: network 1 − network 2" } }
                (map("map2", "saliency map of network 2"))
                (map("map-difference", "saliency map: network 1 − network 2"))
            }
            p.differs {}
            p.looks2 {}
        }
    }
}

/// Returns a saliency map with a place for the reason why it is missing.
fn map(class: &str, caption: &str) -> Markup {
    html! {
        figure { div.picture { canvas class=(class) width="1" height="1" {} span hidden {} } figcaption { (caption) } }
    }
}

/// Returns a plane without interaction.
fn plane(class: &str, points: usize) -> Markup {
    html! { div class={ "still " (class) } aria-hidden="true" { @for _ in 0..points.pow(2) { i {} } } }
}

fn json(part: &impl Serialize) -> Result<String, Error> {
    let data = serde_json::to_string(part).map_err(|e| Error::cannot_make("the explorer", e))?;
    // A `<` can only be in a string; escaped, it cannot end the script element.
    Ok(data.replace('<', "\\u003c"))
}
