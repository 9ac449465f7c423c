//! Several studies side by side: what became of each claim, and what their files say differently.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use nodule_eval::statistics::holm;
use nodule_study::Study;
use nodule_study::claims::Hypothesis;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::files::{create_folder, write_atomic};
use nodule_study::records::FinishedRun;
use nodule_study::text::{format_number, format_p_value};

use super::words;
use crate::Error;
use crate::figures::effect::{axis, effect, reach};
use crate::tables::cells::NONE;
use crate::tables::escape::spreadsheet;
use crate::tables::prose::prose;
use nodule_analysis::Verdict;
use nodule_analysis::flat_settings::flatten_settings;
use nodule_analysis::replication::{Replication, compare_effects};
use nodule_analysis::{Runs, unique};

const STYLE: &str = include_str!("compare.css");

/// A study, judged, for a comparison.
#[derive(Debug, Clone)]
pub struct ComparedStudy {
    /// What it is called beside the others, such as its folder.
    pub label: String,
    /// The study; distributions are called by their names.
    pub study: Study,
    /// What became of its claims, in its order.
    pub verdicts: Vec<Verdict>,
    /// The finished runs of its grid.
    pub runs: Vec<FinishedRun>,
}

/// A claim of a later study held against the first one's: the test, its p corrected over all of them, or why there
/// is none.
type Held = Result<(Replication, f64), &'static str>;

/// The tests of every study after the first, by study and then by claim, in the study's order; none where the first
/// has no claim of that id.
type AllHeld = Vec<Vec<Option<Held>>>;

/// Writes `index.html` and `comparison.csv` (one row a claim and study) into `out`; returns the page's path.
///
/// # Errors
/// If a study cannot be spelled, or a file cannot be written.
pub fn write_comparison(studies: &[ComparedStudy], out: &Path) -> Result<PathBuf, Error> {
    let all: Vec<Verdict> = studies.iter().flat_map(|s| s.verdicts.clone()).collect();
    let ids = unique(all.iter().map(|verdict| verdict.id.clone()));
    let held = held(studies)?;
    let page = page(studies, &held, (&ids, reach(&all)))?;
    let table = csv(studies, &held)?;
    create_folder(out)?;
    write_atomic(&out.join("comparison.csv"), table.bytes())?;
    let path = out.join("index.html");
    write_atomic(&path, page.as_bytes())?;
    Ok(path)
}

/// Every later study against the first.
fn held(studies: &[ComparedStudy]) -> Result<AllHeld, Error> {
    let runs: Vec<_> = studies
        .iter()
        .map(|s| Runs::new(&s.study, &s.runs))
        .collect();
    let Some(first) = runs.first() else {
        return Ok(Vec::new());
    };
    let of_claim = |claim: &Hypothesis, second: &Runs| {
        let mut before = first.study.hypotheses.iter();
        let before = before.find(|other| other.id == claim.id);
        let tested = before.map(|before| compare_effects((before, claim), (first, second)));
        tested.transpose()
    };
    let of_study = |second: &Runs| {
        let claims = second.study.hypotheses.iter();
        claims.map(|claim| of_claim(claim, second)).collect()
    };
    let tested = runs.iter().skip(1).map(of_study);
    let tested = tested.collect::<Result<Vec<Vec<_>>, Error>>()?;
    let tests = tested.iter().flatten().flatten().flatten();
    let mut corrected = holm(&tests.map(|test| test.p).collect::<Vec<_>>())?.into_iter();
    let mut with_p = |test: Result<Replication, &'static str>| {
        test.map(|test| {
            let p = corrected.next().unwrap_or(test.p);
            (test, p)
        })
    };
    let none = vec![None; first.study.hypotheses.len()];
    let later = tested.into_iter().map(|tests| {
        let tests = tests.into_iter();
        tests.map(|test| test.map(&mut with_p)).collect()
    });
    Ok([none].into_iter().chain(later).collect())
}

fn csv(studies: &[ComparedStudy], held: &AllHeld) -> Result<CsvFile, Error> {
    type Row<'a> = (
        &'a ComparedStudy,
        &'a Verdict,
        Option<&'a (Replication, f64)>,
    );
    let columns = [
        Column::new("study", |(study, ..): &Row| {
            spreadsheet(&study.label).into()
        }),
        Column::new("id", |(_, v, _)| (&v.id).into()),
        Column::new("claim", |(_, v, _)| spreadsheet(&v.claim).into()),
        Column::new("effect", |(_, v, _)| v.effect.into()),
        Column::new("ci_low", |(_, v, _)| v.interval.map(|i| i.low).into()),
        Column::new("ci_high", |(_, v, _)| v.interval.map(|i| i.high).into()),
        Column::new("smallest_effect", |(_, v, _)| v.smallest_effect.into()),
        Column::new("p_holm", |(_, v, _)| v.p_holm.into()),
        Column::new("n", |(_, v, _)| v.n.into()),
        Column::new("verdict", |(_, v, _)| v.ruling.text().into()),
        Column::new("minus_first", |(_, _, h)| h.map(|h| h.0.difference).into()),
        Column::new("minus_first_low", |(_, _, h)| {
            h.and_then(|h| h.0.interval).map(|i| i.low).into()
        }),
        Column::new("minus_first_high", |(_, _, h)| {
            h.and_then(|h| h.0.interval).map(|i| i.high).into()
        }),
        Column::new("minus_first_p", |(_, _, h)| h.map(|h| h.0.p).into()),
        Column::new("minus_first_p_holm", |(_, _, h)| h.map(|h| h.1).into()),
        Column::new("seeds", |(_, _, h)| h.map(|h| how(&h.0)).into()),
    ];
    let rows = studies.iter().zip(held).flat_map(|(study, held)| {
        let verdicts = study.verdicts.iter().zip(held);
        verdicts.map(move |(verdict, held)| {
            let tested = held.as_ref().and_then(|held| held.as_ref().ok());
            (study, verdict, tested)
        })
    });
    CsvFile::new("comparison", &columns, rows)
}

