//! Saliency maps of single images: arrays for NumPy, scores, PNG files and a page.

use std::io::Cursor;
use std::path::Path;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use ndarray::{ArrayView1, ArrayView3};
use ndarray_npy::NpzWriter;
use nodule_study::csv::{Cell, Column, CsvFile};
use nodule_study::files::{create_folder, write_atomic};
use nodule_study::records::Explanation;
use nodule_study::text::format_magnitude;
use nodule_synth::Label;
use nodule_synth::export::Staging;

use crate::Error;
use crate::figures::raster::{Scale, data_uri, grey_png, map_png};
use crate::text::{classifier, count_of};

const STYLE: &str = include_str!("explanation_page.css");

/// Writes `maps.npz` (`images` and `maps` f32 `[n, size, size]`, `labels` u8 `[n]`), `scores.csv` (one row per image;
/// fields are empty for blank maps and for scores that the method does not define), `maps/00000.png` and so on, and
/// `index.html` into `out`, which must be empty or new. Returns the largest absolute value of all maps, which is 0 if all maps are blank.
///
/// # Errors
/// If the arrays have different lengths or values that are not finite, or a file cannot be written.
///
/// ```
/// use nodule_eval::ReadOut;
/// use nodule_eval::saliency::RelevanceMass;
/// use nodule_study::records::{ExplainedImages, Explanation};
///
/// let explanation = Explanation {
///     run: "0f1e".to_owned(),
///     title: "gradient".to_owned(),
///     legend: "Red raises the decision score".to_owned(),
///     read_out: ReadOut::Head,
///     distribution: "both".to_owned(),
///     seed: 0,
///     data: ExplainedImages { image_size: 2, images: vec![0.5; 4], masks: None, labels: vec![1], notes: vec![String::new()] },
///     maps: vec![0.0, 0.25, -0.5, 0.0],
///     decision_scores: vec![1.5],
///     mass: vec![RelevanceMass::default()],
///     pointing_game: vec![None],
///     infidelity: None,
///     max_sensitivity: vec![None],
///     completeness: None,
/// };
/// let folder = tempfile::tempdir()?;
/// let out = folder.path().join("maps");
/// assert_eq!(nodule_report::write_explanation(&explanation, &out)?, 0.5);
/// assert!(out.join("maps/00000.png").is_file());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_explanation(explanation: &Explanation, out: &Path) -> Result<f32, Error> {
    check_lengths(explanation)?;
    let scale = Scale::fit(&explanation.maps)?;
    let page = page(explanation, &scale)?;
    let staging = Staging::claim(out)?;
    let folder = staging.path();
    create_folder(&folder.join("maps"))?;
    write_atomic(&folder.join("maps.npz"), &arrays(explanation)?)?;
    write_atomic(&folder.join("scores.csv"), scores(explanation)?.bytes())?;
    for i in 0..explanation.data.labels.len() {
        let png = map_png(map(explanation, i), explanation.data.image_size, &scale)?;
        write_atomic(&folder.join("maps").join(format!("{i:05}.png")), &png)?;
    }
    write_atomic(&folder.join("index.html"), page.as_bytes())?;
    staging.finish(&["maps", "maps.npz", "scores.csv", "index.html"])?;
    Ok(scale.largest)
}

/// Checks that all arrays have the length of the labels.
fn check_lengths(explanation: &Explanation) -> Result<(), Error> {
    let data = &explanation.data;
    let n = data.labels.len();
    let values = n * data.image_size * data.image_size;
    let masks = data.masks.as_ref().map_or(values, Vec::len);
    let infidelity = explanation.infidelity.as_ref().map_or(n, Vec::len);
    let completeness = explanation.completeness.as_ref();
    let gaps = completeness.map_or(n, |c| c.gaps.len());
    for (what, found, needed) in [
        ("images", data.images.len(), values),
        ("masks", masks, values),
        ("maps", explanation.maps.len(), values),
        ("known", data.notes.len(), n),
        ("decisions", explanation.decision_scores.len(), n),
        ("mass", explanation.mass.len(), n),
        ("pointing", explanation.pointing_game.len(), n),
        ("infidelity", infidelity, n),
        ("sensitivity", explanation.max_sensitivity.len(), n),
        ("completeness", gaps, n),
    ] {
        if found != needed {
            let images = count_of(n, "image");
            let reason = format!("{what} has {found} values, not {needed} as for {images}");
            return Err(Error::cannot_make("the page of maps", reason));
        }
    }
    Ok(())
}

fn map(explanation: &Explanation, i: usize) -> &[f32] {
    let pixels = explanation.data.image_size.pow(2);
    &explanation.maps[i * pixels..][..pixels]
}

