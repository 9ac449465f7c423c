//! Several studies side by side: what became of each claim, and what their files say differently.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use maud::{DOCTYPE, Markup, PreEscaped, html};
use nodule_study::Study;
use nodule_study::csv::{Column, CsvFile};
use nodule_study::files::{create_folder, write_atomic};

use super::words;
use crate::Error;
use crate::analysis::each_once;
use crate::analysis::settings::settings;
use crate::analysis::verdicts::Verdict;
use crate::figures::effect::{axis, effect, reach};
use crate::tables::cells::NONE;
use crate::tables::escape::spreadsheet;
use crate::tables::prose::prose;

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
    /// Finished runs of its grid.
    pub finished: usize,
}

/// Writes `index.html` and `comparison.csv` (one row a claim and study) into `out`; returns the page's path.
///
/// # Errors
/// If a study cannot be spelled, or a file cannot be written.
pub fn write_comparison(studies: &[ComparedStudy], out: &Path) -> Result<PathBuf, Error> {
    let all: Vec<Verdict> = studies.iter().flat_map(|s| s.verdicts.clone()).collect();
    let ids = each_once(all.iter().map(|verdict| verdict.id.clone()));
    let page = page(studies, &ids, reach(&all))?;
    let table = csv(studies)?;
    create_folder(out)?;
    write_atomic(&out.join("comparison.csv"), table.bytes())?;
    let path = out.join("index.html");
    write_atomic(&path, page.as_bytes())?;
    Ok(path)
}

fn csv(studies: &[ComparedStudy]) -> Result<CsvFile, Error> {
    type Row<'a> = (&'a ComparedStudy, &'a Verdict);
    let columns = [
        Column::new("study", |(study, _): &Row| spreadsheet(&study.label).into()),
        Column::new("id", |(_, v)| (&v.id).into()),
        Column::new("claim", |(_, v)| spreadsheet(&v.claim).into()),
        Column::new("effect", |(_, v)| v.effect.into()),
        Column::new("ci_low", |(_, v)| v.interval.map(|i| i.low).into()),
        Column::new("ci_high", |(_, v)| v.interval.map(|i| i.high).into()),
        Column::new("smallest_effect", |(_, v)| v.smallest_effect.into()),
        Column::new("p_holm", |(_, v)| v.p_holm.into()),
        Column::new("n", |(_, v)| v.n.into()),
        Column::new("verdict", |(_, v)| v.ruling.text().into()),
    ];
    let rows = studies.iter().flat_map(|study| {
        let verdicts = study.verdicts.iter();
        verdicts.map(move |verdict| (study, verdict))
    });
    CsvFile::new("comparison", &columns, rows)
}

fn page(studies: &[ComparedStudy], ids: &[String], reach: f64) -> Result<String, Error> {
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
                    "Each claim is judged by itself, over the finished runs of its own study; studies may share seeds, and no test between them is made. Filled dot: supported; empty square: not supported; empty diamond on dashes: inconclusive. The band is smaller than matters; the axis counts smallest effects of interest, from minus "
                    (reach) " to " (reach) "."
                }
                h2 { "Claims" }
                div.scroll tabindex="0" role="group" aria-label="Claims" { (claims(studies, ids, reach)) }
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
                    (study.finished) " of " (study.study.train.len() * study.study.losses.len() * study.study.seeds) " runs"
                }
            }
        } }
    }
}

fn claims(studies: &[ComparedStudy], ids: &[String], reach: f64) -> Markup {
    let find = |study: &'_ ComparedStudy, id: &str| study.verdicts.iter().position(|v| v.id == id);
    html! {
        table {
            (heading(studies, "claim"))
            tbody {
                @for id in ids {
                    @let found: Vec<_> = studies.iter().map(|study| find(study, id).map(|i| &study.verdicts[i])).collect();
                    @let texts = each_once(found.iter().flatten().map(|verdict| &verdict.claim));
                    tr {
                        th scope="row" {
                            (id) ": " @for text in &texts { (prose(text)) " " }
                            @if texts.len() > 1 { "(claims of one id that differ)" }
                        }
                        @for verdict in &found {
                            td.drawing {
                                @match verdict {
                                    None => { (NONE) }
                                    Some(verdict) => {
                                        strong { (words::heading(verdict)) } br; (words::effect(verdict)) ", n " (verdict.n)
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
    let all = studies.iter().map(|compared| settings(&compared.study));
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
