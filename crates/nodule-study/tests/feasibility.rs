//! Claims that the planned losses cannot judge are rejected; those that the seeds cannot decide are warned about.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;

use nodule_study::claims::feasibility_warnings;
use nodule_study::settings::built_in_studies;
use nodule_study::{Registry, Resolved, Study, load_study};

fn warnings(resolved: &Resolved) -> Vec<String> {
    let study = &resolved.study;
    feasibility_warnings(&study.hypotheses, study.seeds, study.losses.len())
}

/// Parses the smoke study with these losses and seeds, and a single claim.
fn parse_with(losses: &str, seeds: usize, contrast: &str) -> Result<Resolved, String> {
    let smoke = include_str!("../data/studies/smoke.toml");
    let (head, _) = smoke.split_once("[[hypothesis]]").unwrap();
    let three = "[\"ce\", \"contrastive\", \"ce+contrastive\"]";
    assert!(head.contains(three) && head.contains("seeds = 2"));
    let head = head.replace(three, losses);
    // Settings without effect on these losses would be rejected first.
    let head = head
        .replace("\nmargin = 1.0", "\n#")
        .replace("\nweight = 1.0", "\n#");
    let head = head.replace("seeds = 2", &format!("seeds = {seeds}"));
    let claim =
        "[[hypothesis]]\nid = \"X\"\nclaim = \"c\"\ntrain = \"both\"\nsmallest_effect = 0.1\n";
    let text = format!("{head}{claim}[hypothesis.contrast]\n{contrast}\n");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    fs::write(&path, text).unwrap();
    let parsed = load_study(&path.to_string_lossy(), &Registry::default());
    parsed.map_err(|error| {
        let folder = format!("{}/", folder.path().display());
        error.to_string().replace(&folder, "")
    })
}

fn rank(read_out: &str) -> String {
    format!(
        "kind = \"rank-correlation\"\nx = {{ measure = \"effect\", mode = \"shape\" }}\ny = {{ measure = \"accuracy\", test = \"lidc\" }}\nread_out = \"{read_out}\""
    )
}

fn order(read_out: &str) -> String {
    rank(read_out)
        .replace("rank-correlation", "order-carries")
        .replace("x =", "from =")
        .replace("y =", "to =")
}

#[test]
fn a_claim_over_losses_needs_enough_losses_with_its_read_out() {
    let two = "[\"ce\", \"contrastive\"]";
    for (losses, contrast, words) in [
        (
            "[\"ce\"]",
            rank("centroid"),
            "X.contrast.kind: rank-correlation",
        ),
        (
            "[\"ce\"]",
            order("centroid"),
            "X.contrast.kind: order-carries",
        ),
        (two, rank("head"), "X.contrast.read_out = head"),
        (two, order("head"), "X.contrast.read_out = head"),
    ] {
        let message = parse_with(losses, 8, &contrast).unwrap_err();
        assert!(
            message.starts_with("mine.toml: hypothesis ") && message.contains(words),
            "{message}"
        );
    }
    let three = "[\"ce\", \"contrastive\", \"ce+contrastive\"]";
    for contrast in [rank("head"), rank("centroid"), order("centroid")] {
        let resolved = parse_with(three, 8, &contrast).unwrap();
        assert!(warnings(&resolved).is_empty());
    }
    let found = warnings(&parse_with(two, 8, &order("centroid")).unwrap());
    assert!(found.len() == 1 && found[0].contains("X") && found[0].contains("3 losses"));
    assert!(warnings(&parse_with(two, 8, &rank("centroid")).unwrap()).is_empty());
}

#[test]
fn warnings_name_the_claims_that_the_seeds_cannot_decide() {
    let mut all = Vec::new();
    for name in built_in_studies() {
        let resolved = load_study(name, &Registry::default()).unwrap();
        all.extend(warnings(&resolved).iter().map(|w| format!("{name}: {w}")));
    }
    // Seven claims need nine seeds; a sweep without claims warns of nothing.
    let expected = [
        "multiverse: seeds = 8: may be too few for H1, H2, H4",
        "quick: seeds = 3: too few to decide H1, H2, H3",
        "smoke: seeds = 2: too few to decide H1, H2, H3",
    ];
    assert_eq!(all.len(), expected.len(), "{all:?}");
    for (warning, start) in all.iter().zip(expected) {
        assert!(warning.starts_with(start), "{warning}");
    }
    assert!(all[0].contains("to 0.055, and 9 seeds"), "{}", all[0]);
    let six = parse_with("[\"ce\", \"contrastive\"]", 6, &rank("centroid")).unwrap();
    assert!(warnings(&six).is_empty());
    let many = |seeds| {
        let smoke = load_study("smoke", &Registry::default()).unwrap();
        let study = Study {
            seeds,
            ..smoke.study
        };
        warnings(&Resolved { study, ..smoke })
    };
    let found = many(7);
    assert!(found[0].contains("H1, H2, H4, H5, H6") && found[0].contains("8 seeds"));
    assert!(many(8).is_empty());
    assert!(many(5)[0].contains("H1, H2, H3") && many(5)[0].contains("inconclusive"));
}

