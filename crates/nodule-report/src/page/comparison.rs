//! Comparison of several studies: verdicts of each claim, tests of its difference between studies, and differences of
//! the study files.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use nodule_analysis::Verdict;
use nodule_analysis::flat_settings::flatten_settings;
use nodule_analysis::replication::{Replication, compare_effects};
use nodule_analysis::{Runs, unique};
use nodule_eval::statistics::holm;
use nodule_study::Study;
use nodule_study::claims::Hypothesis;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::files::write_atomic;
use nodule_study::records::FinishedRun;
use nodule_study::text::format_p_value;
use nodule_synth::export::Staging;

use super::pooled::{self, Pooled, pool_claims};
use super::sentences;
use crate::Error;
use crate::figures::claim_effect::{axis, axis_end, claim_row};
use crate::tables::escape::spreadsheet;
use crate::tables::formatting::MISSING;
use crate::tables::prose::prose;
use crate::text::{count_of, with_interval};

const STYLE: &str = include_str!("comparison.css");

/// A judged study in a comparison.
#[derive(Debug, Clone)]
pub struct ComparedStudy {
    /// Name in the comparison, such as its folder.
    pub label: String,
    /// The study, with the names of its distributions.
    pub study: Study,
    /// Verdicts of its claims, in its order.
    pub verdicts: Vec<Verdict>,
    /// Finished runs of its grid.
    pub runs: Vec<FinishedRun>,
}

/// Test of a claim's effect against the first study with its p corrected by Holm over all tests, or the reason why it
/// cannot be tested.
type TestResult = Result<(Replication, f64), &'static str>;

/// Tests by study and claim, in the study's order; `None` for the first study and for claims that it does not have.
type Replications = Vec<Vec<Option<TestResult>>>;

/// Writes `index.html`, `comparison.csv` (one row per claim and study) and `pooled.csv` (one row per claim) into `out`, which must be empty or new, and
/// returns the path of the page.
///
/// # Errors
/// If a study cannot be serialised, or a file cannot be written.
///
/// ```
/// use nodule_report::{ComparedStudy, write_comparison};
/// use nodule_study::{Registry, load_study};
///
/// let compared = |label: &str| -> Result<_, nodule_study::Error> {
///     let study = load_study("smoke", &Registry::default())?.study_by_name();
///     let verdicts = nodule_analysis::judge(&study, &[])?;
///     Ok(ComparedStudy { label: label.to_owned(), study, verdicts, runs: Vec::new() })
/// };
/// let folder = tempfile::tempdir()?;
/// let out = folder.path().join("comparison");
/// let page = write_comparison(&[compared("a")?, compared("b")?], &out)?;
/// assert_eq!(page, out.join("index.html"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn write_comparison(studies: &[ComparedStudy], out: &Path) -> Result<PathBuf, Error> {
    let replications = replications(studies)?;
    let pooled = pool_claims(studies)?;
    let page = page(studies, &replications, &pooled)?;
    let table = csv(studies, &replications)?;
    let pooled = pooled::csv(&pooled)?;
    let staging = Staging::claim(out)?;
    let names @ [csv, pooled_csv, html] = ["comparison.csv", "pooled.csv", "index.html"];
    write_atomic(&staging.path().join(csv), table.bytes())?;
    write_atomic(&staging.path().join(pooled_csv), pooled.bytes())?;
    write_atomic(&staging.path().join(html), page.as_bytes())?;
    staging.finish(&names)?;
    Ok(out.join(html))
}

