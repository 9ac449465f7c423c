//! Outputs of networks in the report, from synthetic arrays: images in their places, and errors for arrays of wrong
//! lengths.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;
use std::path::Path;

use fixtures::{runs, study};
use nodule_eval::ReadOut;
use nodule_eval::saliency::RelevanceMass;
use nodule_report::{write_explanation, write_report};
use nodule_study::records::{
    Completeness, CornerMaps, ExplainedNetwork, Explanation, LayerSimilarity, NeighbourConsistency,
    NetworkMaps, PlaneNetwork, PlaneNodule, PlaneView, Randomisation, RandomisationCheck,
    RepresentationSimilarity, Showcase,
};
use nodule_synth::{DataSet, Distribution, Generator, GeneratorSettings, Outlines};

const SIZE: usize = 32;

fn data(n: usize) -> DataSet {
    let settings = GeneratorSettings {
        image_size: SIZE,
        ..GeneratorSettings::default()
    };
    let generator = Generator::new(settings, Outlines::lidc()).unwrap();
    let both = Distribution::resolve("both").unwrap();
    generator.generate(&both, 1, 0..n).unwrap()
}

/// Returns two nodules over a plane of 2 x 2 points, row by row of shape.
fn plane() -> PlaneView {
    let pixels = SIZE * SIZE;
    let network = |read_out, maps| PlaneNetwork {
        train: "both".into(),
        loss: "ce".into(),
        seed: 0,
        read_out,
        decision_scores: vec![-1.5, 0.25, 0.5, 3.0, 0.0, 0.0, 0.0, 1.0],
        maps,
    };
    let drawn = data(2);
    let nodule = |i: usize| PlaneNodule {
        cell: drawn.levels[i],
        latents: drawn.latents[i].clone(),
        images: vec![0.5; 4 * pixels],
    };
    let on_contour = r#"{ "contour": 1.75, "interior": null, "background": null }"#;
    let maps = CornerMaps {
        method: "gradient".parse().unwrap(),
        maps: vec![0.1; 8 * pixels],
        mass: vec![serde_json::from_str(on_contour).unwrap(); 8],
    };
    PlaneView {
        points: 2,
        image_size: SIZE,
        map_read_out: Some(ReadOut::Centroid),
        nodules: vec![nodule(0), nodule(1)],
        networks: vec![
            network(ReadOut::Centroid, vec![maps]),
            network(ReadOut::Knn, Vec::new()),
        ],
    }
}

fn maps() -> NetworkMaps {
    let shown = data(2);
    let blank = vec![0.0; shown.images.len()];
    let ramp = (0..blank.len()).map(|i| i as f32 - 9.0).collect();
    let row = |randomised, similarity| RandomisationCheck {
        method: "gradient".parse().unwrap(),
        randomisation: randomised,
        n: 10,
        blank: 0,
        ssim: similarity,
        rank_correlation: Some(0.25),
    };
    NetworkMaps {
        train: "both".into(),
        read_out: ReadOut::Centroid,
        networks: vec![ExplainedNetwork {
            loss: "ce".into(),
            decision_scores: vec![0.5, -0.5],
            maps: vec![
                ("gradient".parse().unwrap(), ramp),
                ("grad-cam".parse().unwrap(), blank),
            ],
        }],
        images: shown,
        randomisation: vec![
            (
                "ce".into(),
                row(Randomisation::FromLayer("fc1".into()), Some(0.5)),
            ),
            ("ce".into(), row(Randomisation::Labels, None)),
        ],
    }
}

