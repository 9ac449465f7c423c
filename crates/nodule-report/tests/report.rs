//! Tables, figures and page of a synthetic paper study: public columns, exact numbers, and a self-contained page.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod fixtures;

use std::fs;
use std::path::Path;

use fixtures::{TESTS, runs, study};
use nodule_eval::{Metric, Metrics, ReadOut};
use nodule_report::write_report;
use nodule_study::Study;
use nodule_study::records::{FinishedRun, Gallery, GalleryRow, Showcase};
use nodule_study::settings::built_in_losses;

fn gallery() -> Showcase {
    let row = |label: &str| GalleryRow {
        label: label.into(),
        image_size: 4,
        images: vec![(0..16).map(|i| i as f32 / 15.0).collect(); 3],
    };
    Showcase {
        gallery: Gallery {
            rows: vec![row("regular, homogeneous"), row("irregular & <odd>")],
        },
        ..Showcase::default()
    }
}

/// Writes the report into a new folder.
fn write(study: &Study, runs: &[FinishedRun]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_report(study, runs, &gallery(), folder.path()).unwrap();
    folder
}

/// Returns the metrics of a set without abnormal images, of which sensitivity and AUROC are undefined.
fn one_class(metrics: &Metrics) -> Metrics {
    Metrics::new(metrics.n, |metric| match metric {
        Metric::Sensitivity | Metric::BalancedAccuracy | Metric::Auroc => None,
        other => metrics.get(other),
    })
}

fn csv(path: &Path) -> (String, Vec<csv::StringRecord>) {
    let mut reader = csv::Reader::from_path(path).unwrap();
    let header = reader
        .headers()
        .unwrap()
        .iter()
        .collect::<Vec<_>>()
        .join(",");
    (header, reader.records().map(Result::unwrap).collect())
}

#[test]
fn tables_have_their_public_columns() {
    let study = study(2);
    let runs = runs(&study);
    let folder = write(&study, &runs);
    let header = |name: &str| csv(&folder.path().join("tables").join(name)).0;
    assert_eq!(
        header("results.csv"),
        "run,train,loss,seed,readout,test,n,accuracy,sensitivity,specificity,balanced_accuracy,auroc,worst_group_accuracy"
    );
    // A new metric has its columns without further changes.
    let metrics = Metric::ALL.map(Metric::name).join(",");
    assert_eq!(
        header("results.csv"),
        format!("run,train,loss,seed,readout,test,n,{metrics},worst_group_accuracy")
    );
    assert_eq!(
        header("validation.csv"),
        format!("run,train,loss,seed,readout,n,{metrics}")
    );
    assert_eq!(
        header("reliance.csv"),
        "run,train,loss,seed,readout,mode,effect,flipped"
    );
    assert_eq!(
        header("hypotheses.csv"),
        "id,claim,effect,ci_low,ci_high,p,p_holm,n,verdict,runs,not_learned,verdict_learned_only,p_equivalence,equivalence_power"
    );
}

#[test]
fn results_are_written_exactly() {
    let study = study(2);
    let mut runs = runs(&study);
    let first = &mut runs[0].evaluation.read_outs[0].tests[0];
    first.metrics = one_class(&first.metrics);
    let folder = write(&study, &runs);
    let (_, rows) = csv(&folder.path().join("tables/results.csv"));
    let measured = runs.iter().flat_map(|run| {
        let read_outs = run.evaluation.read_outs.iter();
        read_outs.flat_map(move |r| r.tests.iter().map(move |t| (run, r.read_out, t)))
    });
    let mut count = 0;
    for ((run, read_out, test), row) in measured.zip(&rows) {
        count += 1;
        assert_eq!(row[0], run.record.run);
        assert_eq!(row[4].parse::<ReadOut>().unwrap(), read_out);
        assert_eq!(row[5], test.test);
        let value = test.metrics.value(Metric::Accuracy).unwrap();
        assert_eq!(row[7].parse::<f64>().unwrap().to_bits(), value.to_bits());
        assert_eq!(
            row[11].is_empty(),
            test.metrics.get(Metric::Auroc).is_none(),
            "undefined is empty"
        );
    }
    assert_eq!(count, rows.len());
    assert_eq!(count, 5 * 2 * (4 + 3 + 4) * TESTS.len());
    assert_eq!(&rows[0][8], "");
}

