//! The report in a real browser, where one is installed: it loads without an error or a request, its
//! addresses, folds and tables work, nothing leaves the page or its drawing, it is short in print, and the
//! explorer does what the table of its numbers says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::{Path, PathBuf};

use nodule_tests::browser::{BROWSERS, asked, browser, load, sheets};
use nodule_tests::{succeed, workspace};

const CHECKS: &str = include_str!("../browser/checks.js");
/// Sheets of the page with its folds shut.
const MOST_SHEETS: usize = 12;

/// What the explorer says.
fn says(page: &str) -> &str {
    let (_, rest) = page.split_once("aria-live=\"polite\"").unwrap();
    let (_, rest) = rest.split_once('>').unwrap();
    rest.split_once("</output>").unwrap().0
}

/// The decision at a point, as the table has it.
fn decision(out: &Path, loss: &str, read_out: &str, shape: &str, texture: &str) -> f64 {
    let mut table = csv::Reader::from_path(out.join("tables/explorer.csv")).unwrap();
    let rows = table.records().map(Result::unwrap);
    let wanted = ["both", loss, read_out, shape, texture];
    let mut found = rows.filter(|row| (0..5).all(|i| row[i] == *wanted[i]));
    found.next().unwrap()[5].parse().unwrap()
}

fn sentence(loss: &str, read_out: &str, (shape, texture): (f64, f64), decision: f64) -> String {
    let word = if decision > 0.0 { "abnormal" } else { "normal" };
    let number = match decision > 0.0 {
        true => format!("{decision:+.3}"),
        false => format!("{decision:.3}").replace('-', "\u{2212}"),
    };
    format!("{loss}, {read_out}: shape {shape}, texture {texture}: {word}, {number} spreads")
}

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
    the_explorer_reacts(browser, &out, &page);
    the_explorer_compares(browser, &out, &page);
    every_choice_of_the_explorer_is_in_its_table(browser, &out, &page);
    networks_stand_side_by_side(browser, &out, &page);
    addresses_open_folds(browser, &page);
    contents_show_the_section_in_view(browser, &page);
    tables_are_sorted_searched_and_filtered(browser, &page);
    nothing_leaves_the_page_or_its_drawing(browser, &page);
    print_is_short_with_folds_shut(browser, &page);
    a_checker_of_accessibility_finds_nothing(browser, &page);
    succeed(folder.path(), "study compare out out --out compared");
    let compared = load(browser, &folder.path().join("compared/index.html"), "");
    assert_eq!(compared.console, "");
    assert!(compared.page.contains("Nothing.") && compared.page.contains("<svg"));
}

fn the_explorer_reacts(browser: &str, out: &Path, page: &Path) {
    let plain = load(browser, page, "");
    // A request would be refused by the page's own policy, and said on the console.
    assert_eq!(plain.console, "");
    assert_eq!(says(&plain.page), "", "it is read when it is opened");
    let opened = load(browser, page, "#explorer");
    assert!(
        says(&opened.page).starts_with("ce, "),
        "{}",
        says(&opened.page)
    );

    let linked = load(browser, page, "#explorer=contrastive,probe,0.75,0.125");
    assert_eq!(linked.console, "");
    let expected = decision(out, "contrastive", "probe", "0.75", "0.125");
    let expected = sentence("contrastive", "probe", (0.75, 0.125), expected);
    assert_eq!(says(&linked.page), expected);
    let unknown = load(browser, page, "#explorer=none,%,9,nine");
    assert_eq!(unknown.console, "");
    assert_eq!(says(&unknown.page), says(&opened.page));

    // A hand on the page: the fold, another loss, the pointer on a cell, then a key.
    let hand = r#"<script>
      document.querySelector("details[id=explorer] > summary").click();
      setTimeout(() => {
        document.querySelector('input[name=loss][value="ce+contrastive"]').click();
        document.querySelector('input[name="read-out"][value="centroid"]').click();
        const square = document.querySelector(".square");
        const box = square.getBoundingClientRect();
        const [clientX, clientY] = [box.left + box.width * 2.5 / 9, box.top + box.height * 4.5 / 9];
        square.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
        square.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
      }, 300);
    </script>"#;
    let text = fs::read_to_string(page).unwrap();
    let moved = out.join("report/moved.html");
    fs::write(&moved, text.replace("</body>", &format!("{hand}</body>"))).unwrap();
    let moved = load(browser, &moved, "");
    assert_eq!(moved.console, "");
    let expected = decision(out, "ce+contrastive", "centroid", "0.375", "0.5");
    let expected = sentence("ce+contrastive", "centroid", (0.375, 0.5), expected);
    assert_eq!(says(&moved.page), expected);
}

