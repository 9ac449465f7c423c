//! The report in a browser: no errors or requests, working links, sections and tables, no overflow, a short print, and an
//! explorer that agrees with its tables. Skipped without a browser.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod explorer;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use explorer::check_explorer;
use nodule_tests::browser::{BROWSERS, count_sheets, evaluate, evaluate_dark, find_browser, load};
use nodule_tests::{succeed, workspace};

const CHECKS: &str = include_str!("../../browser/checks.js");
/// Upper limit on printed sheets with closed sections.
const MAX_SHEETS: usize = 12;
/// Upper limit on the size of the page of a small study, in bytes.
const MAX_BYTES: u64 = 3_000_000;

#[test]
fn the_report_works_in_a_browser() {
    let Some(browser) = find_browser() else {
        eprintln!("skipped: no browser ({})", BROWSERS.join(", "));
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    let out = folder.path().join("out");
    let page = out.join("report/index.html");
    check_explorer(browser, &out, &page);
    check_size(browser, &page);
    check_figure_widths(&out);
    check_links(browser, &page);
    check_contents(browser, &page);
    check_tables(browser, &page);
    check_overflow(browser, &page);
    check_print(browser, &page);
    check_accessibility(browser, &page);
    check_study_without_maps(browser, folder.path());
    let copied = Command::new("cp")
        .args(["-r", "out", "copy"])
        .current_dir(folder.path())
        .status();
    assert!(copied.unwrap().success());
    succeed(folder.path(), "study compare out copy --out compared");
    let compared = load(browser, &folder.path().join("compared/index.html"), "");
    assert_eq!(compared.console, "");
    assert!(compared.page.contains("None.") && compared.page.contains("<svg"));
}

/// A study without maps: the explorer says so and shows the decisions.
fn check_study_without_maps(browser: &str, folder: &Path) {
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
    assert!(loaded.page.contains("the study makes no saliency maps"));
    let (_, reported) = loaded.page.split_once("aria-live=\"polite\"").unwrap();
    assert!(
        reported
            .split_once("</output>")
            .unwrap()
            .0
            .contains("SD units"),
        "no decision is shown"
    );
}

/// Captions state the print width at which the smallest text has 7 pt, which must not exceed a page.
fn check_figure_widths(out: &Path) {
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

/// An address of a figure, a table and a claim opens what it lies in and comes into view; the way back shuts
/// nothing and leads back.
fn check_links(browser: &str, page: &Path) {
    for id in [
        "fig-landscape-head",
        "table-accuracy-both",
        "claim-H2",
        "how",
    ] {
        let script = format!(
            "{CHECKS} await settled(); const found = document.getElementById('{id}'); const box = found.getBoundingClientRect(); report(visible(found) && box.top < innerHeight && box.bottom > 0);"
        );
        let reported = evaluate(browser, page, (1400, &format!("#{id}")), &script);
        assert_eq!(reported, "true", "{id}");
    }
    let script = format!(
        "{CHECKS} const shut = document.querySelectorAll('details[open]').length; report({{ shut, dead: deadLinks(), silent: silentDrawings() }});"
    );
    let reported = evaluate(browser, page, (1400, ""), &script);
    assert_eq!(reported, r#"{"shut":0,"dead":[],"silent":0}"#);
    let script = format!(
        "{CHECKS} location.hash = '#maps'; await settled(); location.hash = '#fig-embedding'; await settled(); const there = visible(document.getElementById('fig-embedding')); history.back(); await settled(); const box = document.getElementById('maps').getBoundingClientRect(); report([there, location.hash, Math.abs(box.top) < 100]);"
    );
    let reported = evaluate(browser, page, (1400, ""), &script);
    assert_eq!(reported, r##"[true,"#maps",true]"##);
}

fn check_contents(browser: &str, page: &Path) {
    let script = format!(
        "{CHECKS} const seen = []; for (const id of ['summary', 'generalization', 'maps']) {{ document.getElementById(id).scrollIntoView(); await settled(); const current = [...document.querySelectorAll('#contents a[aria-current]')]; seen.push(current.map((a) => a.getAttribute('href')).join()); }} report(seen);"
    );
    for width in [360, 1400] {
        let reported = evaluate(browser, page, (width, ""), &script);
        assert_eq!(
            reported, r##"["#summary","#generalization","#maps"]"##,
            "{width}"
        );
    }
}

fn check_tables(browser: &str, page: &Path) {
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
    let reported = evaluate(browser, page, (1400, ""), &script);
    let expected = r#"[true,true,true,true,"descending","shape-only",1,"lidc"]"#;
    assert_eq!(reported, expected);
}

/// Checks the size of the page. The loading time is only printed, since other programs run in parallel.
fn check_size(browser: &str, page: &Path) {
    let bytes = fs::metadata(page).unwrap().len();
    assert!((100_000..MAX_BYTES).contains(&bytes), "{bytes} bytes");
    let blank = page.with_file_name("blank.html");
    fs::write(&blank, "<!doctype html><title>blank</title>").unwrap();
    let [seconds, blank_seconds] = [page, &blank].map(|page| {
        let clock = Instant::now();
        let loaded = load(browser, page, "");
        assert_eq!(loaded.console, "");
        clock.elapsed().as_secs_f64()
    });
    eprintln!(
        "a page of {bytes} bytes is loaded in {seconds:.1} s, a blank one in {blank_seconds:.1} s"
    );
}

fn check_overflow(browser: &str, page: &Path) {
    for width in [360, 800, 1400] {
        let script = format!(
            "{CHECKS} const shut = beyondThePage(); await everything(); report([shut, beyondThePage()]);"
        );
        let reported = evaluate(browser, page, (width, ""), &script);
        assert_eq!(reported, "[[],[]]", "{width} pixels");
    }
    let script = format!(
        "{CHECKS} await everything(); const all = clippedTexts(); report([all.count > 300, all.found]);"
    );
    let reported = evaluate(browser, page, (1400, ""), &script);
    assert_eq!(reported, "[true,[]]");
}

fn check_print(browser: &str, page: &Path) {
    let (shut, open) = (
        count_sheets(browser, page, ""),
        count_sheets(browser, page, "#everything"),
    );
    assert!((1..=MAX_SHEETS).contains(&shut), "{shut} sheets");
    assert!(
        open > shut + 5,
        "{open} sheets with everything, {shut} without"
    );
}

/// Runs axe-core if installed with `npm install --no-save axe-core` at the root.
fn check_accessibility(browser: &str, page: &Path) {
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
        for evaluate in [evaluate, evaluate_dark] {
            let reported = evaluate(browser, page, (width, fragment), &script);
            assert_eq!(reported, "[]", "{width} pixels {fragment}");
        }
    }
}
