//! Tests of plans: runs, seeds and ids.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use nodule_study::settings::{built_in_losses, built_in_studies};
use nodule_study::{Error, Registry, Resolved, RunSpec, plan};

/// Ids of four runs of the smoke study.
const STABLE_IDS: [&str; 4] = [
    "050fd159fd9d1e26",
    "059394ebce916638",
    "09a1e480e0461d13",
    "17363c8a34aecb1a",
];

fn load_study(name_or_path: &str) -> Result<Resolved, Error> {
    nodule_study::load_study(name_or_path, &Registry::default())
}

/// The smoke study with one piece of its file replaced.
fn smoke_with(from: &str, to: &str) -> Resolved {
    let smoke = concat!(env!("CARGO_MANIFEST_DIR"), "/data/studies/smoke.toml");
    let text = std::fs::read_to_string(smoke).unwrap();
    assert!(text.contains(from), "{from}");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("study.toml");
    std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
    load_study(&file.to_string_lossy()).unwrap()
}

fn specs(resolved: &Resolved) -> Vec<RunSpec> {
    plan(resolved, "cpu")
}

fn ids(resolved: &Resolved) -> Vec<String> {
    specs(resolved).into_iter().map(|s| s.id).collect()
}

#[test]
fn the_paper_study_plans_its_whole_grid() {
    let paper = load_study("paper").unwrap();
    let specs = specs(&paper);
    assert_eq!(specs.len(), 5 * 3 * 20);
    let distinct: BTreeSet<_> = specs.iter().map(|s| &s.id).collect();
    assert_eq!(distinct.len(), specs.len());
    for spec in &specs {
        assert!(spec.id.len() == 16 && spec.id.chars().all(|c| c.is_ascii_hexdigit()));
    }
    // Whole seeds come first, so that an unfinished study can be compared in pairs.
    assert!(specs.is_sorted_by_key(|s| s.seed));
}

#[test]
fn every_loss_is_trained_by_a_built_in_study() {
    let studies = ["extended", "log-margin"].map(|name| specs(&load_study(name).unwrap()));
    let losses: BTreeSet<_> = studies.iter().flatten().map(|s| &s.loss.name).collect();
    assert_eq!(losses.len(), built_in_losses().count());
}

#[test]
fn runs_of_one_seed_share_their_seeds_across_losses_only() {
    let specs = specs(&load_study("quick").unwrap());
    for a in &specs {
        for b in &specs {
            let same = a.seed == b.seed;
            assert_eq!(a.seeds.weights == b.seeds.weights, same);
            assert_eq!(a.seeds.order == b.seeds.order, same);
            assert_eq!(
                a.seeds.train_data == b.seeds.train_data,
                same && a.train.name() == b.train.name()
            );
        }
        assert_ne!(a.seeds.train_data, a.seeds.validation_data);
    }
}

#[test]
fn an_id_depends_only_on_what_changes_the_numbers() {
    let base = load_study("smoke").unwrap();
    let ids_after = |change: fn(&mut Resolved)| {
        let mut other = base.clone();
        change(&mut other);
        ids(&other)
    };
    let before = ids(&base);
    assert_eq!(before, ids(&load_study("smoke").unwrap()));
    assert_eq!(
        before,
        ids_after(|r| r.study.description = "another text".into())
    );
    assert_eq!(before, ids_after(|r| r.study.hypotheses.clear()));
    assert_eq!(before[..9], ids_after(|r| r.study.seeds = 1)[..]);
    for other in [
        ids_after(|r| r.study.root_seed += 1),
        ids_after(|r| r.study.samples.train += 16),
        ids_after(|r| r.study.samples.pairs += 1),
        ids_after(|r| r.study.training.all.learning_rate *= 2.0),
        ids_after(|r| r.study.generator.shape_amplitude = 0.5),
        ids(&smoke_with("hidden = 16", "hidden = 17")),
        plan(&base, "cuda").into_iter().map(|s| s.id).collect(),
    ] {
        assert!(before.iter().all(|id| !other.contains(id)));
    }
    // The margin belongs to the contrastive losses alone: cross-entropy's runs need not be repeated.
    let margin = ids(&smoke_with("margin = 1.0", "margin = 0.5"));
    let moved: Vec<_> = specs(&base)
        .iter()
        .zip(&margin)
        .map(|(s, id)| (s.loss.name.clone(), s.id != *id))
        .collect();
    assert!(
        moved.iter().all(|(loss, moved)| *moved == (loss != "ce")),
        "{moved:?}"
    );
}

/// The SHA-256 in the study is enough for a plan: the file is read only when images are drawn.
#[test]
fn ids_contain_the_hash_of_backgrounds_and_not_their_path() {
    let over = |file: &str, digit: &str| {
        let sha256 = digit.repeat(64);
        let table = format!("[backgrounds]\nfile = \"{file}\"\nsha256 = \"{sha256}\"\n[generator]");
        let study = smoke_with("[generator]", &table);
        let moved = specs(&study).iter().all(|spec| {
            let named = &spec.settings["backgrounds"];
            *named == sha256.as_str() && !spec.settings.to_string().contains(file)
        });
        assert!(moved);
        ids(&study)
    };
    let (one, other) = (over("one.npz", "1"), over("one.npz", "2"));
    assert_eq!(one, over("elsewhere/two.npz", "1"));
    let before = ids(&load_study("smoke").unwrap());
    for (a, b) in [(&one, &other), (&one, &before), (&other, &before)] {
        assert!(a.iter().all(|id| !b.contains(id)));
    }
}

#[test]
fn every_built_in_study_loads_and_has_its_name() {
    for name in built_in_studies() {
        let study = load_study(name).unwrap().study;
        assert_eq!(study.name, name);
        assert!(!study.description.is_empty(), "{name}");
    }
    assert!(built_in_studies().any(|name| name == "paper"));
}

/// New settings must not change the ids of finished runs. Raise a version constant (evaluation, kernel or generator) to
/// change them on purpose, and renew this list.
#[test]
fn run_ids_are_stable() {
    let all: BTreeSet<_> = ids(&load_study("smoke").unwrap()).into_iter().collect();
    for id in STABLE_IDS {
        assert!(all.contains(id), "{id}");
    }
}
