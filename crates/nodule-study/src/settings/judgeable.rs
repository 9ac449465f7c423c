//! Can the claims of a study be judged by the runs that it plans? A permutation of one thing permutes
//! nothing, and too few seeds decide nothing.

use nodule_error::{InvalidInput, invalid_value};
use nodule_eval::ReadOut;

use super::claimed::Compared;
use super::{Contrast, Hypothesis, Resolved};

/// Fewer seeds decide nothing: no two-sided sign-flip test of five pairs reaches a p of 0.05
/// (2 / 2^5 is 0.0625), and a bootstrap of five is too narrow.
pub const FEWEST_SEEDS: usize = 6;
const LEVEL: f64 = 0.05;

/// Refuses a claim over losses where there are too few losses under its read-out. `why_without` says
/// in messages why one may not have a read-out.
pub(super) fn can_permute(
    claim: &Hypothesis,
    losses: &[Compared],
    why_without: &str,
) -> Result<(), InvalidInput> {
    let having = |read_out: ReadOut| {
        let has = |loss: &&Compared| loss.read_outs.contains(&read_out);
        losses.iter().filter(has).count()
    };
    let field = |name: &str| format!("hypothesis {}.contrast.{name}", claim.id);
    match &claim.contrast {
        Contrast::PairedDifference { .. } => Ok(()),
        Contrast::RankCorrelation { read_out, .. } => match having(*read_out) {
            0 | 1 if losses.len() > 1 => Err(invalid_value(
                field("read_out"),
                read_out,
                format!(
                    "a read-out that two losses have ({why_without}): outcomes are permuted among the runs of a seed, and one run has no other order"
                ),
            )),
            0 | 1 => Err(invalid_value(
                field("kind"),
                "rank-correlation",
                "paired-difference in a study with one loss: outcomes are permuted among the losses of a seed, and one has no other order",
            )),
            _ => Ok(()),
        },
        Contrast::OrderCarries { read_out, .. } => {
            if losses.len() < 2 {
                let allowed = "paired-difference in a study with one loss: an order is of two losses at least, and of three to be more than 1 or -1";
                return Err(invalid_value(field("kind"), "order-carries", allowed));
            }
            if having(*read_out) < losses.len() {
                let allowed = format!(
                    "a read-out that every loss has ({why_without}): an order is of all losses"
                );
                return Err(invalid_value(field("read_out"), read_out, allowed));
            }
            Ok(())
        }
    }
}

/// What the claims of a study cannot be expected to say, in sentences for whoever is about to run it:
/// those that its seeds cannot decide, and those that are coarser than they look.
#[must_use]
pub fn warnings(resolved: &Resolved) -> Vec<String> {
    let study = &resolved.study;
    let claims = &study.hypotheses;
    let mut all: Vec<String> = too_few_seeds(claims, study.seeds).into_iter().collect();
    let two = study.losses.len() == 2;
    let coarse = claims
        .iter()
        .filter(|claim| two && matches!(claim.contrast, Contrast::OrderCarries { .. }));
    all.extend(coarse.map(|claim| {
        format!(
            "hypothesis {}.contrast.kind = order-carries: with 2 losses Kendall's correlation of a seed is 1 or -1 and nothing between; name 3 losses or more, or compare the two by paired-difference",
            claim.id
        )
    }));
    all
}

