//! What a report shows of networks, from made-up arrays: pictures in their places, and a message where
//! arrays do not fit together.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;
use std::path::Path;

use fixtures::{runs, study};
use nodule_eval::ReadOut;
use nodule_report::{write_explanation, write_report};
use nodule_study::records::{
    Completeness, ExplainedNetwork, Explanation, Explored, NetworkMaps, Randomised, RandomisedMaps,
    Showcase, SquareView,
};
use nodule_synth::{DataSet, Distribution, Generator, GeneratorSettings, Outlines, generate};

const SIZE: usize = 32;

fn data(n: usize) -> DataSet {
    let settings = GeneratorSettings {
        image_size: SIZE,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::embedded()).unwrap();
    let both = Distribution::resolve("both").unwrap();
    generate(&generator, &both, 1, n).unwrap()
}

/// A square of 2 x 2 points, row by row of shape.
fn square() -> SquareView {
    let pixels = SIZE * SIZE;
    let network = |read_out, maps| Explored {
        loss: "ce".into(),
        read_out,
        decisions: vec![-1.5, 0.25, 0.5, 3.0],
        maps,
    };
    SquareView {
        train: "both".into(),
        points: 2,
        image_size: SIZE,
        images: vec![0.5; 4 * pixels],
        networks: vec![
            network(ReadOut::Centroid, Some(vec![0.1; 4 * pixels])),
            network(ReadOut::Knn, None),
        ],
    }
}

fn maps() -> NetworkMaps {
    let shown = data(2);
    let blank = vec![0.0; shown.images.len()];
    let ramp = (0..blank.len()).map(|i| i as f32 - 9.0).collect();
    let row = |randomised, similarity| RandomisedMaps {
        method: "gradient".parse().unwrap(),
        randomised,
        n: 10,
        blank: 0,
        similarity,
        rank_correlation: Some(0.25),
    };
    NetworkMaps {
        train: "both".into(),
        read_out: ReadOut::Centroid,
        networks: vec![ExplainedNetwork {
            loss: "ce".into(),
            decisions: vec![0.5, -0.5],
            maps: vec![
                ("gradient".parse().unwrap(), ramp),
                ("grad-cam".parse().unwrap(), blank),
            ],
        }],
        shown,
        randomised: vec![
            ("ce".into(), row(Randomised::From("fc1".into()), Some(0.5))),
            ("ce".into(), row(Randomised::Labels, None)),
        ],
    }
}

fn written(showcase: &Showcase) -> Result<tempfile::TempDir, nodule_report::Error> {
    let study = study(1);
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs(&study), showcase, folder.path())?;
    Ok(folder)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_explorer_shows_texture_upwards_and_its_table_says_the_same() {
    let showcase = Showcase {
        square: Some(square()),
        ..Showcase::default()
    };
    let folder = written(&showcase).unwrap();
    let page = read(folder.path(), "report/index.html");
    assert!(
        page.contains("\"decisions\":[0.25,3.0,-1.5,0.5]"),
        "a row a texture level"
    );
    assert!(page.contains("\"read_out\":\"knn\"") && page.contains("\"maps\":null"));
    let table = read(folder.path(), "tables/explorer.csv");
    let expected = "train,loss,readout,shape,texture,decision\nboth,ce,centroid,0.0,1.0,0.25\nboth,ce,centroid,1.0,1.0,3.0\n";
    assert!(table.starts_with(expected), "{table}");
}