fn write(showcase: &Showcase) -> Result<tempfile::TempDir, nodule_report::Error> {
    let study = study(1);
    let folder = tempfile::tempdir().unwrap();
    write_report(&study, &runs(&study), showcase, folder.path())?;
    Ok(folder)
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_explorer_and_its_table_show_texture_upwards() {
    let showcase = Showcase {
        plane: Some(plane()),
        ..Showcase::default()
    };
    let folder = write(&showcase).unwrap();
    let page = read(folder.path(), "report/index.html");
    let decisions = "\"decisions\":[[250,3000,-1500,500],[0,1000,0,0]]";
    assert!(page.contains(decisions), "one row per texture level");
    assert!(page.contains("data-train=\"both\"") && page.contains("\"maps\":[]"));
    assert!(page.contains("\"map_read_out\":\"centroid\"") && page.contains("\"map_size\":32"));
    let cells = data(2).levels;
    let table = read(folder.path(), "tables/explorer.csv");
    let header = "train,loss,seed,readout,nodule,shape,texture,decision";
    let row =
        |nodule: usize, rest: &str| format!("both,ce,0,centroid,\"{}\",{rest}", cells[nodule]);
    let lines: Vec<_> = table.lines().collect();
    assert_eq!(lines.len(), 1 + 2 * 2 * 4);
    assert_eq!(lines[0], header);
    assert_eq!(lines[1], row(0, "0.0,1.0,0.25"));
    assert_eq!(lines[2], row(0, "1.0,1.0,3.0"));
    assert_eq!(lines[6], row(1, "1.0,1.0,1.0"));
    let maps = read(folder.path(), "tables/explorer-maps.csv");
    let last = maps.lines().nth(8).unwrap();
    let expected = format!(
        "both,ce,0,centroid,gradient,\"{}\",1.0,1.0,1.75,,",
        cells[1]
    );
    assert_eq!(last, expected);
}

#[test]
fn representation_similarity_has_tables_by_layer_and_by_neighbours() {
    let layer = |seed, layer: &str, cka| LayerSimilarity {
        train: "both".into(),
        seed,
        losses: ["ce".into(), "contrastive".into()],
        layer: layer.into(),
        cka,
    };
    let neighbours = |loss: &str, shape| NeighbourConsistency {
        train: "both".into(),
        seed: 0,
        loss: loss.into(),
        precision: [Some(shape), None],
    };
    let showcase = Showcase {
        similarity: RepresentationSimilarity {
            layers: vec![
                layer(0, "conv1", Some(0.9)),
                layer(0, "embedding", None),
                layer(1, "conv1", Some(0.7)),
                layer(1, "embedding", Some(0.25)),
            ],
            neighbours: vec![neighbours("ce", 0.75), neighbours("contrastive", 0.5)],
        },
        ..Showcase::default()
    };
    let folder = write(&showcase).unwrap();
    let table = read(folder.path(), "tables/alike.md");
    assert!(table.contains("| training set | loss | other loss | conv1 | embedding |"));
    let row = "| both | ce | contrastive | 0.800 ± 0.141 (2) | 0.250 (1) |";
    assert!(table.contains(row), "{table}");
    let table = read(folder.path(), "tables/neighbours.md");
    assert!(
        table.contains("| both | shape | 0.750 (1) | 0.500 (1) |"),
        "{table}"
    );
    assert!(table.contains("| both | texture | – | – |"), "{table}");
    let csv = read(folder.path(), "tables/alike.csv");
    assert_eq!(csv.lines().nth(2), Some("both,0,ce,contrastive,embedding,"));
    let csv = read(folder.path(), "tables/neighbours.csv");
    assert_eq!(csv.lines().nth(1), Some("both,0,ce,0.75,"));
    let page = read(folder.path(), "report/index.html");
    assert!(page.contains("table-alike") && page.contains("table-neighbours"));
}

#[test]
fn example_maps_and_sanity_checks_are_shown() {
    let showcase = Showcase {
        maps: Some(maps()),
        ..Showcase::default()
    };
    let folder = write(&showcase).unwrap();
    let figure = read(folder.path(), "figures/maps-examples.svg");
    assert_eq!(figure.matches("<image").count(), 2 * (2 + 2));
    assert_eq!(figure.matches(">blank<").count(), 2, "both by Grad-CAM");
    assert!(figure.contains(">2038.000<"), "{figure}");
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
fn arrays_of_wrong_lengths_are_rejected() {
    let mut short = plane();
    short.nodules[0].images.pop();
    let mut unmapped = plane();
    unmapped.networks[0].maps[0].mass.pop();
    let mut undecided = plane();
    undecided.networks[0].decision_scores.pop();
    let mut few = maps();
    few.networks[0].maps[1].1.pop();
    let squares = [short, undecided, unmapped].map(|square| Showcase {
        plane: Some(square),
        ..Showcase::default()
    });
    let maps = Showcase {
        maps: Some(few),
        ..Showcase::default()
    };
    for (showcase, words) in squares.iter().chain([&maps]).zip([
        "4095 values, not 4096",
        "7 decisions, not 8",
        "7 maps with a mass, not 8",
        "2047 pixels of maps",
    ]) {
        let message = write(showcase).unwrap_err().to_string();
        assert!(message.contains(words), "{message}");
    }
}

/// Returns an explanation of `n` images with `maps` pixels of maps and no scores.
fn explanation(n: usize, maps: usize) -> Explanation {
    let mut data = data(2);
    data.labels.truncate(n);
    data.levels.truncate(n);
    data.images.truncate(n * SIZE * SIZE);
    data.masks.truncate(n * SIZE * SIZE);
    Explanation {
        run: "a-run".into(),
        title: "gradient".into(),
        legend: "Red raises & blue lowers".into(),
        read_out: ReadOut::Centroid,
        distribution: "both".into(),
        seed: 7,
        data: data.into(),
        maps: vec![0.5; maps],
        decision_scores: vec![0.0; n],
        mass: Vec::new(),
        pointing_game: vec![None; n],
        infidelity: None,
        max_sensitivity: vec![None; n],
        completeness: None,
    }
}

#[test]
fn an_incomplete_explanation_is_rejected() {
    let folder = tempfile::tempdir().unwrap();
    let error = |explanation| write_explanation(&explanation, folder.path()).unwrap_err();
    let message = error(explanation(1, 5)).to_string();
    assert!(
        message.contains("maps has 5 values, not 1024 as for 1 image"),
        "{message}"
    );
    let message = error(explanation(1, 1024)).to_string();
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
    assert!(page.contains("gradient: run a-run") && page.contains("Red raises &amp; blue lowers"));
    let scores = read(folder.path(), "scores.csv");
    let header = "index,label,decision,contour,interior,background,pointing,infidelity,sensitivity,completeness_gap\n";
    assert_eq!(scores, header);
}

#[test]
fn the_page_states_the_completeness_of_the_maps() {
    let folder = tempfile::tempdir().unwrap();
    let completeness = Completeness {
        steps: vec![64],
        gaps: vec![Some(0.0025)],
        median: Some(0.0025),
        tolerance: 0.01,
    };
    let mass = RelevanceMass {
        contour: Some(1.0),
        interior: Some(1.0),
        background: Some(1.0),
    };
    let exact = Explanation {
        completeness: Some(completeness.clone()),
        mass: vec![mass],
        ..explanation(1, 1024)
    };
    write_explanation(&exact, folder.path()).unwrap();
    let page = read(folder.path(), "index.html");
    assert!(page.contains("64 steps; the maps miss 0.25%"), "{page}");
    assert!(!page.contains("Warning"), "{page}");
    let gaps = vec![Some(0.0025); 2];
    let longer = Explanation {
        completeness: Some(Completeness {
            gaps,
            ..completeness
        }),
        ..exact
    };
    let error = write_explanation(&longer, folder.path()).unwrap_err();
    let message = error.to_string();
    assert!(message.contains("completeness has 2 values"), "{message}");
}