fn arrays(explanation: &Explanation) -> Result<Vec<u8>, Error> {
    let failure = |reason: String| Error::cannot_make("maps.npz", reason);
    let data = &explanation.data;
    let shape = (data.labels.len(), data.image_size, data.image_size);
    let cube = |values| {
        let cube = ArrayView3::<f32>::from_shape(shape, values);
        cube.map_err(|e| failure(e.to_string()))
    };
    let (images, maps) = (cube(&data.images)?, cube(&explanation.maps)?);
    let mut bytes = Cursor::new(Vec::new());
    let mut file = NpzWriter::new(&mut bytes);
    let written = file
        .add_array("images", &images)
        .and_then(|()| file.add_array("labels", &ArrayView1::from(&data.labels)))
        .and_then(|()| file.add_array("maps", &maps))
        .and_then(|()| file.finish().map(|_| ()));
    written.map_err(|e| failure(e.to_string()))?;
    Ok(bytes.into_inner())
}

fn scores(explanation: &Explanation) -> Result<CsvFile, Error> {
    type Row<'a> = (usize, &'a Explanation);
    let columns = [
        Column::new("index", |(i, _): &Row| (*i).into()),
        Column::new("label", |(i, e)| e.data.labels[*i].into()),
        Column::new("decision", |(i, e)| e.decision_scores[*i].into()),
        Column::new("contour", |(i, e)| e.mass[*i].contour.into()),
        Column::new("interior", |(i, e)| e.mass[*i].interior.into()),
        Column::new("background", |(i, e)| e.mass[*i].background.into()),
        Column::new("pointing", |(i, e)| {
            e.pointing_game[*i].map(|p| p.to_string()).into()
        }),
        Column::new("infidelity", |(i, e)| {
            let all = e.infidelity.as_ref();
            all.map_or(Cell::None(()), |all| all[*i].into())
        }),
        Column::new("sensitivity", |(i, e)| e.max_sensitivity[*i].into()),
        Column::new("completeness_gap", |(i, e)| {
            e.completeness.as_ref().and_then(|c| c.gaps[*i]).into()
        }),
    ];
    let rows = (0..explanation.data.labels.len()).map(|i| (i, explanation));
    CsvFile::new("scores", &columns, rows)
}

/// Returns the page with image, mask and map of each nodule, and its decision score.
fn page(explanation: &Explanation, scale: &Scale) -> Result<String, Error> {
    let cards = (0..explanation.data.labels.len()).map(|i| card(explanation, i, scale));
    let cards = cards.collect::<Result<Vec<_>, _>>()?;
    let title = format!("{}: run {}", explanation.title, explanation.run);
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
                    "Decision score (abnormal above 0) of the " (classifier(explanation.read_out)) " on images of the " code { (explanation.distribution) }
                    " distribution, seed " (explanation.seed) ". For each image: image, mask if available, saliency map. " (explanation.legend)
                    ". All maps share one colour scale, which ends at ±"
                    (format_magnitude(f64::from(scale.end))) " (99.5th percentile of the absolute values; the largest is "
                    (format_magnitude(f64::from(scale.largest))) ")."
                }
                p {
                    "Contour, interior, background: relevance mass of the region, as share of the mass over share of the area (1: no preference)."
                }
                @if let Some(completeness) = &explanation.completeness {
                    p { (completeness.sentence()) "." }
                    @if let Some(warning) = completeness.warning(&explanation.run) { p { strong { "Warning: " } (warning) "." } }
                }
                main { @for card in &cards { (card) } }
            }
        }
    };
    Ok(page.into_string())
}

fn card(explanation: &Explanation, i: usize, scale: &Scale) -> Result<Markup, Error> {
    let data = &explanation.data;
    let (size, map) = (data.image_size, map(explanation, i));
    let span = i * map.len()..(i + 1) * map.len();
    let mut pictures = vec![("image", grey_png(&data.images[span.clone()], size)?)];
    if let Some(masks) = &data.masks {
        let mask: Vec<_> = masks[span].iter().map(|m| f32::from(*m)).collect();
        pictures.push(("mask", grey_png(&mask, size)?));
    }
    pictures.push(("map", map_png(map, size, scale)?));
    let known = match data.notes[i].as_str() {
        "" => String::new(),
        known => format!(" ({known})"),
    };
    let decision = explanation.decision_scores[i];
    let class = |is_abnormal: bool| match is_abnormal {
        true => Label::Abnormal,
        false => Label::Normal,
    };
    let (label, predicted) = (class(data.labels[i] == 1), class(decision > 0.0));
    let is_blank = map.iter().all(|v| *v == 0.0);
    Ok(html! {
        figure {
            div {
                @for (what, png) in &pictures {
                    img alt=(what) width="128" height="128" src=(data_uri(png));
                }
            }
            figcaption {
                (i) ": " (label) (known) ", classified as " (predicted) " (score " (format_magnitude(f64::from(decision))) "). "
                @if is_blank { "The map is blank." } @else if data.masks.is_some() { (mass_text(explanation, i)) }
            }
        }
    })
}

fn mass_text(explanation: &Explanation, i: usize) -> String {
    let text = |ratio: Option<f64>| ratio.map_or_else(|| "none".to_owned(), |r| format!("{r:.2}"));
    let mass = &explanation.mass[i];
    let [contour, interior, background] = [mass.contour, mass.interior, mass.background].map(text);
    format!("Contour {contour}, interior {interior}, background {background}.")
}
