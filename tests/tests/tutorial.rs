//! docs/tutorial.md: its files, commands and excerpts of examples.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use nodule_tests::{succeed, workspace};

/// Returns language and lines of the fenced blocks of a document.
fn blocks(text: &str) -> Vec<(String, Vec<String>)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block = lines.by_ref().take_while(|line| *line != "```");
            blocks.push((language.to_owned(), block.map(str::to_owned).collect()));
        }
    }
    blocks
}

#[test]
fn every_step_of_the_tutorial_works() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let text = fs::read_to_string(workspace().join("docs/tutorial.md")).unwrap();
    let outlines = workspace().join("data/lidc/lidc_contours.csv");
    fs::copy(outlines, here.join("my_outlines.csv")).unwrap();
    let (mut files, mut commands, mut excerpts) = (0, 0, 0);
    for (language, lines) in blocks(&text) {
        let (first, rest) = lines.split_first().unwrap();
        match language.as_str() {
            "toml" => {
                let name = first.strip_prefix("# file: ").unwrap();
                fs::write(here.join(name), rest.join("\n")).unwrap();
                files += 1;
            }
            "sh" => {
                for line in &lines {
                    let arguments = line.strip_prefix("nodule ").unwrap();
                    let runs = here.join("results/question/runs");
                    let run = fs::read_dir(runs).ok().and_then(|mut all| all.next());
                    let run = run.map(|run| run.unwrap().path().display().to_string());
                    let arguments = arguments.replace("RUN", &run.unwrap_or_default());
                    succeed(here, &arguments);
                    commands += 1;
                }
            }
            "rust" => {
                let file = first.strip_prefix("// example: ").unwrap();
                let source = fs::read_to_string(workspace().join(file)).unwrap();
                assert!(source.contains(&rest.join("\n")), "{file} has no {rest:?}");
                excerpts += 1;
            }
            other => panic!("a block of {other:?}"),
        }
    }
    assert!(files >= 2 && commands >= 7 && excerpts >= 3);
    for file in [
        "lobes/labels.csv",
        "results/question/report/index.html",
        "maps/index.html",
    ] {
        assert!(here.join(file).is_file(), "{file}");
    }
    let results = fs::read_to_string(here.join("results/question/tables/results.csv")).unwrap();
    assert!(results.contains(",my-images,40,"), "{results}");
}
