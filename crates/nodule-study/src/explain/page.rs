//! The page: image, mask and map of each nodule side by side, with what was decided.

use maud::{DOCTYPE, PreEscaped, html};
use nodule_explain::MassRatios;

use super::{Explained, How};
use crate::picture::{Scale, data_uri, grey_png, map_png};

const STYLE: &str = include_str!("style.css");

pub(super) fn page(explained: &Explained, scale: &Scale) -> Result<String, String> {
    let (settings, data) = (&explained.settings, &explained.data);
    let cards = (0..data.labels.len()).map(|i| card(explained, i, scale.end));
    let cards = cards.collect::<Result<Vec<_>, _>>()?;
    let title = format!("{} of {}", settings.how, explained.run);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                h1 { (title) }
                p {
                    "Decision of the " (settings.read_out) " read-out on images of " code { (explained.distribution) }
                    ", seed " (settings.seed) ". Image, mask, map. "
                    @match settings.how {
                        How::Map(_) => "Red raises the decision value (abnormal above 0), blue lowers it",
                        How::ClassModel { class } => {
                            "The map is how the image changes when it is moved, by 50 steps of gradient ascent, towards what the network takes for the best of class "
                            (class) " (" (if class == 1 { "abnormal" } else { "normal" }) "): red where it gets brighter, blue where darker"
                        }
                    }
                    "; one scale for all maps, whose colours end at "
                    (format!("{:.3}", scale.end)) " to either side (99.5% of the pixels lie within; the largest is "
                    (format!("{:.3}", scale.largest)) ")."
                }
                p {
                    "Contour, interior, background: the share of the map's mass in each over its share of the area; 1 where the map does not care."
                }
                main { @for card in &cards { (card) } }
            }
        }
    };
    Ok(page.into_string())
}

fn card(explained: &Explained, i: usize, scale: f32) -> Result<maud::Markup, String> {
    let data = &explained.data;
    let (size, pixels) = (data.image_size, data.image_size * data.image_size);
    let span = i * pixels..(i + 1) * pixels;
    let map = &explained.maps[span.clone()];
    let mask: Vec<f32> = data.masks[span.clone()]
        .iter()
        .map(|m| f32::from(*m))
        .collect();
    let pictures = [
        ("image", grey_png(&data.images[span], size)?),
        ("mask", grey_png(&mask, size)?),
        ("map", map_png(map, size, scale)?),
    ];
    let decision = explained.decisions[i];
    let decided = if decision > 0.0 { "abnormal" } else { "normal" };
    let label = if data.labels[i] == 1 {
        "abnormal"
    } else {
        "normal"
    };
    let blank = map.iter().all(|v| *v == 0.0);
    Ok(html! {
        figure {
            div {
                @for (what, png) in &pictures {
                    img alt=(what) width="128" height="128" src=(data_uri(png));
                }
            }
            figcaption {
                (i) ": " (label) " (" (data.cells[i]) "), decided " (decided) " (" (format!("{decision:.3}")) "). "
                @if blank { "The map is blank." } @else { (ratio_text(&explained.ratios[i])) }
            }
        }
    })
}

fn ratio_text(ratios: &MassRatios) -> String {
    let text = |ratio: Option<f64>| ratio.map_or_else(|| "none".to_owned(), |r| format!("{r:.2}"));
    format!(
        "Contour {}, interior {}, background {}.",
        text(ratios.contour),
        text(ratios.interior),
        text(ratios.background)
    )
}