/// Two networks side by side, their difference, and what shape and texture alone do.
fn the_explorer_compares(browser: &str, out: &Path, page: &Path) {
    let both = load(
        browser,
        page,
        "#explorer=contrastive,probe,0.75,0.125,ce,head",
    );
    assert_eq!(both.console, "");
    let signed = |value: f64| format!("{value:+.3}").replace('-', "\u{2212}");
    let first = decision(out, "contrastive", "probe", "0.75", "0.125");
    let second = decision(out, "ce", "head", "0.75", "0.125");
    let less = format!(
        "ce, head: {} spreads; contrastive, probe minus ce, head: {}",
        signed(second),
        signed(first - second)
    );
    assert!(both.page.contains(&less), "{less}");
    let by = |from: [&str; 2], to: [&str; 2]| {
        let at =
            |[shape, texture]: [&str; 2]| decision(out, "contrastive", "probe", shape, texture);
        signed(at(to) - at(from))
    };
    let changes = format!(
        "shape alone moves the decision by {} spreads, texture alone by {}.",
        by(["0.0", "0.125"], ["1.0", "0.125"]),
        by(["0.75", "0.0"], ["0.75", "1.0"])
    );
    assert!(both.page.contains(&changes), "{changes}");
}

fn every_choice_of_the_explorer_is_in_its_table(browser: &str, out: &Path, page: &Path) {
    let script = format!(
        r#"{CHECKS} location.hash = "explorer"; await settled();
        const [said, square] = [[], document.querySelector("details[id=explorer] .square")];
        const radios = (name) => [...document.querySelectorAll(`input[name="${{name}}"]`)];
        for (const loss of radios("loss")) {{
          loss.click();
          for (const readOut of radios("read-out").filter((radio) => !radio.disabled)) {{
            readOut.click();
            for (const cell of square.children) {{
              const box = cell.getBoundingClientRect();
              const [clientX, clientY] = [box.left + box.width / 2, box.top + box.height / 2];
              square.dispatchEvent(new PointerEvent("pointermove", {{ clientX, clientY }}));
              said.push(document.querySelector("details[id=explorer] output").textContent);
            }}
          }}
        }}
        report(said);"#
    );
    let said = asked(browser, page, (1400, ""), &script);
    let mut table = csv::Reader::from_path(out.join("tables/explorer.csv")).unwrap();
    let rows = table.records().map(|row| {
        let row = row.unwrap();
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let sentence = sentence(&row[1], &row[2], (number(3), number(4)), number(5));
        format!("\"{sentence}\"")
    });
    let rows: Vec<_> = rows.collect();
    assert!(rows.len() > 500);
    assert!(said == format!("[{}]", rows.join(",")), "{said}");
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
    for fragment in ["", "#everything"] {
        let script = format!(
            "{axe}\n; await new Promise((done) => setTimeout(done, 500)); const found = await axe.run(document, {{ iframes: false }}); report(found.violations.map((v) => [v.id, v.impact, v.nodes.length, v.nodes[0].html.slice(0, 120)]));"
        );
        let said = asked(browser, page, (1400, fragment), &script);
        assert_eq!(said, "[]", "{fragment}");
    }
}
