//! The report in a real browser, where one is installed: it loads without an error or a request, and
//! the explorer does what the table of its numbers says.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nodule_tests::succeed;

/// A browser that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);
const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The page as it stands after its scripts have run, and what the browser's console said.
struct Loaded {
    page: String,
    console: String,
}

fn browser() -> Option<&'static str> {
    let starts = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    BROWSERS.into_iter().find(|name| starts(name))
}

fn load(browser: &str, page: &Path, fragment: &str) -> Loaded {
    let folder = tempfile::tempdir().unwrap();
    // Into files: a page is larger than a pipe holds.
    let file = |name: &str| folder.path().join(name);
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args(["--disable-background-networking", "--disable-sync"])
        .args(["--disable-component-update", "--enable-logging=stderr"])
        .arg(format!("--user-data-dir={}", file("profile").display()))
        .arg("--dump-dom")
        .arg(format!("file://{}{fragment}", page.display()))
        .stdout(File::create(file("page")).unwrap())
        .stderr(File::create(file("console")).unwrap())
        .spawn()
        .unwrap();
    let clock = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if clock.elapsed() > PATIENCE {
            child.kill().unwrap();
            panic!("{browser} did not end");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let read = |name: &str| String::from_utf8_lossy(&fs::read(file(name)).unwrap()).into_owned();
    let console = read("console");
    let console = console.lines().filter(|line| line.contains("CONSOLE"));
    Loaded {
        console: console.collect::<Vec<_>>().join("\n"),
        page: read("page"),
    }
}

/// What the explorer says.
fn says(page: &str) -> &str {
    let (_, rest) = page.split_once("<output").unwrap();
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
    let number = format!("{decision:+.3}").replace('-', "\u{2212}");
    format!("{loss}, {read_out}: shape {shape}, texture {texture}: {word}, {number} spreads")
}

#[test]
fn the_report_loads_and_its_explorer_reacts() {
    let Some(browser) = browser() else {
        eprintln!("skipped: no browser ({})", BROWSERS.join(", "));
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    let out = folder.path().join("out");
    let page = out.join("report/index.html");

    let plain = load(browser, &page, "");
    // A request would be refused by the page's own policy, and said on the console.
    assert_eq!(plain.console, "");
    assert!(
        says(&plain.page).starts_with("ce, "),
        "{}",
        says(&plain.page)
    );

    let linked = load(browser, &page, "#explorer=contrastive,probe,0.75,0.125");
    assert_eq!(linked.console, "");
    let expected = decision(&out, "contrastive", "probe", "0.75", "0.125");
    let expected = sentence("contrastive", "probe", (0.75, 0.125), expected);
    assert_eq!(says(&linked.page), expected);
    let unknown = load(browser, &page, "#explorer=none,%,9,nine");
    assert_eq!(unknown.console, "");
    assert_eq!(says(&unknown.page), says(&plain.page));

    // A hand on the page: another loss, the pointer on a cell, then a key.
    let hand = r#"<script>
      document.querySelector('input[name=loss][value="ce+contrastive"]').click();
      document.querySelector('input[name="read-out"][value="centroid"]').click();
      const square = document.querySelector(".square");
      const box = square.getBoundingClientRect();
      const [clientX, clientY] = [box.left + box.width * 2.5 / 9, box.top + box.height * 4.5 / 9];
      square.dispatchEvent(new PointerEvent("pointermove", { clientX, clientY }));
      square.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight" }));
    </script>"#;
    let text = fs::read_to_string(&page).unwrap();
    let moved = out.join("report/moved.html");
    fs::write(&moved, text.replace("</body>", &format!("{hand}</body>"))).unwrap();
    let moved = load(browser, &moved, "");
    assert_eq!(moved.console, "");
    let expected = decision(&out, "ce+contrastive", "centroid", "0.375", "0.5");
    let expected = sentence("ce+contrastive", "centroid", (0.375, 0.5), expected);
    assert_eq!(says(&moved.page), expected);
}