/// Which test it is.
fn how(test: &Replication) -> &'static str {
    if test.is_paired { "paired" } else { "unpaired" }
}

/// A test in a sentence.
fn told_test(held: &Held, first: &str) -> String {
    let (test, p) = match held {
        Ok(found) => found,
        Err(why) => return (*why).to_owned(),
    };
    let interval = test.interval.map_or_else(String::new, |i| {
        format!(" [{}, {}]", format_number(i.low), format_number(i.high))
    });
    let seeds = match test.is_paired {
        true => format!("{} pairs of the same run seeds", test.n.0),
        false => format!("{} seeds against {} others", test.n.1, test.n.0),
    };
    format!(
        "minus {first}: {}{interval}, corrected p {} ({seeds})",
        format_number(test.difference),
        format_p_value(*p)
    )
}

fn page(
    studies: &[ComparedStudy],
    held: &AllHeld,
    (ids, reach): (&[String], f64),
) -> Result<String, Error> {
    let differences = differences(studies)?;
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'";
                title { "Studies side by side" }
                style { (PreEscaped(STYLE)) }
            }
            body { main {
                h1 { (studies.len()) " studies side by side" }
                p.note {
                    "Each claim is judged by itself, over the finished runs of its own study. Below it, its effect minus that of the same claim in the first study: where run seeds are the same, over pairs of them (sign-flip test, bootstrap of pairs), else over both samples (permutation test of the means, bootstrap of each study); p is corrected by Holm over all these tests. A difference says that what the files say differently matters, and not which of it. Filled dot: supported; empty square: not supported; empty diamond on dashes: inconclusive. The band is smaller than matters; the axis counts smallest effects of interest, from minus "
                    (reach) " to " (reach) "."
                }
                h2 { "Claims" }
                div.scroll tabindex="0" role="group" aria-label="Claims" { (claims(studies, held, (ids, reach))) }
                h2 { "What the study files say differently" }
                @if differences.is_empty() { p { "Nothing." } }
                @else { div.scroll tabindex="0" role="group" aria-label="Differences" { (told(studies, &differences)) } }
            } }
        }
    };
    Ok(page.into_string())
}

fn heading(studies: &[ComparedStudy], first: &str) -> Markup {
    html! {
        thead { tr {
            th scope="col" { (first) }
            @for study in studies {
                th scope="col" {
                    code { (study.label) } br; (study.study.name) ", "
                    (study.runs.len()) " of " (study.study.train.len() * study.study.losses.len() * study.study.seeds) " runs"
                }
            }
        } }
    }
}

/// A claim by its id, and its test against the first study.
fn found<'a>(
    (study, held): (&'a ComparedStudy, &'a Vec<Option<Held>>),
    id: &str,
) -> Option<(&'a Verdict, Option<&'a Held>)> {
    let i = study.verdicts.iter().position(|v| v.id == id)?;
    Some((&study.verdicts[i], held.get(i)?.as_ref()))
}

fn claims(studies: &[ComparedStudy], held: &AllHeld, (ids, reach): (&[String], f64)) -> Markup {
    let first = studies.first().map_or("", |study| study.label.as_str());
    html! {
        table {
            (heading(studies, "claim"))
            tbody {
                @for id in ids {
                    @let found: Vec<_> = studies.iter().zip(held).map(|of| found(of, id)).collect();
                    @let texts = unique(found.iter().flatten().map(|(verdict, _)| &verdict.claim));
                    tr {
                        th scope="row" {
                            (id) ": " @for text in &texts { (prose(text)) " " }
                            @if texts.len() > 1 { "(claims of one id that differ)" }
                        }
                        @for found in &found {
                            td.drawing {
                                @match found {
                                    None => { (NONE) }
                                    Some((verdict, held)) => {
                                        strong { (words::heading(verdict)) } br; (words::effect(verdict)) ", n " (verdict.n)
                                        @if let Some(held) = held { br; span.held { (told_test(held, first)) } }
                                        (PreEscaped(effect(verdict, reach)))
                                    }
                                }
                            }
                        }
                    }
                }
            }
            tfoot { tr { td {} @for _ in studies { td.drawing { (PreEscaped(axis(reach))) } } } }
        }
    }
}

/// A setting, and what each study says of it.
type Difference = (String, Vec<Option<String>>);

/// The settings that not all studies share.
fn differences(studies: &[ComparedStudy]) -> Result<Vec<Difference>, Error> {
    let all = studies
        .iter()
        .map(|compared| flatten_settings(&compared.study));
    let all = all.collect::<Result<Vec<BTreeMap<_, _>>, _>>()?;
    let names: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    let said = names.into_iter().map(|name| {
        let values = all.iter().map(|settings| settings.get(name).cloned());
        (name.clone(), values.collect::<Vec<_>>())
    });
    let differ = |(_, values): &Difference| values.iter().any(|value| *value != values[0]);
    Ok(said.filter(differ).collect())
}

fn told(studies: &[ComparedStudy], differences: &[Difference]) -> Markup {
    html! {
        table {
            (heading(studies, "setting"))
            tbody {
                @for (name, values) in differences {
                    tr {
                        th scope="row" { code { (name) } }
                        @for value in values { td { code { (value.as_deref().unwrap_or(NONE)) } } }
                    }
                }
            }
        }
    }
}
