//! A real browser without a window: pages as they stand after their scripts, what they say of themselves, and
//! how many sheets they take in print.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A browser that takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(300);
/// Programs that may be one.
pub const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// The page as it stands after its scripts have run, and what the browser's console said.
#[derive(Debug)]
pub struct Loaded {
    /// HTML.
    pub page: String,
    /// One line a message.
    pub console: String,
}

/// The first browser that starts, if one is installed.
#[must_use]
pub fn browser() -> Option<&'static str> {
    let starts = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    BROWSERS.into_iter().find(|name| starts(name))
}

/// Opens a file at `fragment` (`#...`, or nothing).
///
/// # Panics
/// If the browser does not end in time.
#[must_use]
pub fn load(browser: &str, page: &Path, fragment: &str) -> Loaded {
    load_in(browser, page, fragment, &[])
}

fn load_in(browser: &str, page: &Path, fragment: &str, switches: &[&str]) -> Loaded {
    let address = format!("file://{}{fragment}", page.display());
    // Scripts that wait are given the time that they wait for, at once.
    let arguments = [switches, &["--virtual-time-budget=20000", "--dump-dom"]].concat();
    let (page, console) = started(browser, &arguments, &address);
    let console = console.lines().filter(|line| line.contains("CONSOLE"));
    Loaded {
        console: console.collect::<Vec<_>>().join("\n"),
        page,
    }
}

/// Sheets that a page takes in print.
///
/// # Panics
/// If the browser writes no PDF.
#[must_use]
pub fn sheets(browser: &str, page: &Path, fragment: &str) -> usize {
    let pdf = page.with_extension("pdf");
    let address = format!("file://{}{fragment}", page.display());
    let to = format!("--print-to-pdf={}", pdf.display());
    started(browser, &["--no-pdf-header-footer", &to], &address);
    let bytes = fs::read(&pdf).expect("a PDF was written");
    let count = |word: &[u8]| bytes.windows(word.len()).filter(|w| *w == word).count();
    count(b"/Type /Page") - count(b"/Type /Pages")
}

/// What `script`, which ends in `report(value)`, reports of a page in a window of that width: JSON. The page
/// stands in a frame, since a browser's own window is never narrow.
///
/// # Panics
/// If files cannot be written, or the script reports nothing.
#[must_use]
pub fn asked(browser: &str, page: &Path, view: (usize, &str), script: &str) -> String {
    asked_in(browser, page, view, script, &[])
}

/// The same of a reader who wants pages to be dark.
///
/// # Panics
/// As [`asked`].
#[must_use]
pub fn asked_in_the_dark(browser: &str, page: &Path, view: (usize, &str), script: &str) -> String {
    let dark = "--blink-settings=preferredColorScheme=0";
    asked_in(browser, page, view, script, &[dark])
}

fn asked_in(
    browser: &str,
    page: &Path,
    (width, fragment): (usize, &str),
    script: &str,
    switches: &[&str],
) -> String {
    let fragment = fragment.replace('&', "&amp;");
    let text = fs::read_to_string(page).expect("the page is there");
    let report = "const report = (value) => parent.postMessage(JSON.stringify(value), \"*\");";
    let hand = format!("<script>{report}\n(async () => {{ {script} }})();</script></body>");
    let copy = page.with_file_name("asked.html");
    fs::write(&copy, text.replace("</body>", &hand)).expect("the folder is writable");
    let frame = page.with_file_name("frame.html");
    let html = format!(
        "<!doctype html><body><pre id=said></pre><script>addEventListener(\"message\", (event) => {{ said.textContent = event.data; }});</script><iframe style=\"width: {width}px; height: 900px; border: 0\" src=\"asked.html{fragment}\"></iframe></body>"
    );
    fs::write(&frame, html).expect("the folder is writable");
    let loaded = load_in(browser, &frame, "", switches);
    assert_eq!(loaded.console, "");
    let (_, rest) = loaded
        .page
        .split_once("<pre id=\"said\">")
        .expect("a frame");
    let (said, _) = rest.split_once("</pre>").expect("a frame");
    assert!(!said.is_empty(), "the script reports nothing");
    said.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// What the browser wrote to its standard output, and to its log.
fn started(browser: &str, arguments: &[&str], address: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    // Into files: a page is larger than a pipe holds.
    let file = |name: &str| folder.path().join(name);
    let to = |name: &str| File::create(file(name)).expect("a file");
    let mut child = Command::new(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args(["--disable-background-networking", "--disable-sync"])
        .args(["--disable-component-update", "--enable-logging=stderr"])
        .args(["--window-size=1600,1000"])
        .arg(format!("--user-data-dir={}", file("profile").display()))
        .args(arguments)
        .arg(address)
        .stdout(to("page"))
        .stderr(to("console"))
        .spawn()
        .expect("the browser starts");
    let clock = Instant::now();
    while child.try_wait().expect("a child").is_none() {
        if clock.elapsed() > PATIENCE {
            child.kill().expect("a child");
            panic!("{browser} did not end");
        }
        thread::sleep(Duration::from_millis(50));
    }
    let read = |name: &str| {
        let bytes = fs::read(file(name)).expect("it was written");
        String::from_utf8_lossy(&bytes).into_owned()
    };
    (read("page"), read("console"))
}
