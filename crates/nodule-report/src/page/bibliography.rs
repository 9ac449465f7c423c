//! Bibliography in BibTeX: the study with its versions, the paper whose claim it tests, the data, and related work.

use nodule_analysis::Runs;

use super::AuditInfo;
use crate::tables::escape::latex;
use crate::text::count_of;

/// Entries of the paper, the data and related work.
const OTHERS: &str = include_str!("cited.bib");

/// Author of the study entry; BibTeX takes doubled braces for one name.
const AUTHORS: &str = "{The nodule-study authors}";

/// Returns `cite.bib`: the study with its name, root seed, the versions of its first run and the year of its last; or
/// the audit with its battery and number of models.
pub(crate) fn bibliography(runs: &Runs, audit: Option<&AuditInfo>) -> String {
    let study = runs.study;
    let is_plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
    let key: String = study.name.chars().filter(is_plain).collect();
    let versions = runs.all.first().map(|run| {
        let versions = &run.record.versions;
        // Kernels compute the networks of studies only.
        let kernels = match audit {
            Some(_) => String::new(),
            None => format!(" kernels {},", versions.kernel),
        };
        format!(
            "nodule {}, generator {},{kernels} commit {}; ",
            versions.nodule, versions.generator, versions.commit
        )
    });
    let extent = match audit {
        Some(audit) => format!(
            "{} on battery {}",
            count_of(runs.study.losses.len(), "model"),
            audit.battery
        ),
        None => format!(
            "{} of {} runs, {} seeds, root seed {}",
            runs.all.len(),
            runs.planned_count(),
            study.seeds,
            study.root_seed
        ),
    };
    let title = match audit {
        Some(_) => "Features used by external models: battery of study",
        None => "Effect of the loss on learned features: study",
    };
    let started = runs.all.iter().map(|run| run.record.started_unix_s);
    let year = match started.fold(0.0, f64::max) {
        // Records of external models have no start time.
        0.0 => String::new(),
        last => format!("  year = {{{}}},\n", year_of(last)),
    };
    format!(
        "@misc{{nodule-{key},\n  author = {{{AUTHORS}}},\n{year}  title = {{{title} {}}},\n  howpublished = {{{}{extent}}}\n}}\n\n{OTHERS}",
        latex(&study.name),
        latex(&versions.unwrap_or_default())
    )
}

/// Returns the year (UTC) of a time in seconds since 1970.
fn year_of(seconds: f64) -> u64 {
    let mut days = (seconds / 86_400.0) as u64;
    let mut year = 1970_u64;
    loop {
        let leap =
            year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
        let length = if leap { 366 } else { 365 };
        if days < length {
            return year;
        }
        (days, year) = (days - length, year + 1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_year_begins_on_the_first_of_january() {
        let first = |days: u32| f64::from(days) * 86_400.0;
        assert_eq!((year_of(0.0), year_of(first(365))), (1970, 1971));
        // 2024-12-31 and 2025-01-01, after a leap year.
        assert_eq!(
            (year_of(first(20_088)), year_of(first(20_089))),
            (2024, 2025)
        );
        assert_eq!(year_of(first(20_089) - 1.0), 2024);
    }
}