/// Returns the message about a correlation, and about an order, of two endpoints on the tests of the smoke study.
fn reject_pair(first: &str, second: &str) -> Result<(), [String; 2]> {
    let three = "[\"ce\", \"contrastive\", \"ce+contrastive\"]";
    let parse = |kind: &str, keys: [&str; 2]| {
        let contrast = format!(
            "kind = \"{kind}\"\n{} = {{ {first} }}\n{} = {{ {second} }}\nread_out = \"centroid\"",
            keys[0], keys[1]
        );
        parse_with(three, 8, &contrast).map(|_| ())
    };
    let rank = parse("rank-correlation", ["x", "y"]);
    let order = parse("order-carries", ["from", "to"]);
    match (rank, order) {
        (Ok(()), Ok(())) => Ok(()),
        (rank, order) => Err([rank, order].map(Result::unwrap_err)),
    }
}

#[test]
fn a_quantity_is_not_compared_with_itself() {
    let same = |quantity: &str| (quantity.to_owned(), quantity.to_owned());
    let metric = |name: &str, test: &str| format!("measure = \"{name}\", test = \"{test}\"");
    let conflict = |first: &str, second: &str| {
        (
            metric(first, "conflict-by-shape"),
            metric(second, "conflict-by-texture"),
        )
    };
    for (first, second) in [
        same("measure = \"flipped\", mode = \"blur\""),
        same("measure = \"use-cost\", mode = \"texture\""),
        same(&metric("auroc", "shape-only")),
        // The labels of one are the opposite of the other's.
        conflict("accuracy", "accuracy"),
        conflict("auroc", "auroc"),
        conflict("sensitivity", "specificity"),
        conflict("accuracy", "balanced_accuracy"),
        (
            metric("balanced_accuracy", "lidc"),
            metric("accuracy", "lidc"),
        ),
    ] {
        let [rank, order] = reject_pair(&first, &second).unwrap_err();
        assert!(rank.contains("X.contrast.y: "), "{rank}");
        assert!(order.contains("X.contrast.to: "), "{order}");
        assert!(rank.ends_with("compare two different quantities"), "{rank}");
    }
    for (first, second) in [
        (metric("sensitivity", "lidc"), metric("specificity", "lidc")),
        conflict("sensitivity", "sensitivity"),
        (metric("auroc", "both"), metric("auroc", "shape-only")),
        (
            "measure = \"effect\", mode = \"shape\"".to_owned(),
            "measure = \"flipped\", mode = \"shape\"".to_owned(),
        ),
    ] {
        reject_pair(&first, &second).unwrap();
    }
}

#[test]
fn a_cost_does_not_differ_between_read_outs() {
    let arms = |loss: &str| {
        format!(
            "kind = \"paired-difference\"\nendpoint = {{ measure = \"feature-cost\", mode = \"shape\" }}\na = {{ loss = \"ce\", read_out = \"head\" }}\nb = {{ loss = \"{loss}\", read_out = \"centroid\" }}"
        )
    };
    let losses = "[\"ce\", \"ce+contrastive\"]";
    let message = parse_with(losses, 8, &arms("ce")).unwrap_err();
    assert!(
        message.contains("X.contrast.b.read_out: feature cost of shape"),
        "{message}"
    );
    parse_with(losses, 8, &arms("ce+contrastive")).unwrap();
}

#[test]
fn shares_and_worst_groups_are_endpoints_where_they_are_defined() {
    let three = "[\"ce\", \"contrastive\", \"ce+contrastive\"]";
    let parse = |x: &str, y: &str| {
        let contrast = format!(
            "kind = \"rank-correlation\"\nx = {{ {x} }}\ny = {{ {y} }}\nread_out = \"centroid\""
        );
        parse_with(three, 8, &contrast)
    };
    let (shape, texture) = (
        "measure = \"share\", mode = \"shape\"",
        "measure = \"share\", mode = \"texture\"",
    );
    let worst = "measure = \"worst_group_accuracy\", test = \"shape-only\"";
    parse(shape, worst).unwrap();
    parse(shape, "measure = \"learned-95\"").unwrap();
    for (x, y, words) in [
        (shape, texture, "follows exactly"),
        (
            "measure = \"share\", mode = \"position\"",
            worst,
            "only shape and texture",
        ),
        (
            "measure = \"share\", test = \"lidc\"",
            worst,
            "needs a mode",
        ),
        (shape, "measure = \"worst_group_accuracy\"", "needs a test"),
        (
            shape,
            "measure = \"learned-95\", test = \"lidc\"",
            "neither a mode nor a test",
        ),
        (
            shape,
            "measure = \"worst_group_accuracy\", test = \"shapes\"",
            "y.test = shapes",
        ),
    ] {
        let message = parse(x, y).unwrap_err();
        assert!(message.contains(words), "{words}: {message}");
    }
}
