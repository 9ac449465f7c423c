//! The report in a real browser, where one is installed: it loads without an error or a request, its
//! addresses, folds and tables work, nothing leaves the page or its drawing, it is short in print, and the
//! explorer does what the table of its numbers says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod explorer;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Instant;

use explorer::the_explorer_says_what_its_tables_say;
use nodule_tests::browser::{BROWSERS, asked, asked_in_the_dark, browser, load, sheets};
use nodule_tests::{succeed, workspace};

const CHECKS: &str = include_str!("../../browser/checks.js");
/// Sheets of the page with its folds shut.
const MOST_SHEETS: usize = 12;
/// Bytes of the page of a small study.
const MOST_BYTES: u64 = 3_000_000;

#[test]
fn the_report_does_in_a_browser_what_it_is_for() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no browser ({})", BROWSERS.join(", "));
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    let out = folder.path().join("out");
    let page = out.join("report/index.html");
    the_explorer_says_what_its_tables_say(browser, &out, &page);
    the_page_is_small_and_opens(browser, &page);
    figures_are_read_where_they_are_as_wide_as_a_page(&out);
    networks_stand_side_by_side(browser, &out, &page);
    addresses_open_folds(browser, &page);
    contents_show_the_section_in_view(browser, &page);
    tables_are_sorted_searched_and_filtered(browser, &page);
    nothing_leaves_the_page_or_its_drawing(browser, &page);
    print_is_short_with_folds_shut(browser, &page);
    a_checker_of_accessibility_finds_nothing(browser, &page);
    a_study_without_maps_shows_its_decisions(browser, folder.path());
    succeed(folder.path(), "study compare out out --out compared");
    let compared = load(browser, &folder.path().join("compared/index.html"), "");
    assert_eq!(compared.console, "");
    assert!(compared.page.contains("Nothing.") && compared.page.contains("<svg"));
}

/// The same study that asks for no maps: the explorer has no method to choose, and says so in their place.
fn a_study_without_maps_shows_its_decisions(browser: &str, folder: &Path) {
    let smoke = fs::read_to_string(workspace().join("data/studies/smoke.toml")).unwrap();
    let lines = smoke.lines().map(|line| match line {
        line if line.starts_with("maps = ") => "maps = 0",
        line => line,
    });
    let without = lines.collect::<Vec<_>>().join("\n");
    assert_ne!(without, smoke);
    fs::write(folder.join("unmapped.toml"), without).unwrap();
    succeed(folder, "study run --study unmapped.toml --out unmapped");
    let page = folder.join("unmapped/report/index.html");
    let loaded = load(browser, &page, "#explorer");
    assert_eq!(loaded.console, "");
    assert!(loaded.page.contains("the study asks for no maps"));
    let (_, said) = loaded.page.split_once("aria-live=\"polite\"").unwrap();
    assert!(
        said.split_once("</output>").unwrap().0.contains("spreads"),
        "no decision is told"
    );
}

/// Captions say how wide a figure must be in print so that its smallest text has 7 pt: no more than a page has.
fn figures_are_read_where_they_are_as_wide_as_a_page(out: &Path) {
    let files = fs::read_dir(out.join("figures")).unwrap();
    let captions = files.map(|file| file.unwrap().path());
    let captions = captions.filter(|path| path.extension().is_some_and(|e| e == "txt"));
    let widths = captions.map(|path| {
        let text = fs::read_to_string(&path).unwrap();
        let (_, rest) = text.split_once("Printed at least ").unwrap();
        let width: f64 = rest.split(' ').next().unwrap().parse().unwrap();
        (path, width)
    });
    let widths: Vec<_> = widths.collect();
    assert!(widths.len() > 10, "{}", widths.len());
    let wide = widths.iter().find(|(_, width)| *width > 17.5);
    assert_eq!(wide, None);
}