fn too_few_seeds(claims: &[Hypothesis], seeds: usize) -> Option<String> {
    let named = |claims: Vec<&Hypothesis>| {
        let ids: Vec<_> = claims.iter().map(|claim| claim.id.as_str()).collect();
        (!ids.is_empty()).then(|| ids.join(", "))
    };
    if seeds < FEWEST_SEEDS {
        let ids = named(claims.iter().collect())?;
        return Some(format!(
            "seeds = {seeds}: too few to decide {ids}; no paired test of fewer than {FEWEST_SEEDS} seeds reaches p = {LEVEL}, so they end inconclusive"
        ));
    }
    // A correlation over all runs has more orders than a mean over seeds has signs.
    let of_seeds =
        |claim: &&Hypothesis| !matches!(claim.contrast, Contrast::RankCorrelation { .. });
    let ids = named(claims.iter().filter(of_seeds).collect())?;
    let reachable = |seeds: usize| claims.len() as f64 * 2f64.powi(1 - seeds.min(60) as i32);
    if reachable(seeds) < LEVEL {
        return None;
    }
    let enough = (seeds..=60).find(|n| reachable(*n) < LEVEL)?;
    Some(format!(
        "seeds = {seeds}: too few to count on for {ids}; Holm over {} claims can raise the smallest p of a paired test to {:.3}, and {enough} seeds bring it below {LEVEL}",
        claims.len(),
        reachable(seeds).min(1.0)
    ))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::settings::built_in::{built_in_studies, built_in_study};
    use crate::settings::{Registry, load_study, parse_study};

    /// The smoke study with all but one or two of its losses, and that one claim.
    fn with(losses: &str, seeds: usize, contrast: &str) -> Result<Resolved, crate::Error> {
        let smoke = built_in_study("smoke").unwrap();
        let (head, _) = smoke.split_once("[[hypothesis]]").unwrap();
        let three = "[\"ce\", \"contrastive\", \"ce+contrastive\"]";
        assert!(head.contains(three) && head.contains("seeds = 2"));
        let head = head.replace(three, losses);
        let head = head.replace("seeds = 2", &format!("seeds = {seeds}"));
        let claim =
            "[[hypothesis]]\nid = \"X\"\nclaim = \"c\"\ntrain = \"both\"\nsmallest_effect = 0.1\n";
        let text = format!("{head}{claim}[hypothesis.contrast]\n{contrast}\n");
        parse_study(&text, "mine.toml", Path::new("."), &Registry::default())
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
    fn a_claim_over_losses_needs_losses_that_have_its_read_out() {
        let two = "[\"ce\", \"contrastive\"]";
        for (losses, contrast, words) in [
            (
                "[\"ce\"]",
                rank("centroid"),
                "X.contrast.kind = rank-correlation",
            ),
            (
                "[\"ce\"]",
                order("centroid"),
                "X.contrast.kind = order-carries",
            ),
            (two, rank("head"), "X.contrast.read_out = head"),
            (two, order("head"), "X.contrast.read_out = head"),
        ] {
            let message = with(losses, 8, &contrast).unwrap_err().to_string();
            assert!(
                message.starts_with("mine.toml: hypothesis ") && message.contains(words),
                "{message}"
            );
        }
        let three = "[\"ce\", \"contrastive\", \"ce+contrastive\"]";
        for contrast in [rank("head"), rank("centroid"), order("centroid")] {
            let resolved = with(three, 8, &contrast).unwrap();
            assert!(warnings(&resolved).is_empty());
        }
        let found = warnings(&with(two, 8, &order("centroid")).unwrap());
        assert!(found.len() == 1 && found[0].contains("X") && found[0].contains("3 losses"));
        assert!(warnings(&with(two, 8, &rank("centroid")).unwrap()).is_empty());
    }

    #[test]
    fn claims_that_the_seeds_cannot_decide_are_named() {
        let mut named = Vec::new();
        for name in built_in_studies() {
            let resolved = load_study(name, &Registry::default()).unwrap();
            named.extend(warnings(&resolved).iter().map(|w| format!("{name}: {w}")));
        }
        // Seven claims need nine seeds; a sweep without claims warns of nothing.
        let expected = [
            "multiverse: seeds = 8: too few to count on for H1, H2, H4",
            "quick: seeds = 3: too few to decide H1, H2, H3",
            "smoke: seeds = 2: too few to decide H1, H2, H3",
        ];
        assert_eq!(named.len(), expected.len(), "{named:?}");
        for (warning, start) in named.iter().zip(expected) {
            assert!(warning.starts_with(start), "{warning}");
        }
        assert!(named[0].contains("to 0.055, and 9 seeds"), "{}", named[0]);
        let six = with("[\"ce\", \"contrastive\"]", 6, &rank("centroid")).unwrap();
        assert!(warnings(&six).is_empty());
        let many = |seeds| {
            let smoke = load_study("smoke", &Registry::default()).unwrap();
            let study = crate::Study {
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
}
