//! The explorer on the page: choose a nodule and one network or two, move over the square, see the decision and
//! the maps there.

use std::fmt::Display;

use maud::{Markup, PreEscaped, html};
use serde::Serialize;

use crate::Error;
use crate::figures::explorer::{Explorer, Shown};
use nodule_analysis::unique;

const SCRIPT: &str = include_str!("explorer.js");

/// Its section of the page.
///
/// # Errors
/// If it holds a number that no page can: one that is not finite.
pub(super) fn explorer(explorer: &Explorer) -> Result<Markup, Error> {
    let data = json(explorer)?;
    let trained = explorer.trained.iter();
    let trained = trained.map(|of| Ok((&of.train, json(&of.networks)?)));
    let trained = trained.collect::<Result<Vec<_>, Error>>()?;
    Ok(html! {
        details id="explorer" {
            summary { "Explorer: move over the square of shape and texture, see what networks decide and look at" }
            p.note { (how(explorer)) }
            noscript { p { "The explorer needs JavaScript; everything else on this page does not." } }
            div.explorer style={ "--points: " (explorer.points) } {
                (controls(explorer))
                (first(explorer.points))
                (pair())
                (second(explorer.points))
            }
            // A part is read when it is first shown.
            script type="application/json" data-part="nodules" { (PreEscaped(data)) }
            @for (train, networks) in &trained {
                script type="application/json" data-train=(train) { (PreEscaped(networks)) }
            }
            script { (PreEscaped(SCRIPT)) }
        }
    })
}

fn how(explorer: &Explorer) -> Markup {
    html! {
        "One nodule of each cell, made more irregular to the right and more heterogeneous upwards; a ring marks it as it was drawn. Colours: the decision, red for abnormal and blue for normal, full at 1.5 spreads. "
        @if let Some(read_out) = explorer.map_read_out {
            "Maps are of the " code { (read_out) } " read-out, at the corner nearest to the point: red pixels raise the decision, blue ones lower it; colours end where 99.5% of the pixels of a network's maps lie within, and two networks share one scale. "
        }
        "Move over the square, touch it, or use the arrow keys; the address leads back to what is shown. The numbers are in "
        a href="../tables/explorer.csv" { code { "tables/explorer.csv" } } " and "
        a href="../tables/explorer-maps.csv" { code { "tables/explorer-maps.csv" } } "."
    }
}

/// What can be chosen; the names are those in the address, a second network's with `-2`.
fn controls(explorer: &Explorer) -> Markup {
    let nodules: Vec<_> = explorer.nodules.iter().map(|n| n.name.clone()).collect();
    let networks = || explorer.trained.iter().flat_map(|of| &of.networks);
    let maps = networks().flat_map(|network| &network.maps);
    let methods = unique(maps.map(|maps| maps.method));
    let trains: Vec<_> = explorer.trained.iter().map(|of| of.train.clone()).collect();
    let of = |what: fn(&Shown) -> String| unique(networks().map(what));
    let (losses, seeds) = (of(|n| n.loss.clone()), of(|n| n.seed.to_string()));
    let read_outs = of(|n| n.read_out.to_string());
    let network = |suffix: &str| {
        html! {
            (choice("loss", suffix, &losses)) (choice("read-out", suffix, &read_outs)) (choice("seed", suffix, &seeds))
        }
    };
    html! {
        fieldset {
            legend { "shown" }
            (choice("nodule", "", &nodules)) (choice("map", "", &methods)) (choice("change", "", &["shape", "texture"]))
        }
        fieldset { legend { "first" } (choice("train", "", &trains)) (network("")) }
        fieldset {
            legend { "second" }
            label { "train " select name="train-2" {
                option value="" { "no second network" }
                @for train in &trains { option { (train) } }
            } }
            (network("-2"))
        }
    }
}

fn choice<T: Display>(what: &str, suffix: &str, names: &[T]) -> Markup {
    html! {
        label { (what) " " select name={ (what) (suffix) } { @for name in names { option { (name) } } } }
    }
}

/// The first network: the square to move over, the nodule and its map there.
fn first(points: usize) -> Markup {
    html! {
        div.views {
            figure {
                div.framed {
                    span.upwards { "texture level" }
                    div.square tabindex="0" role="application" aria-label="Shape and texture: move with the arrow keys" {
                        @for _ in 0..points.pow(2) { i {} }
                    }
                    span.rightwards { "shape level" }
                }
                figcaption { "decision" }
            }
            figure { div.picture.here {} figcaption { "nodule" } }
            (map("map", "map"))
        }
        div.gauge role="meter" aria-label="Decision in spreads, abnormal above 0" aria-valuemin="-3" aria-valuemax="3" aria-valuenow="0" { i {} i.other hidden {} }
        div.ends { span { "−3 normal" } span { "0" } span { "abnormal +3" } }
        output aria-live="polite" {}
        p.looks {}
        p.note.latents {}
    }
}

/// The same nodule before and after one of the two alone is changed.
fn pair() -> Markup {
    html! {
        div.views {
            figure { div.picture.before {} figcaption { "before" } }
            figure { div.picture.after {} figcaption { "after" } }
        }
        p.changes {}
    }
}

fn second(points: usize) -> Markup {
    html! {
        div.versus hidden {
            div.views {
                figure { (cells("square2", points)) figcaption { "decision of the second" } }
                figure { (cells("difference", points)) figcaption { "decision: first minus second" } }
                (map("map2", "map of the second"))
                (map("map-difference", "map: first minus second"))
            }
            p.differs {}
            p.looks2 {}
        }
    }
}

/// A map, or why there is none.
fn map(class: &str, caption: &str) -> Markup {
    html! {
        figure { div.picture { canvas class=(class) width="1" height="1" {} span hidden {} } figcaption { (caption) } }
    }
}

/// A square that only shows.
pub(super) fn cells(class: &str, points: usize) -> Markup {
    html! { div class={ "still " (class) } aria-hidden="true" { @for _ in 0..points.pow(2) { i {} } } }
}

fn json(part: &impl Serialize) -> Result<String, Error> {
    let data = serde_json::to_string(part).map_err(|e| Error::made("the explorer", e))?;
    // Inside a string, where alone a `<` can be, JSON may spell it so: nothing ends the script early.
    Ok(data.replace('<', "\\u003c"))
}
