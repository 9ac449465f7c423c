//! The explorer with all its choices, compared with the tables of its numbers.

use std::collections::BTreeSet;
use std::path::Path;

use nodule_tests::browser::{evaluate, load};

const CHECKS: &str = include_str!("../../browser/checks.js");
const CHOICES: &str = include_str!("../../browser/explorer.js");

/// Checks all functions of the explorer.
pub(crate) fn check_explorer(browser: &str, out: &Path, page: &Path) {
    check_opening(browser, page);
    check_decisions(browser, out, page);
    check_maps(browser, out, page);
    two_networks_and_one_change_are_compared(browser, out, page);
    check_pointer_and_address(browser, page);
}

fn evaluate_in_explorer(browser: &str, page: &Path, fragment: &str, script: &str) -> String {
    let script = format!("{CHECKS} {CHOICES} {script}");
    evaluate(browser, page, (1400, fragment), &script)
}

/// Returns the rows of a table.
fn rows(out: &Path, table: &str) -> Vec<csv::StringRecord> {
    let path = out.join("tables").join(table);
    let mut table = csv::Reader::from_path(path).unwrap();
    table.records().map(Result::unwrap).collect()
}

/// As the page says a number of spreads: thousandths, with a sign.
fn spreads(value: f64) -> String {
    match (1000.0 * value).round() {
        0.0 => "0.000".to_owned(),
        n => format!("{:+.3}", n / 1000.0).replace('-', "\u{2212}"),
    }
}

fn check_opening(browser: &str, page: &Path) {
    let says = |fragment: &str| {
        let loaded = load(browser, page, fragment);
        // The page's policy would block a request and report it on the console.
        assert_eq!(loaded.console, "");
        let (_, rest) = loaded.page.split_once("aria-live=\"polite\"").unwrap();
        let (_, rest) = rest.split_once('>').unwrap();
        rest.split_once("</output>").unwrap().0.to_owned()
    };
    assert_eq!(says(""), "");
    let first = says("#explorer");
    assert!(first.starts_with("both, ce, centroid, seed 0; "), "{first}");
    assert_eq!(
        says("#explorer=loss=none&shape=nine&seed=%&texture=9"),
        first
    );
}

/// Checks every network, nodule and point.
fn check_decisions(browser: &str, out: &Path, page: &Path) {
    let reported =
        evaluate_in_explorer(browser, page, "#explorer", "report(await everyDecision());");
    let reported: BTreeSet<String> = serde_json::from_str(&reported).unwrap();
    let expected = rows(out, "explorer.csv").into_iter().map(|row| {
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let decision = number(7);
        format!(
            "{}, {}, {}, seed {}; {}: shape {}, texture {}: {}, {} SD units",
            &row[0],
            &row[1],
            &row[3],
            &row[2],
            &row[4],
            number(5),
            number(6),
            if (1000.0 * decision).round() > 0.0 {
                "abnormal"
            } else {
                "normal"
            },
            spreads(decision)
        )
    });
    let expected: BTreeSet<String> = expected.collect();
    // Three distributions, two seeds, 11 losses with a read-out, 4 nodules.
    assert_eq!(expected.len(), 3 * 2 * 11 * 4 * 81);
    assert_eq!(reported.len(), expected.len());
    let first = reported.symmetric_difference(&expected).next();
    assert_eq!(first, None);
}

/// Checks the relevance mass of every map of every network, and that maps are drawn.
fn check_maps(browser: &str, out: &Path, page: &Path) {
    let reported = evaluate_in_explorer(browser, page, "#explorer", "report(await everyMap());");
    let (reported, drawn): (BTreeSet<String>, usize) = serde_json::from_str(&reported).unwrap();
    let table = rows(out, "explorer-maps.csv");
    let expected = table.iter().map(|row| {
        let ratio = |i: usize| match row[i].parse::<f64>() {
            Ok(ratio) => format!("{ratio:.2}"),
            Err(_) => "\u{2013}".to_owned(),
        };
        format!(
            "{}, {}, {}, seed {}; {}: Map by {} at shape {}, texture {}: relevance mass {} on the contour, {} in the interior, {} in the background",
            &row[0],
            &row[1],
            &row[3],
            &row[2],
            &row[5],
            &row[4],
            row[6].parse::<f64>().unwrap(),
            row[7].parse::<f64>().unwrap(),
            ratio(8),
            ratio(9),
            ratio(10)
        )
    });
    let expected: BTreeSet<String> = expected.collect();
    assert_eq!(expected.len(), 3 * 2 * 3 * 6 * 4 * 4);
    let first = reported.symmetric_difference(&expected).next();
    assert_eq!(first, None);
    // One nodule of one network by each method: no two are the same picture.
    assert_eq!(drawn, 6);
}