/// Any two networks, as the table of landscapes has them.
fn networks_stand_side_by_side(browser: &str, out: &Path, page: &Path) {
    let script = format!(
        r#"{CHECKS} location.hash = "side-by-side"; await settled();
        const choose = (side, name, value) => {{
          const select = document.querySelector(`[data-side=${{side}}] select[name="${{name}}"]`);
          select.value = value;
          select.dispatchEvent(new Event("change", {{ bubbles: true }}));
        }};
        for (const [side, seed] of [["first", "1"], ["second", "mean"]]) {{
          choose(side, "train", "shape"); choose(side, "loss", "ce"); choose(side, "read-out", "knn"); choose(side, "seed", seed);
        }}
        report(document.querySelector(".compared").textContent);"#
    );
    let said = asked(browser, page, (1400, ""), &script);
    let mut table = csv::Reader::from_path(out.join("tables/landscape.csv")).unwrap();
    let rows = table.records().map(Result::unwrap);
    let wanted = |row: &csv::StringRecord| {
        (&row[1], &row[2], &row[4], &row[5], &row[6]) == ("shape", "ce", "knn", "1.0", "0.0")
    };
    let scores: Vec<f64> = rows
        .filter(wanted)
        .map(|row| row[7].parse().unwrap())
        .collect();
    assert_eq!(scores.len(), 2);
    let thousandths = |value: f64| (1000.0 * value).round() / 1000.0;
    let (one, mean) = (
        thousandths(scores[1]),
        thousandths((scores[0] + scores[1]) / 2.0),
    );
    let text = |value: f64| match value {
        0.0 => "0.000".to_owned(),
        _ => format!("{value:+.3}").replace('-', "\u{2212}"),
    };
    let expected = format!(
        "\"shape 1, texture 0: first {} spreads, second {} spreads, difference {}\"",
        text(one),
        text(mean),
        text(thousandths(one - mean))
    );
    assert_eq!(said, expected);
}