#[test]
fn maps_stand_side_by_side_and_say_what_they_depend_on() {
    let showcase = Showcase {
        maps: Some(maps()),
        ..Showcase::default()
    };
    let folder = written(&showcase).unwrap();
    let figure = read(folder.path(), "figures/maps-examples.svg");
    assert_eq!(figure.matches("<image").count(), 2 * (2 + 2));
    assert_eq!(figure.matches(">blank<").count(), 2, "both by Grad-CAM");
    assert!(figure.contains(">largest 2038.000<"), "{figure}");
    let table = read(folder.path(), "tables/sanity.md");
    assert!(table.contains("| loss | method | random from fc1 | trained on random labels |"));
    assert!(
        table.contains("| ce | gradient | 0.500, 0.250 | – |"),
        "{table}"
    );
    let records = read(folder.path(), "tables/sanity.csv");
    assert!(records.starts_with("loss,method,randomised,n,blank,similarity,rank_correlation\n"));
    assert!(
        records.contains("ce,gradient,random labels,10,0,,0.25\n"),
        "{records}"
    );
}

#[test]
fn arrays_that_do_not_fit_together_are_named() {
    let mut short = square();
    short.images.pop();
    let mut undecided = square();
    undecided.networks[0].decisions.pop();
    let mut few = maps();
    few.networks[0].maps[1].1.pop();
    let squares = [short, undecided].map(|square| Showcase {
        square: Some(square),
        ..Showcase::default()
    });
    let maps = Showcase {
        maps: Some(few),
        ..Showcase::default()
    };
    for (showcase, words) in squares.iter().chain([&maps]).zip([
        "4095 values",
        "3 decisions at 4 points",
        "2047 pixels of maps",
    ]) {
        let message = written(showcase).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}

/// Of `n` images, with so many pixels of maps and no scores.
fn explanation(n: usize, maps: usize) -> Explanation {
    let mut data = data(2);
    data.labels.truncate(n);
    data.cells.truncate(n);
    data.images.truncate(n * SIZE * SIZE);
    data.masks.truncate(n * SIZE * SIZE);
    Explanation {
        run: "a-run".into(),
        title: "gradient".into(),
        legend: "Red raises & blue lowers".into(),
        read_out: ReadOut::Centroid,
        distribution: "both".into(),
        seed: 7,
        data,
        maps: vec![0.5; maps],
        decisions: vec![0.0; n],
        mass: Vec::new(),
        pointing: vec![None; n],
        infidelity: None,
        sensitivity: vec![None; n],
        completeness: None,
    }
}

#[test]
fn an_explanation_is_whole_or_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |explanation| write_explanation(&explanation, folder.path()).unwrap_err();
    let message = refused(explanation(1, 5)).to_string();
    assert!(
        message.contains("maps has 5 values, 1 images need 1024"),
        "{message}"
    );
    let message = refused(explanation(1, 1024)).to_string();
    assert!(message.contains("mass has 0 values"), "{message}");
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        0,
        "nothing is written"
    );

    assert_eq!(
        write_explanation(&explanation(0, 0), folder.path()).unwrap(),
        0.0
    );
    let page = read(folder.path(), "index.html");
    assert!(page.contains("gradient of a-run") && page.contains("Red raises &amp; blue lowers"));
    let scores = read(folder.path(), "scores.csv");
    let header = "index,label,decision,contour,interior,background,pointing,infidelity,sensitivity,completeness_gap\n";
    assert_eq!(scores, header);
}

#[test]
fn the_page_says_how_complete_the_maps_are() {
    let folder = tempfile::tempdir().unwrap();
    let completeness = Completeness {
        steps: 64,
        gaps: Vec::new(),
        median: Some(0.0025),
        tolerance: 0.01,
    };
    let exact = Explanation {
        completeness: Some(completeness.clone()),
        ..explanation(0, 0)
    };
    write_explanation(&exact, folder.path()).unwrap();
    let page = read(folder.path(), "index.html");
    assert!(page.contains("64 steps; the maps miss 0.25%"), "{page}");
    let gaps = vec![Some(0.0025)];
    let longer = Explanation {
        completeness: Some(Completeness {
            gaps,
            ..completeness
        }),
        ..explanation(0, 0)
    };
    let refused = write_explanation(&longer, folder.path()).unwrap_err();
    let message = refused.to_string();
    assert!(message.contains("completeness has 1 values"), "{message}");
}
