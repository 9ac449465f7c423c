//! The multiverse: every claim judged again in every variant of the study and under every read-out
//! (Steegen et al. 2016), and the share of settings in which each verdict holds.

use nodule_eval::ReadOut;
use rayon::prelude::*;

use super::shared_read_outs;
use super::universes::Universe;
use crate::Error;
use crate::csv_text::csv_bytes;
use crate::extra::Extra;
use crate::figures::multiverse::{Outcome, figure};
use crate::hypotheses::{Ruling, Verdict, judge};
use crate::numbers::number;
use crate::settings::{Contrast, Hypothesis, Study};
use crate::source::{Key, Source};
use crate::table::Table;
use crate::tables::{NONE, texts};

/// Nothing where the study declares no claims.
pub(super) fn extra(study: &Study, universes: &[Universe]) -> Result<Extra, Error> {
    if study.hypotheses.is_empty() {
        return Ok(Extra::default());
    }
    let outcomes = outcomes(study, universes);
    Ok(Extra {
        figures: vec![figure(study, &outcomes)],
        tables: vec![shares(study, &outcomes)],
        csv: vec![("multiverse".into(), csv(&outcomes)?)],
        ..Extra::default()
    })
}

fn outcomes(study: &Study, universes: &[Universe]) -> Vec<Outcome> {
    let read_outs = shared_read_outs(study);
    let settings: Vec<_> = universes
        .iter()
        .enumerate()
        .flat_map(|(i, universe)| read_outs.iter().map(move |r| (i, universe, *r)))
        .collect();
    let judged = settings.par_iter().map(|&(i, universe, read_out)| {
        let first = read_outs.first() == Some(&read_out);
        let claims = study.hypotheses.iter();
        let verdicts = judge(&under(&universe.study, read_out), &universe.runs);
        let of_claim = |(claim, verdict): (&Hypothesis, Verdict)| {
            let own = read_out_of(claim);
            // A claim about read-outs has its own: once is enough.
            let judged = verdict.effect.is_some() && (own.is_some() || first);
            judged.then(|| Outcome {
                variant: universe.name.clone(),
                read_out: own.map(|_| read_out),
                verdict,
                declared: i == 0 && own.is_none_or(|own| own == read_out),
            })
        };
        claims
            .zip(verdicts)
            .filter_map(of_claim)
            .collect::<Vec<_>>()
    });
    judged.collect::<Vec<_>>().into_iter().flatten().collect()
}

/// The one read-out that a claim is judged by; none where it compares two.
fn read_out_of(claim: &Hypothesis) -> Option<ReadOut> {
    match &claim.contrast {
        Contrast::PairedDifference { a, b, .. } => (a.read_out == b.read_out).then_some(a.read_out),
        Contrast::RankCorrelation { read_out, .. } | Contrast::OrderCarries { read_out, .. } => {
            Some(*read_out)
        }
    }
}

/// The study with its claims judged by `by`.
fn under(study: &Study, by: ReadOut) -> Study {
    let mut study = study.clone();
    for claim in &mut study.hypotheses {
        match &mut claim.contrast {
            Contrast::PairedDifference { a, b, .. } if a.read_out == b.read_out => {
                (a.read_out, b.read_out) = (by, by);
            }
            Contrast::PairedDifference { .. } => {}
            Contrast::RankCorrelation { read_out, .. }
            | Contrast::OrderCarries { read_out, .. } => *read_out = by,
        }
    }
    study
}

fn shares(study: &Study, outcomes: &[Outcome]) -> Table {
    let rows = study.hypotheses.iter().map(|claim| {
        let of_claim = || outcomes.iter().filter(|o| o.verdict.id == claim.id);
        let settings = of_claim().count();
        let share = |ruling: Ruling| {
            let n = of_claim().filter(|o| o.verdict.ruling == ruling).count();
            format!("{:.0}% ({n})", 100.0 * n as f64 / settings.max(1) as f64)
        };
        let declared = of_claim().find(|o| o.declared);
        let mut effects: Vec<f64> = of_claim().filter_map(|o| o.verdict.effect).collect();
        effects.sort_by(f64::total_cmp);
        let at = |share: f64| {
            let index = (share * (effects.len().max(1) - 1) as f64).round() as usize;
            effects
                .get(index)
                .map_or(NONE.to_owned(), |effect| number(*effect))
        };
        vec![
            claim.id.clone(),
            claim.claim.clone(),
            declared
                .map_or(NONE, |o| o.verdict.ruling.text())
                .to_owned(),
            share(Ruling::Supported),
            share(Ruling::NotSupported),
            share(Ruling::Inconclusive),
            format!("{}, {}, {}", at(0.0), at(0.5), at(1.0)),
            settings.to_string(),
        ]
    });
    Table {
        source: Source {
            file: "multiverse",
            keys: vec![("id", Key::Column(0))],
            first: 2,
        },
        name: "multiverse".into(),
        caption: format!(
            "The multiverse: every claim judged again with one of our choices changed, under every read-out that all losses have; up to {} seeds a setting, Holm within each. Share (number) of settings by verdict, and the least, median and greatest effect.",
            study.seeds
        ),
        header: texts(&[
            "",
            "claim",
            "as declared",
            "supported",
            "not supported",
            "inconclusive",
            "effect: least, median, greatest",
            "settings",
        ]),
        rows: rows.collect(),
    }
}

fn csv(outcomes: &[Outcome]) -> Result<Vec<u8>, Error> {
    let rows = outcomes.iter().map(|o| {
        let v = &o.verdict;
        let ends = (v.interval.map(|i| i.low), v.interval.map(|i| i.high));
        let key = (&o.variant, o.read_out, &v.id);
        (key, v.effect, ends, v.p, v.p_holm, v.n, v.ruling.text())
    });
    csv_bytes("multiverse", &MULTIVERSE, rows)
}

const MULTIVERSE: [&str; 10] = [
    "variant", "readout", "id", "effect", "ci_low", "ci_high", "p", "p_holm", "n", "verdict",
];