fn two_networks_and_one_change_are_compared(browser: &str, out: &Path, page: &Path) {
    let table = rows(out, "explorer.csv");
    let nodule = table.last().unwrap()[4].to_owned();
    let decision = |network: [&str; 4], shape: &str, texture: &str| {
        let wanted = [&network[..], &[&nodule, shape, texture]].concat();
        let found = table
            .iter()
            .find(|row| (0..7).all(|i| row[i] == *wanted[i]));
        let decision: f64 = found.unwrap()[7].parse().unwrap();
        (1000.0 * decision).round() / 1000.0
    };
    let [first, second] = [
        ["both", "contrastive", "1", "probe"],
        ["shape", "ce", "0", "head"],
    ];
    let script = format!(
        r#"for (const [name, value] of [["nodule", "{nodule}"], ["loss", "contrastive"], ["seed", "1"], ["read-out", "probe"], ["train-2", "shape"], ["loss-2", "ce"], ["seed-2", "0"], ["read-out-2", "head"], ["change", "texture"]]) choose(name, value);
        moveTo(6, 7);
        report([text(".differs"), text(".changes")]);"#
    );
    let reported = evaluate_in_explorer(browser, page, "#explorer", &script);
    let [differs, changes]: [String; 2] = serde_json::from_str(&reported).unwrap();
    let (a, b) = (
        decision(first, "0.75", "0.125"),
        decision(second, "0.75", "0.125"),
    );
    let expected = format!(
        "Network 2 (shape, ce, head, seed 0): {} SD units; network 1 minus network 2: {}.",
        spreads(b),
        spreads(a - b)
    );
    assert_eq!(differs, expected);
    let (low, high) = (
        decision(first, "0.75", "0.0"),
        decision(first, "0.75", "1.0"),
    );
    let expected = format!(
        "Texture alone, from 0 to 1 with shape at 0.75: the decision score goes from {} to {} SD units, by {}.",
        spreads(low),
        spreads(high),
        spreads(high - low)
    );
    assert_eq!(changes, expected);
    // A network beside itself: no difference in decisions, and none in maps.
    let script = r#"for (const [name, value] of [["train-2", "both"], ["loss-2", "ce"]]) choose(name, value);
        await settled();
        const drawn = find("canvas.map-difference");
        const { data } = drawn.getContext("2d").getImageData(0, 0, drawn.width, drawn.height);
        const blank = data.every((value) => value === 255);
        choose("seed-2", "1");
        await settled();
        const other = drawn.getContext("2d").getImageData(0, 0, drawn.width, drawn.height).data;
        report([visible(drawn), drawn.width, blank, other.every((value) => value === 255)]);"#;
    let reported = evaluate_in_explorer(browser, page, "#explorer", script);
    assert_eq!(reported, "[true,32,true,false]");
}

/// Pointer and keys move over the square; the address then leads back to what is shown.
fn check_pointer_and_address(browser: &str, page: &Path) {
    let hand = r#"document.querySelector("details[id=explorer] > summary").click();
        await settled();
        choose("loss", "ce+contrastive"); choose("train-2", "shape"); choose("map", "occlusion");
        moveTo(2, 4);
        find(".square").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
        await settled();
        report([location.hash, shown()]);"#;
    let reported = evaluate_in_explorer(browser, page, "", hand);
    let (address, moved): (String, String) = serde_json::from_str(&reported).unwrap();
    assert!(address.contains("shape=0.375&texture=0.5"), "{address}");
    assert!(moved.contains("shape 0.375, texture 0.5"), "{moved}");
    let script = "await settled(); report([location.hash, shown()]);";
    let reported = evaluate_in_explorer(browser, page, &address, script);
    assert_eq!(reported, serde_json::to_string(&(address, moved)).unwrap());
    // Contrastive networks have no head: the choice is not there, and the nearest network is shown.
    let script = r#"choose("read-out", "head"); choose("loss", "contrastive");
        const head = [...select("read-out").options].find((option) => option.value === "head");
        report([head.disabled, select("read-out").value, text(".looks") !== ""]);"#;
    let reported = evaluate_in_explorer(browser, page, "#explorer", script);
    assert_eq!(reported, r#"[true,"centroid",true]"#);
}
