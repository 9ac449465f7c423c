//! The explorer in all its choices, against the tables of its numbers.

use std::collections::BTreeSet;
use std::path::Path;

use nodule_tests::browser::{asked, load};

const CHECKS: &str = include_str!("../../browser/checks.js");
const CHOICES: &str = include_str!("../../browser/explorer.js");

/// All that it does.
pub(crate) fn the_explorer_says_what_its_tables_say(browser: &str, out: &Path, page: &Path) {
    it_is_read_when_it_is_opened(browser, page);
    every_decision_is_in_its_table(browser, out, page);
    every_map_is_in_its_table(browser, out, page);
    two_networks_and_one_change_are_compared(browser, out, page);
    a_hand_and_an_address_lead_to_the_same(browser, page);
}

fn asked_here(browser: &str, page: &Path, fragment: &str, script: &str) -> String {
    let script = format!("{CHECKS} {CHOICES} {script}");
    asked(browser, page, (1400, fragment), &script)
}

/// Rows of a table, by column.
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

fn it_is_read_when_it_is_opened(browser: &str, page: &Path) {
    let says = |fragment: &str| {
        let loaded = load(browser, page, fragment);
        // A request would be refused by the page's own policy, and said on the console.
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

/// Every network, nodule and point.
fn every_decision_is_in_its_table(browser: &str, out: &Path, page: &Path) {
    let said = asked_here(browser, page, "#explorer", "report(await everyDecision());");
    let said: BTreeSet<String> = serde_json::from_str(&said).unwrap();
    let expected = rows(out, "explorer.csv").into_iter().map(|row| {
        let number = |i: usize| row[i].parse::<f64>().unwrap();
        let decision = number(7);
        format!(
            "{}, {}, {}, seed {}; {}: shape {}, texture {}: {}, {} spreads",
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
    assert_eq!(said.len(), expected.len());
    let first = said.symmetric_difference(&expected).next();
    assert_eq!(first, None);
}

/// Every map of every network: where it lies, and that it is drawn.
fn every_map_is_in_its_table(browser: &str, out: &Path, page: &Path) {
    let said = asked_here(browser, page, "#explorer", "report(await everyMap());");
    let (said, drawn): (BTreeSet<String>, usize) = serde_json::from_str(&said).unwrap();
    let table = rows(out, "explorer-maps.csv");
    let expected = table.iter().map(|row| {
        let ratio = |i: usize| match row[i].parse::<f64>() {
            Ok(ratio) => format!("{ratio:.2}"),
            Err(_) => "\u{2013}".to_owned(),
        };
        format!(
            "{}, {}, {}, seed {}; {}: Map by {} at shape {}, texture {}: {} on the contour, {} in the interior, {} in the background",
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
    let first = said.symmetric_difference(&expected).next();
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
    let said = asked_here(browser, page, "#explorer", &script);
    let [differs, changes]: [String; 2] = serde_json::from_str(&said).unwrap();
    let (a, b) = (
        decision(first, "0.75", "0.125"),
        decision(second, "0.75", "0.125"),
    );
    let expected = format!(
        "Second (shape, ce, head, seed 0): {} spreads; first minus second: {}.",
        spreads(b),
        spreads(a - b)
    );
    assert_eq!(differs, expected);
    let (low, high) = (
        decision(first, "0.75", "0.0"),
        decision(first, "0.75", "1.0"),
    );
    let expected = format!(
        "Texture alone, from 0 to 1 with shape at 0.75: the decision goes from {} to {} spreads, by {}.",
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
    let said = asked_here(browser, page, "#explorer", script);
    assert_eq!(said, "[true,32,true,false]");
}

/// Pointer and keys move over the square; the address then leads back to what is shown.
fn a_hand_and_an_address_lead_to_the_same(browser: &str, page: &Path) {
    let hand = r#"document.querySelector("details[id=explorer] > summary").click();
        await settled();
        choose("loss", "ce+contrastive"); choose("train-2", "shape"); choose("map", "occlusion");
        moveTo(2, 4);
        find(".square").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
        await settled();
        report([location.hash, shown()]);"#;
    let said = asked_here(browser, page, "", hand);
    let (address, moved): (String, String) = serde_json::from_str(&said).unwrap();
    assert!(address.contains("shape=0.375&texture=0.5"), "{address}");
    assert!(moved.contains("shape 0.375, texture 0.5"), "{moved}");
    let script = "await settled(); report([location.hash, shown()]);";
    let said = asked_here(browser, page, &address, script);
    assert_eq!(said, serde_json::to_string(&(address, moved)).unwrap());
    // Contrastive networks have no head: the choice is not there, and the nearest network is shown.
    let script = r#"choose("read-out", "head"); choose("loss", "contrastive");
        const head = [...select("read-out").options].find((option) => option.value === "head");
        report([head.disabled, select("read-out").value, text(".looks") !== ""]);"#;
    let said = asked_here(browser, page, "#explorer", script);
    assert_eq!(said, r#"[true,"centroid",true]"#);
}