/// Tests every later study against the first.
fn replications(studies: &[ComparedStudy]) -> Result<Replications, Error> {
    let runs: Vec<_> = studies
        .iter()
        .map(|s| Runs::new(&s.study, &s.runs))
        .collect();
    let Some((first, later)) = runs.split_first() else {
        return Ok(Vec::new());
    };
    let test = |claim: &Hypothesis, second: &Runs| {
        let mut claims = first.study.hypotheses.iter();
        let same_id = claims.find(|other| other.id == claim.id);
        let compared = same_id.map(|other| compare_effects((other, claim), (first, second)));
        compared.transpose()
    };
    let tests = later.iter().map(|second| {
        let claims = second.study.hypotheses.iter();
        claims.map(|claim| test(claim, second)).collect()
    });
    let tests = tests.collect::<Result<Vec<Vec<_>>, Error>>()?;
    let tested = tests.iter().flatten().flatten().flatten();
    let p: Vec<f64> = tested.map(|test| test.p).collect();
    let mut corrected = holm(&p)?.into_iter();
    let mut with_corrected_p = |test: Replication| {
        let p = corrected.next().unwrap_or(test.p);
        (test, p)
    };
    let mut all = vec![vec![None; first.study.hypotheses.len()]];
    for study in tests {
        let study = study.into_iter();
        let corrected = study.map(|test| test.map(|found| found.map(&mut with_corrected_p)));
        all.push(corrected.collect());
    }
    Ok(all)
}

fn csv(studies: &[ComparedStudy], replications: &Replications) -> Result<CsvFile, Error> {
    type Test<'a> = Option<&'a (Replication, f64)>;
    type Row<'a> = (&'a ComparedStudy, &'a Verdict, Test<'a>);
    let columns = [
        Column::new("study", |(s, ..): &Row| spreadsheet(&s.label).into()),
        Column::new("id", |(_, v, _)| (&v.id).into()),
        Column::new("claim", |(_, v, _)| spreadsheet(&v.claim).into()),
        Column::new("effect", |(_, v, _)| v.effect.into()),
        Column::new("ci_low", |(_, v, _)| v.interval.map(|i| i.low).into()),
        Column::new("ci_high", |(_, v, _)| v.interval.map(|i| i.high).into()),
        Column::new("smallest_effect", |(_, v, _)| v.smallest_effect.into()),
        Column::new("p_holm", |(_, v, _)| v.p_holm.into()),
        Column::new("n", |(_, v, _)| v.n.into()),
        Column::new("verdict", |(_, v, _)| v.ruling.text().into()),
        Column::new("minus_first", |(_, _, r)| r.map(|r| r.0.difference).into()),
        Column::new("minus_first_low", |(_, _, r)| {
            r.and_then(|r| r.0.interval).map(|i| i.low).into()
        }),
        Column::new("minus_first_high", |(_, _, r)| {
            r.and_then(|r| r.0.interval).map(|i| i.high).into()
        }),
        Column::new("minus_first_p", |(_, _, r)| r.map(|r| r.0.p).into()),
        Column::new("minus_first_p_holm", |(_, _, r)| r.map(|r| r.1).into()),
        Column::new("seeds", |(_, _, r)| {
            r.map(|r| if r.0.is_paired { "paired" } else { "unpaired" })
                .into()
        }),
    ];
    let studies = studies.iter().zip(replications);
    let rows = studies.flat_map(|(study, replications)| {
        let verdicts = study.verdicts.iter().zip(replications);
        verdicts.map(move |(verdict, replication)| {
            let test = replication.as_ref().and_then(|found| found.as_ref().ok());
            (study, verdict, test)
        })
    });
    CsvFile::new("comparison", &columns, rows)
}

/// Returns the test as text.
fn replication_text(replication: &TestResult, first: &str) -> String {
    let (test, p) = match replication {
        Ok(found) => found,
        Err(reason) => return (*reason).to_owned(),
    };
    let seeds = match test.is_paired {
        true => format!("{} of equal training seeds", count_of(test.n.0, "pair")),
        false => format!(
            "{} against {} different ones",
            count_of(test.n.1, "seed"),
            test.n.0
        ),
    };
    format!(
        "minus {first}: {}, corrected p {} ({seeds})",
        with_interval(test.difference, test.interval),
        format_p_value(*p)
    )
}