#[test]
fn every_summary_is_written_in_markdown_and_latex() {
    let study = study(8);
    let folder = write(&study, &runs(&study));
    let read = |name: &str| fs::read_to_string(folder.path().join("tables").join(name)).unwrap();
    for name in [
        "hypotheses",
        "validation",
        "reliance",
        "accuracy-both",
        "auroc-either",
    ] {
        let (markdown, latex) = (read(&format!("{name}.md")), read(&format!("{name}.tex")));
        assert!(latex.contains("\\begin{tabular}") && latex.contains("\\bottomrule"));
        let columns: Vec<_> = markdown
            .lines()
            .skip(2)
            .map(|l| l.matches('|').count())
            .collect();
        assert!(
            columns.len() > 2 && columns.iter().all(|n| *n == columns[0]),
            "{markdown}"
        );
    }
    let accuracy = read("accuracy-both.md");
    assert!(accuracy.contains("| test set | classifier | ce | contrastive | ce+contrastive |"));
    assert!(accuracy.contains("(8)"), "{accuracy}");
    let head = accuracy
        .lines()
        .find(|l| l.starts_with("| both | head |"))
        .unwrap();
    assert!(head.contains("| – |"), "contrastive trains no head: {head}");
}

#[test]
fn a_claim_is_escaped_in_every_format() {
    let mut study = study(2);
    study.hypotheses[0].claim = "=1+1 is | a <b>claim</b>\nof two lines & 5%".into();
    let folder = write(&study, &runs(&study));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let (_, rows) = csv(&folder.path().join("tables/hypotheses.csv"));
    assert!(rows[0][1].starts_with("'=1+1"), "{}", &rows[0][1]);
    for file in ["tables/hypotheses.md", "report.md"] {
        let line = "=1+1 is \\| a \\<b>claim\\</b> of two lines & 5%";
        assert!(read(file).contains(line), "{file}");
    }
    let latex = read("tables/hypotheses.tex");
    assert!(latex.contains("=1+1 is | a $<$b$>$claim$<$/b$>$ of two lines \\& 5\\%"));
    let page = read("report/index.html");
    check_balanced(&page);
    assert!(page.contains("a &lt;b&gt;claim&lt;/b&gt;") && !page.contains("<b>"));
}

#[test]
fn one_seed_has_a_mean_and_no_interval() {
    let study = study(1);
    let folder = write(&study, &runs(&study));
    let read = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    let reliance = read("tables/reliance.md");
    let line = reliance
        .lines()
        .find(|l| l.starts_with("| both | shape | centroid |"));
    let line = line.unwrap();
    assert!(line.contains(" (1) |") && !line.contains('['), "{line}");
    let figure = read("figures/reliance.svg");
    assert!(!figure.contains("NaN"));
    assert!(read("report/index.html").contains("intervals, n = 1 seed."));
    assert!(figure.contains("r=\"4\""), "a mark for the mean");
}

#[test]
fn a_custom_loss_has_its_own_colour() {
    let mut study = study(3);
    let mut runs = runs(&study);
    study.losses[1] = "mine".into();
    for run in &mut runs {
        if run.record.loss == "contrastive" {
            run.record.loss = "mine".into();
        }
    }
    let folder = write(&study, &runs);
    let figure = fs::read_to_string(folder.path().join("figures/reliance.svg")).unwrap();
    // The first colour of the palette that neither of the others has.
    assert!(figure.matches("#d55e00").count() > 8 && figure.contains(">mine<"));
    assert!(!figure.contains("#444444"));
}

#[test]
fn the_page_states_machine_time_and_deviations() {
    let mut study = study(8);
    study.deviations.clear();
    let page = |study: &Study| {
        let folder = write(study, &runs(study));
        fs::read_to_string(folder.path().join("report/index.html")).unwrap()
    };
    let before = page(&study);
    for words in [
        "Machine: a machine.",
        "none declared",
        "From the start of the first",
    ] {
        assert!(before.contains(words), "{words}");
    }
    study.deviations = vec!["A seed was left out.".into()];
    assert!(page(&study).contains("A seed was left out."));
}

#[test]
fn the_page_is_self_contained() {
    let study = study(8);
    let folder = write(&study, &runs(&study));
    let page = fs::read_to_string(folder.path().join("report/index.html")).unwrap();
    check_balanced(&page);
    // All scripts are inline.
    let scripts = page.matches("<script>").count();
    assert_eq!((scripts, page.matches("<script").count()), (2, 2));
    for attribute in ["src=\"", "href=\"", "url(", "@import", "<link"] {
        for (at, _) in page.match_indices(attribute) {
            let rest = &page[at + attribute.len()..];
            // Links to tables are allowed, because the page does not load them by itself.
            let is_link = page[..at].ends_with("<a ") || page[..at].ends_with("\" ");
            let followed = is_link && (rest.starts_with("../tables/") || rest.starts_with('#'));
            let inside = rest.starts_with("data:") || followed;
            assert!(inside, "{attribute}{}", &rest[..40]);
            if let Some(path) = rest.strip_prefix("../") {
                let path = path.split('"').next().unwrap();
                assert!(folder.path().join(path).exists(), "{path}");
            }
        }
    }
    for word in ["NaN", "inf<", "undefined"] {
        assert!(!page.contains(word), "{word}");
    }
    let order = [
        "Summary</h2>",
        "Study setup and claims</h2>",
        "Which features does each loss rely on?</h2>",
        "Out-of-distribution performance</h2>",
        "What does the embedding encode?</h2>",
        "Are saliency maps faithful?</h2>",
        "How robust are the results?</h2>",
        "Quality checks</h2>",
        "Reproducibility</h2>",
    ];
    let places: Vec<_> = order.iter().map(|h| page.find(h).unwrap()).collect();
    assert!(places.is_sorted());
    assert!(page.contains("irregular &amp; &lt;odd&gt;"));
    assert!(page.contains("n = 8 seeds"));
}

