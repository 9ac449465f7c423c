//! Any two networks of the study side by side on the page, and their difference.

use maud::{Markup, PreEscaped, html};

use super::explorer::cells;
use crate::Error;
use crate::figures::side_by_side::Landscapes;

const SCRIPT: &str = include_str!("side_by_side.js");

/// Its part of the page.
///
/// # Errors
/// If it cannot be spelled.
pub(super) fn side_by_side(landscapes: &Landscapes) -> Result<Markup, Error> {
    let data = serde_json::to_string(landscapes).map_err(|e| Error::made("the landscapes", e))?;
    // As in the explorer: nothing ends the script early.
    let data = data.replace('<', "\\u003c");
    let side = |name: &str| {
        html! {
            fieldset data-side=(name) {
                legend { (name) }
                @for what in ["train", "loss", "read-out", "seed"] { label { (what) " " select name=(what) {} } }
            }
        }
    };
    Ok(html! {
        details id="side-by-side" {
            summary { "Side by side: any two networks of the study, and their difference" }
            p.note {
                "Each decision is the mean over " (landscapes.nodules) " nodules. Colours: red for abnormal and blue for normal, full at 1.5 spreads; of the difference, red where the first is higher. Move over the first square, or use the arrow keys. The numbers are in "
                a href="../tables/landscape.csv" { code { "tables/landscape.csv" } } "."
            }
            noscript { p { "It needs JavaScript." } }
            div.explorer style={ "--points: " (landscapes.points) } {
                (side("first")) (side("second"))
                div.views {
                    figure {
                        div.framed {
                            span.upwards { "texture level" }
                            div class="square first" tabindex="0" role="application" aria-label="Shape and texture: move with the arrow keys" {
                                @for _ in 0..landscapes.points.pow(2) { i {} }
                            }
                            span.rightwards { "shape level" }
                        }
                        figcaption { "first" }
                    }
                    figure { (cells("second", landscapes.points)) figcaption { "second" } }
                    figure { (cells("less", landscapes.points)) figcaption { "first minus second" } }
                }
                output class="compared" aria-live="polite" {}
            }
            script type="application/json" { (PreEscaped(data)) }
            script { (PreEscaped(SCRIPT)) }
        }
    })
}
