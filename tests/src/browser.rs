//! A headless browser: pages after their scripts, results of scripts on a page, and the number of printed sheets.

use std::fs::{self, File};
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

/// A browser that takes longer is hung.
const TIMEOUT: Duration = Duration::from_secs(300);
/// Names of browsers to look for.
pub const BROWSERS: [&str; 3] = ["chromium", "chromium-browser", "google-chrome"];

/// A page after its scripts have run, and the browser's console.
#[derive(Debug)]
pub struct Loaded {
    /// HTML of the page.
    pub page: String,
    /// Console messages, one per line.
    pub console: String,
}

/// Returns the first browser that starts, if one is installed.
#[must_use]
pub fn find_browser() -> Option<&'static str> {
    let starts = |name: &&str| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    };
    BROWSERS.into_iter().find(|name| starts(name))
}

/// Loads a file at `fragment` (`#...`, or empty).
///
/// # Panics
/// If the browser does not end in time.
#[must_use]
pub fn load(browser: &str, page: &Path, fragment: &str) -> Loaded {
    load_in(browser, page, fragment, &[])
}

fn load_in(browser: &str, page: &Path, fragment: &str, switches: &[&str]) -> Loaded {
    let address = format!("file://{}{fragment}", page.display());
    // The virtual clock skips the waiting times of scripts.
    let arguments = [switches, &["--virtual-time-budget=20000", "--dump-dom"]].concat();
    let (page, console) = run_browser(browser, &arguments, &address);
    let console = console.lines().filter(|line| line.contains("CONSOLE"));
    Loaded {
        console: console.collect::<Vec<_>>().join("\n"),
        page,
    }
}

/// Returns the number of sheets of a printed page.
///
/// # Panics
/// If the browser writes no PDF.
#[must_use]
pub fn count_sheets(browser: &str, page: &Path, fragment: &str) -> usize {
    let pdf = page.with_extension("pdf");
    let address = format!("file://{}{fragment}", page.display());
    let to = format!("--print-to-pdf={}", pdf.display());
    run_browser(browser, &["--no-pdf-header-footer", &to], &address);
    let bytes = fs::read(&pdf).expect("a PDF was written");
    let count = |word: &[u8]| bytes.windows(word.len()).filter(|w| *w == word).count();
    count(b"/Type /Page") - count(b"/Type /Pages")
}

/// Runs `script` on a page in a window of that width and returns the JSON that it passes to `report(value)`. The page is
/// in a frame, since a browser's own window has a least width.
///
/// # Panics
/// If files cannot be written, or the script reports nothing.
#[must_use]
pub fn evaluate(browser: &str, page: &Path, view: (usize, &str), script: &str) -> String {
    evaluate_with(browser, page, view, script, &[])
}

/// Runs [`evaluate`] in dark mode.
///
/// # Panics
/// As [`evaluate`].
#[must_use]
pub fn evaluate_dark(browser: &str, page: &Path, view: (usize, &str), script: &str) -> String {
    let dark = "--blink-settings=preferredColorScheme=0";
    evaluate_with(browser, page, view, script, &[dark])
}

fn evaluate_with(
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
    let copy = page.with_file_name("evaluate.html");
    fs::write(&copy, text.replace("</body>", &hand)).expect("the folder is writable");
    let frame = page.with_file_name("frame.html");
    let html = format!(
        "<!doctype html><body><pre id=reported></pre><script>addEventListener(\"message\", (event) => {{ reported.textContent = event.data; }});</script><iframe style=\"width: {width}px; height: 900px; border: 0\" src=\"evaluate.html{fragment}\"></iframe></body>"
    );
    fs::write(&frame, html).expect("the folder is writable");
    let loaded = load_in(browser, &frame, "", switches);
    assert_eq!(loaded.console, "");
    let (_, rest) = loaded
        .page
        .split_once("<pre id=\"reported\">")
        .expect("a frame");
    let (reported, _) = rest.split_once("</pre>").expect("a frame");
    assert!(!reported.is_empty(), "the script reports nothing");
    reported
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// Returns the standard output and the log of the browser.
fn run_browser(browser: &str, arguments: &[&str], address: &str) -> (String, String) {
    let folder = tempfile::tempdir().expect("a folder");
    // Write into files, since a page is larger than a pipe's buffer.
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
        if clock.elapsed() > TIMEOUT {
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