#[test]
fn figures_are_complete_and_their_text_is_text() {
    let study = study(8);
    let folder = write(&study, &runs(&study));
    let figures = folder.path().join("figures");
    let names = [
        "result",
        "nodules",
        "reliance",
        "reliance-and-accuracy",
        "accuracy-head",
        "accuracy-centroid",
        "accuracy-probe",
        "accuracy-knn",
        "training",
    ];
    // Each figure is an SVG file and a caption.
    assert_eq!(fs::read_dir(&figures).unwrap().count(), 2 * names.len());
    for name in names {
        let svg = fs::read_to_string(figures.join(format!("{name}.svg"))).unwrap();
        check_balanced(&svg);
        assert!(svg.contains("<text") && svg.contains("<title>"), "{name}");
        let (_, description) = svg.split_once("<desc>").unwrap();
        let (description, _) = description.split_once("</desc>").unwrap();
        assert!(description.split(' ').count() > 5, "{name}: {description}");
        let caption = fs::read_to_string(figures.join(format!("{name}.txt"))).unwrap();
        assert!(
            caption.contains(" cm wide, its smallest text has 7 pt."),
            "{caption}"
        );
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{name}");
    }
    // Each loss has the same colour in all figures; contrastive has no head.
    let head = fs::read_to_string(figures.join("accuracy-head.svg")).unwrap();
    let knn = fs::read_to_string(figures.join("accuracy-knn.svg")).unwrap();
    assert_eq!(head.matches("#d55e00").count(), 1, "the legend alone");
    assert!(knn.matches("#d55e00").count() > 8);
}

#[test]
fn unfinished_runs_are_named() {
    let study = study(8);
    let mut some = runs(&study);
    some.retain(|run| {
        run.record.train != "either" && (run.record.seed < 7 || run.record.loss == "ce")
    });
    let folder = write(&study, &some);
    for file in ["report/index.html", "report.md"] {
        let text = fs::read_to_string(folder.path().join(file)).unwrap();
        assert!(text.contains("Only 88 of 120 runs are finished"), "{file}");
        assert!(
            text.contains("contrastive trained on both (7 of 8 seeds)"),
            "{file}"
        );
        assert!(
            text.contains("ce trained on either (0 of 8 seeds)"),
            "{file}"
        );
        assert!(!text.contains("; ce trained on both ("), "{file}");
        assert!(text.contains("n = 0 to 8 seeds"), "{file}");
    }
}

/// Fails unless every element is closed in the right order.
fn check_balanced(text: &str) {
    const VOID: [&str; 4] = ["meta", "img", "br", "input"];
    let mut open = Vec::new();
    let mut rest = text;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let end = rest.find('>').expect("a tag ends");
        let (tag, after) = (&rest[..end], &rest[end + 1..]);
        rest = after;
        if tag.starts_with('!') || tag.ends_with('/') {
            continue;
        }
        let name = tag
            .trim_start_matches('/')
            .split_whitespace()
            .next()
            .unwrap();
        if tag == "script" || tag.starts_with("script ") {
            // The text of a script has no elements.
            rest = &rest[rest.find("</script").expect("a script ends")..];
        }
        if tag.starts_with('/') {
            assert_eq!(open.pop(), Some(name), "closed in its turn");
        } else if !VOID.contains(&name) {
            open.push(name);
        }
    }
    assert!(open.is_empty(), "left open: {open:?}");
}

/// The width of a page with two columns is 17.5 cm. Checked for the losses of the study and for all built-in losses.
#[test]
fn every_figure_has_readable_text_at_the_width_of_a_page() {
    let all_losses = Study {
        losses: built_in_losses().map(str::to_owned).collect(),
        ..study(2)
    };
    for study in [study(2), all_losses] {
        let folder = tempfile::tempdir().unwrap();
        write_report(&study, &runs(&study), &gallery(), folder.path()).unwrap();
        let mut checked = 0;
        for file in fs::read_dir(folder.path().join("figures")).unwrap() {
            let path = file.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "txt") {
                let text = fs::read_to_string(&path).unwrap();
                let (_, rest) = text.split_once("Printed at least ").unwrap();
                let width: f64 = rest.split(' ').next().unwrap().parse().unwrap();
                assert!(width <= 17.5, "{}: {width} cm", path.display());
                checked += 1;
            }
        }
        assert!(checked >= 8, "{checked} figures");
    }
}