/// An address of a figure, a table and a claim opens what it lies in and comes into view; the way back shuts
/// nothing and leads back.
fn addresses_open_folds(browser: &str, page: &Path) {
    for id in [
        "fig-landscape-head",
        "table-accuracy-both",
        "claim-H2",
        "how",
    ] {
        let script = format!(
            "{CHECKS} await settled(); const found = document.getElementById('{id}'); const box = found.getBoundingClientRect(); report(visible(found) && box.top < innerHeight && box.bottom > 0);"
        );
        let said = asked(browser, page, (1400, &format!("#{id}")), &script);
        assert_eq!(said, "true", "{id}");
    }
    let script = format!(
        "{CHECKS} const shut = document.querySelectorAll('details[open]').length; report({{ shut, dead: deadLinks(), silent: silentDrawings() }});"
    );
    let said = asked(browser, page, (1400, ""), &script);
    assert_eq!(said, r#"{"shut":0,"dead":[],"silent":0}"#);
    let script = format!(
        "{CHECKS} location.hash = '#maps'; await settled(); location.hash = '#fig-embedding'; await settled(); const there = visible(document.getElementById('fig-embedding')); history.back(); await settled(); const box = document.getElementById('maps').getBoundingClientRect(); report([there, location.hash, Math.abs(box.top) < 100]);"
    );
    let said = asked(browser, page, (1400, ""), &script);
    assert_eq!(said, r##"[true,"#maps",true]"##);
}

fn contents_show_the_section_in_view(browser: &str, page: &Path) {
    let script = format!(
        "{CHECKS} const seen = []; for (const id of ['summary', 'elsewhere', 'maps']) {{ document.getElementById(id).scrollIntoView(); await settled(); const current = [...document.querySelectorAll('#contents a[aria-current]')]; seen.push(current.map((a) => a.getAttribute('href')).join()); }} report(seen);"
    );
    for width in [360, 1400] {
        let said = asked(browser, page, (width, ""), &script);
        assert_eq!(said, r##"["#summary","#elsewhere","#maps"]"##, "{width}");
    }
}

fn tables_are_sorted_searched_and_filtered(browser: &str, page: &Path) {
    let script = format!(
        r#"{CHECKS} await everything();
        const figure = document.getElementById("table-accuracy-both").querySelector("figure");
        const table = figure.querySelector("table");
        const column = (i) => [...table.tBodies[0].rows].filter((r) => !r.hidden).map((r) => r.cells[i].textContent);
        const numbers = (all) => all.map((t) => parseFloat(t.replace("\u2212", "-"))).filter((n) => !isNaN(n));
        const sorted = (all) => all.every((n, i) => !i || all[i - 1] <= n);
        const before = column(0).length;
        const heading = table.tHead.rows[0].cells[2];
        heading.querySelector("button").click();
        const up = sorted(numbers(column(2)));
        heading.querySelector("button").click();
        const down = sorted(numbers(column(2)).reverse());
        const search = figure.querySelector("input[type=search]");
        search.value = "shape-only knn";
        search.dispatchEvent(new Event("input", {{ bubbles: true }}));
        const searched = column(0).join();
        search.value = "";
        const select = figure.querySelector("select");
        select.value = "lidc";
        select.dispatchEvent(new Event("input", {{ bubbles: true }}));
        const filtered = column(0);
        report([before > 8, numbers(column(2)).length > 1, up, down, heading.getAttribute("aria-sort"), searched, new Set(filtered).size, filtered[0]]);"#
    );
    let said = asked(browser, page, (1400, ""), &script);
    let expected = r#"[true,true,true,true,"descending","shape-only",1,"lidc"]"#;
    assert_eq!(said, expected);
}

/// The page of a small study is small; how long it takes to open is said, since other programs run beside it.
fn the_page_is_small_and_opens(browser: &str, page: &Path) {
    let bytes = fs::metadata(page).unwrap().len();
    assert!((100_000..MOST_BYTES).contains(&bytes), "{bytes} bytes");
    let blank = page.with_file_name("blank.html");
    fs::write(&blank, "<!doctype html><title>blank</title>").unwrap();
    let [of_page, of_blank] = [page, &blank].map(|page| {
        let clock = Instant::now();
        let loaded = load(browser, page, "");
        assert_eq!(loaded.console, "");
        clock.elapsed().as_secs_f64()
    });
    eprintln!(
        "a page of {bytes} bytes is loaded and told in {of_page:.1} s, a blank one in {of_blank:.1} s"
    );
}

fn nothing_leaves_the_page_or_its_drawing(browser: &str, page: &Path) {
    for width in [360, 800, 1400] {
        let script = format!(
            "{CHECKS} const shut = beyondThePage(); await everything(); report([shut, beyondThePage()]);"
        );
        let said = asked(browser, page, (width, ""), &script);
        assert_eq!(said, "[[],[]]", "{width} pixels");
    }
    let script = format!(
        "{CHECKS} await everything(); const all = clippedTexts(); report([all.count > 300, all.found]);"
    );
    let said = asked(browser, page, (1400, ""), &script);
    assert_eq!(said, "[true,[]]");
}

fn print_is_short_with_folds_shut(browser: &str, page: &Path) {
    let (shut, open) = (
        sheets(browser, page, ""),
        sheets(browser, page, "#everything"),
    );
    assert!((1..=MOST_SHEETS).contains(&shut), "{shut} sheets");
    assert!(
        open > shut + 5,
        "{open} sheets with everything, {shut} without"
    );
}

/// axe-core, from the npm registry, where somebody has put it: `npm install --no-save axe-core` at the root.
fn a_checker_of_accessibility_finds_nothing(browser: &str, page: &Path) {
    let path: PathBuf = workspace().join("node_modules/axe-core/axe.min.js");
    let Ok(axe) = fs::read_to_string(&path) else {
        eprintln!("skipped: no axe-core ({})", path.display());
        return;
    };
    let script = format!(
        "{axe}\n; await new Promise((done) => setTimeout(done, 500)); const found = await axe.run(document, {{ iframes: false }}); report(found.violations.map((v) => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 120)]));"
    );
    for (width, fragment) in [
        (1400, ""),
        (1400, "#everything"),
        (800, "#everything"),
        (360, "#everything"),
    ] {
        for asked in [asked, asked_in_the_dark] {
            let said = asked(browser, page, (width, fragment), &script);
            assert_eq!(said, "[]", "{width} pixels {fragment}");
        }
    }
}