fn page(
    studies: &[ComparedStudy],
    replications: &Replications,
    pooled: &[Pooled],
) -> Result<String, Error> {
    let differences = differences(studies)?;
    let all: Vec<Verdict> = studies.iter().flat_map(|s| s.verdicts.clone()).collect();
    let end = axis_end(&all);
    let page = html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'";
                title { "Comparison of studies" }
                style { (PreEscaped(STYLE)) }
            }
            body { main {
                h1 { "Comparison of " (studies.len()) " studies" }
                p.note {
                    "Each claim is judged over the finished runs of its own study. Below its verdict: its effect minus that of the same claim in the first study. Equal training seeds are compared in pairs (sign-flip test, bootstrap of pairs), different ones as two samples (permutation test of the means, bootstrap of each study); p is corrected by Holm over all these tests. A difference can have any of the causes listed under differences of the study files. Filled dot: supported; empty square: not supported; empty diamond with dashed interval: inconclusive. Band: negligible effects, within the smallest effect size of interest (SESOI). Axis: multiples of the SESOI, from minus "
                    (end) " to " (end) "."
                }
                h2 { "Claims" }
                div.scroll tabindex="0" role="group" aria-label="Claims" { (claims(studies, replications, end)) }
                (pooled::section(studies, pooled))
                h2 { "Differences of the study files" }
                @if differences.is_empty() { p { "None." } }
                @else { div.scroll tabindex="0" role="group" aria-label="Differences" { (differences_table(studies, &differences)) } }
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
                    (study.runs.len()) " of " (count_of(study.study.train.len() * study.study.losses.len() * study.study.seeds, "run"))
                }
            }
        } }
    }
}

/// Returns the verdict of a claim in a study, and its test against the first study.
fn find<'a>(
    (study, replications): (&'a ComparedStudy, &'a Vec<Option<TestResult>>),
    id: &str,
) -> Option<(&'a Verdict, Option<&'a TestResult>)> {
    let i = study.verdicts.iter().position(|v| v.id == id)?;
    Some((&study.verdicts[i], replications.get(i)?.as_ref()))
}

fn claims(studies: &[ComparedStudy], replications: &Replications, end: f64) -> Markup {
    let first = studies.first().map_or("", |study| study.label.as_str());
    let verdicts = studies.iter().flat_map(|study| &study.verdicts);
    let ids = unique(verdicts.map(|verdict| &verdict.id));
    html! {
        table {
            (heading(studies, "claim"))
            tbody {
                @for id in ids {
                    @let found: Vec<_> = studies.iter().zip(replications).map(|study| find(study, id)).collect();
                    @let texts = unique(found.iter().flatten().map(|(verdict, _)| &verdict.claim));
                    tr {
                        th scope="row" {
                            (id) ": " @for text in &texts { (prose(text)) " " }
                            @if texts.len() > 1 { "(the studies declare different claims with this id)" }
                        }
                        @for found in &found {
                            td.drawing {
                                @match found {
                                    None => { (MISSING) }
                                    Some((verdict, replication)) => {
                                        strong { (sentences::heading(verdict)) } br; (sentences::effect(verdict)) ", n " (verdict.n)
                                        @if let Some(replication) = replication { br; span { (replication_text(replication, first)) } }
                                        (PreEscaped(claim_row(verdict, end)))
                                    }
                                }
                            }
                        }
                    }
                }
            }
            tfoot { tr { td {} @for _ in studies { td.drawing { (PreEscaped(axis(end))) } } } }
        }
    }
}

/// A setting with its value in each study.
type Difference = (String, Vec<Option<String>>);

/// Returns the settings that differ between studies.
fn differences(studies: &[ComparedStudy]) -> Result<Vec<Difference>, Error> {
    let all = studies.iter().map(|s| flatten_settings(&s.study));
    let all = all.collect::<Result<Vec<BTreeMap<_, _>>, _>>()?;
    let names: BTreeSet<&String> = all.iter().flat_map(BTreeMap::keys).collect();
    let with_values = names.into_iter().map(|name| {
        let values = all.iter().map(|settings| settings.get(name).cloned());
        (name.clone(), values.collect::<Vec<_>>())
    });
    let is_different = |(_, values): &Difference| values.iter().any(|value| *value != values[0]);
    Ok(with_values.filter(is_different).collect())
}

fn differences_table(studies: &[ComparedStudy], differences: &[Difference]) -> Markup {
    html! {
        table {
            (heading(studies, "setting"))
            tbody {
                @for (name, values) in differences {
                    tr {
                        th scope="row" { code { (name) } }
                        @for value in values { td { code { (value.as_deref().unwrap_or(MISSING)) } } }
                    }
                }
            }
        }
    }
}
