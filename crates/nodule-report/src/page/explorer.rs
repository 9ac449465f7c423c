//! The explorer on the page: choose a loss and a read-out, move over the square, see the nodule, the
//! decision and the map there.

use maud::{Markup, PreEscaped, html};

use crate::Error;
use crate::analysis::each_once;
use crate::figures::explorer::Explorer;

const SCRIPT: &str = include_str!("explorer.js");

/// Its section of the page.
///
/// # Errors
/// If it holds a number that no page can: one that is not finite.
pub(super) fn explorer(explorer: &Explorer) -> Result<Markup, Error> {
    let data = serde_json::to_string(explorer).map_err(|e| Error::made("the explorer", e))?;
    // Inside a string, where alone a `<` can be, JSON may spell it so: nothing ends the script early.
    let data = data.replace('<', "\\u003c");
    let losses = each_once(explorer.networks.iter().map(|n| n.loss.clone()));
    let read_outs = each_once(explorer.networks.iter().map(|n| n.read_out.to_string()));
    Ok(html! {
        details id="explorer" {
            summary { "Explorer: move over the square of shape and texture, see what each network decides and looks at" }
            p.note {
                "One nodule, made more irregular to the right and more heterogeneous upwards, as networks of the first seed trained on "
                code { (explorer.train) } " see it. Colours: the decision, red for abnormal and blue for normal, full at 1.5 spreads. The map is the vanilla gradient: red pixels raise the decision, blue ones lower it; its colours end where 99.5% of the pixels of all its maps lie within. Move over the square, touch it, or use the arrow keys; choose a second network to see both and their difference. The numbers are in "
                a href="../tables/explorer.csv" { code { "tables/explorer.csv" } } "."
            }
            noscript { p { "The explorer needs JavaScript; everything else on this page does not." } }
            div.explorer style={ "--points: " (explorer.points) } {
                (choice("loss", &losses))
                (choice("read-out", &read_outs))
                div.views {
                    figure {
                        div.framed {
                            span.upwards { "texture level" }
                            div.square tabindex="0" role="application" aria-label="Shape and texture: move with the arrow keys" {
                                @for _ in 0..explorer.points.pow(2) { i {} }
                            }
                            span.rightwards { "shape level" }
                        }
                        figcaption { "decision" }
                    }
                    figure { div.picture.nodule {} figcaption { "nodule" } }
                    figure { div.picture.map {} figcaption { "map" } }
                }
                div.gauge role="meter" aria-label="Decision in spreads, abnormal above 0" aria-valuemin="-3" aria-valuemax="3" aria-valuenow="0" { i {} }
                div.ends { span { "−3 normal" } span { "0" } span { "abnormal +3" } }
                output aria-live="polite" {}
                p.changes {}
                p { label { "Beside it: " select name="against" { option value="" { "no second network" } } } }
                div.versus hidden {
                    div.views {
                        figure { (cells("square2", explorer.points)) figcaption { "decision of the second" } }
                        figure { (cells("difference", explorer.points)) figcaption { "first minus second" } }
                        figure { div.picture.map2 {} figcaption { "map of the second" } }
                    }
                    p.differs {}
                }
            }
            script type="application/json" { (PreEscaped(data)) }
            script { (PreEscaped(SCRIPT)) }
        }
    })
}

/// A square that only shows.
pub(super) fn cells(class: &str, points: usize) -> Markup {
    html! { div class={ "still " (class) } aria-hidden="true" { @for _ in 0..points.pow(2) { i {} } } }
}

fn choice(what: &str, names: &[String]) -> Markup {
    html! {
        fieldset {
            legend { (what) }
            @for name in names {
                label { input type="radio" name=(what) value=(name); " " (name) }
            }
        }
    }
}
