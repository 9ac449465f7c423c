//! Plans: which runs a study has, their seeds and their ids.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeSet;

use nodule_study::{Resolved, RunSpec, load_study, plan};

fn specs(resolved: &Resolved) -> Vec<RunSpec> {
    plan(resolved, "cpu")
}

fn ids(resolved: &Resolved) -> Vec<String> {
    specs(resolved).into_iter().map(|s| s.id).collect()
}

#[test]
fn the_paper_profile_is_the_grid_that_the_protocol_asks_for() {
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
fn the_extended_profile_trains_every_loss() {
    let extended = load_study("extended").unwrap();
    let losses: BTreeSet<_> = specs(&extended)
        .iter()
        .map(|s| s.loss_name.clone())
        .collect();
    assert_eq!(losses.len(), 7);
}

#[test]
fn losses_share_everything_that_belongs_to_a_seed_and_nothing_else_does() {
    let specs = specs(&load_study("quick").unwrap());
    for a in &specs {
        for b in &specs {
            let same = a.seed == b.seed;
            assert_eq!(a.seeds.weights == b.seeds.weights, same);
            assert_eq!(a.seeds.order == b.seeds.order, same);
            assert_eq!(
                a.seeds.train_data == b.seeds.train_data,
                same && a.train.name == b.train.name
            );
        }
        assert_ne!(a.seeds.train_data, a.seeds.validation_data);
    }
}

#[test]
fn an_id_changes_with_what_changes_the_numbers_and_with_nothing_else() {
    let base = load_study("smoke").unwrap();
    let changed = |change: fn(&mut Resolved)| {
        let mut other = base.clone();
        change(&mut other);
        ids(&other)
    };
    let before = ids(&base);
    assert_eq!(before, ids(&load_study("smoke").unwrap()));
    assert_eq!(
        before,
        changed(|r| r.study.description = "other words".into())
    );
    assert_eq!(before, changed(|r| r.study.hypotheses.clear()));
    assert_eq!(before[..9], changed(|r| r.study.seeds = 1)[..]);
    for other in [
        changed(|r| r.study.root_seed += 1),
        changed(|r| r.study.samples.train += 16),
        changed(|r| r.study.samples.probe += 1),
        changed(|r| r.study.training.learning_rate *= 2.0),
        changed(|r| r.study.generator.shape_amplitude = 0.5),
        changed(|r| r.study.network.hidden += 1),
        plan(&base, "cuda").into_iter().map(|s| s.id).collect(),
    ] {
        assert!(before.iter().all(|id| !other.contains(id)));
    }
    // The margin belongs to the contrastive losses alone: cross-entropy's runs need not be repeated.
    let margin = changed(|r| r.study.contrastive.margin = 0.5);
    let moved: Vec<_> = specs(&base)
        .iter()
        .zip(&margin)
        .map(|(s, id)| (s.loss_name.clone(), s.id != *id))
        .collect();
    assert!(
        moved.iter().all(|(loss, moved)| *moved == (loss != "ce")),
        "{moved:?}"
    );
}
