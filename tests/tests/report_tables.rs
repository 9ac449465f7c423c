//! LaTeX tables of the report: all compile, and each has the declared width. Skipped without TeX.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use nodule_tests::succeed;

/// TeX programs with their arguments.
const TEX: [(&str, &[&str]); 2] = [
    ("tectonic", &["--keep-logs"]),
    ("pdflatex", &["-interaction=nonstopmode", "-halt-on-error"]),
];
/// Widths of a column and of a page with two, in points: 8.5 and 17.5 cm.
const COLUMN: f64 = 8.5 / 2.54 * 72.27;
const PAGE: f64 = 17.5 / 2.54 * 72.27;

fn tex() -> Option<(&'static str, &'static [&'static str])> {
    TEX.into_iter().find(|(name, _)| {
        let version = Command::new(name).arg("--version").output();
        version.is_ok_and(|output| output.status.success())
    })
}

/// Returns the text of every table, by name.
fn tables(folder: &Path) -> BTreeMap<String, String> {
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let tables = files.filter(|path| path.extension().is_some_and(|e| e == "tex"));
    let entries = tables.map(|path| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    });
    entries.collect()
}

/// Returns a document with each table in 9 pt on its own page, which logs the widths. Without booktabs it uses plain
/// rules.
fn document(tables: &BTreeMap<String, String>) -> String {
    let mut document = String::from(
        "\\documentclass[10pt]{article}\n\\usepackage{graphicx}\n\\IfFileExists{booktabs.sty}{\\usepackage{booktabs}}{\\let\\toprule\\hline\\let\\midrule\\hline\\let\\bottomrule\\hline}\n\\newsavebox\\measured\n\\begin{document}\\small\n",
    );
    for (name, text) in tables {
        document += &format!(
            "\\sbox\\measured{{%\n{text}}}\\typeout{{width {name} \\the\\wd\\measured}}\n\\noindent\\resizebox{{\\textwidth}}{{!}}{{\\usebox\\measured}}\\clearpage\n"
        );
    }
    document + "\\end{document}\n"
}

#[test]
fn latex_tables_compile_and_have_the_declared_width() {
    let Some((program, arguments)) = tex() else {
        eprintln!("skipped: no tectonic and no pdflatex");
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    succeed(folder.path(), "study run --study smoke --out out");
    let tables = tables(&folder.path().join("out/tables"));
    assert!(tables.len() > 5, "{} tables", tables.len());
    let source = folder.path().join("all.tex");
    fs::write(&source, document(&tables)).unwrap();
    let output = Command::new(program)
        .args(arguments)
        .arg("all.tex")
        .current_dir(folder.path())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(output.status.success(), "{program}: {printed}");
    assert!(folder.path().join("all.pdf").exists());
    let log =
        String::from_utf8_lossy(&fs::read(source.with_extension("log")).unwrap()).into_owned();
    let widths: BTreeMap<_, f64> = log
        .lines()
        .filter_map(|line| {
            let (name, width) = line.strip_prefix("width ")?.split_once(' ')?;
            Some((name, width.strip_suffix("pt")?.parse().ok()?))
        })
        .collect();
    assert_eq!(widths.len(), tables.len());
    for (name, text) in &tables {
        let width = widths[name.as_str()];
        let most = match text.lines().nth(1).unwrap() {
            line if line.starts_with("% Narrow: ") => COLUMN,
            line if line.starts_with("% Wide: ") => PAGE,
            line => {
                assert!(line.starts_with("% Very wide: "), "{name}: {line}");
                f64::INFINITY
            }
        };
        eprintln!("{name}: {width:.0} pt of {most:.0}");
        assert!(width <= most, "{name} is {width} pt wide, more than {most}");
    }
}
