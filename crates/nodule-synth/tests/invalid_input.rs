//! Invalid input gives an error of one line that says what is allowed; it causes neither a panic nor a large allocation.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::path::Path;

use nodule_synth::export::{export_npz, export_png};
use nodule_synth::{
    Audit, DataSet, Distribution, Error, Generator, GeneratorSettings, Label, Latents, Mode,
    Outlines,
};

fn generator() -> Generator {
    let settings = GeneratorSettings {
        image_size: 16,
        ..GeneratorSettings::default()
    };
    Generator::new(settings, Outlines::lidc()).unwrap()
}

fn latents(distribution: &str) -> Latents {
    let distribution = Distribution::from_name(distribution).unwrap();
    generator().draw(&distribution, 1, 0..1)[0].latents.clone()
}

/// Returns the text of a valid distribution with these lines before its table.
fn table(lines: &str) -> String {
    let cell = |label: &str, shape: &str| {
        format!(
            "[[cell]]\nlabel = \"{label}\"\nshape = \"{shape}\"\ntexture = \"any\"\nprobability = 0.5\n"
        )
    };
    let cells = cell("normal", "regular") + &cell("abnormal", "irregular");
    format!("{lines}\n{cells}")
}

#[test]
fn names_are_restricted() {
    let parse = |name: &str| {
        let name = toml::Value::from(name);
        Distribution::parse(&table(&format!("name = {name}")), "mine.toml")
    };
    for name in ["mine", "0.9", "a-b.c", &"a".repeat(64)] {
        assert_eq!(parse(name).unwrap().name, name);
    }
    let long = "a".repeat(100_000);
    for name in [
        "",
        ".",
        "..",
        "-",
        "-rf",
        ".hidden",
        "=1+1",
        "+1",
        "@sum",
        "a b",
        "a/b",
        "a\\b",
        "a\nb",
        "a\u{1b}[2J",
        "Mine",
        "m\u{fc}n",
        "a,b",
        "a\"b",
        "a|b",
        "<b>",
        &"a".repeat(65),
        &long,
    ] {
        let message = parse(name).unwrap_err().to_string();
        assert!(message.contains("mine.toml: name = `"), "{message}");
        assert!(message.contains("1 to 64") && message.len() < 300);
        assert!(!message.contains('\n') && !message.contains('\u{1b}'));
    }
}

#[test]
fn descriptions_are_one_line() {
    let parse = |text: &str| {
        let text = toml::Value::from(text);
        let lines = format!("name = \"mine\"\ndescription = {text}");
        Distribution::parse(&table(&lines), "mine.toml")
    };
    assert!(parse("Ours, <of course> = \u{201c}sound\u{201d}.").is_ok());
    for text in ["a\nb", "a\u{7}", &"a".repeat(501)] {
        let message = parse(text).unwrap_err().to_string();
        assert!(message.contains("description") && message.len() < 300);
    }
}

#[test]
fn shifts_are_of_nuisances_once_each_within_their_levels() {
    let result = |lines: &str, shifts: &str| {
        let text = table(&format!("name = \"mine\"\n{lines}")) + shifts;
        let parsed = Distribution::parse(&text, "mine.toml");
        parsed.map_or_else(|e| e.to_string(), |_| "valid".to_owned())
    };
    let shift = |mode: &str, low: f64, high: f64| {
        format!("[[shift]]\nmode = \"{mode}\"\nrange = [{low:?}, {high:?}]\n")
    };
    assert_eq!(result("", &shift("background-texture", -0.3, 2.0)), "valid");
    assert!(result("", &shift("background-texture", -0.5, 0.0)).contains("from -0.3 to 2"));
    assert!(result("", &shift("elongation", -0.5, 0.0)).contains("from -0.15 to 2"));
    assert!(result("", &shift("noise", 1.0, 0.5)).contains("the lower one first"));
    assert!(result("", &shift("noise", f64::NAN, 0.5)).contains("[NaN, 0.5]"));
    let twice = shift("noise", 1.0, 2.0) + &shift("noise", 0.0, 1.0);
    assert!(result("", &twice).contains("shift 2: repeats noise; shift each nuisance once"));
    let real = "outlines = \"lidc\"";
    assert_eq!(result(real, &shift("size", 1.0, 1.5)), "valid");
    assert!(result(real, &shift("elongation", 1.0, 2.0)).contains("their own elongation"));
}

#[test]
fn deserialised_distributions_are_checked() {
    let both = Distribution::from_name("both").unwrap();
    let written = toml::to_string(&both).unwrap();
    assert_eq!(toml::from_str::<Distribution>(&written).unwrap(), both);
    let emptied: Result<Distribution, _> = toml::from_str("name = \"mine\"\ncell = []\n");
    assert!(emptied.unwrap_err().to_string().contains("probability"));
    let broken = written.replacen("0.5", "nan", 1);
    let message = toml::from_str::<Distribution>(&broken)
        .unwrap_err()
        .to_string();
    assert!(message.contains("probability = NaN"), "{message}");
}

#[test]
fn rejects_folders_huge_files_and_devices() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for message in [
        Distribution::read(path).unwrap_err().to_string(),
        Distribution::resolve(path.to_str().unwrap())
            .unwrap_err()
            .to_string(),
        Outlines::read(path).unwrap_err().to_string(),
    ] {
        assert!(message.contains("is a folder"), "{message}");
    }
    let huge = path.join("huge");
    std::fs::File::create(&huge)
        .unwrap()
        .set_len(1 << 40)
        .unwrap();
    let message = Distribution::read(&huge).unwrap_err().to_string();
    assert!(message.contains("larger than 1 MiB"), "{message}");
    let message = Outlines::read(&huge).unwrap_err().to_string();
    assert!(message.contains("larger than 16 MiB"), "{message}");
    let absent = Outlines::read(&path.join("absent.csv")).unwrap_err();
    assert!(absent.is_input() && absent.to_string().contains("absent.csv"));
    if cfg!(unix) {
        let message = Outlines::read(Path::new("/dev/zero"))
            .unwrap_err()
            .to_string();
        assert!(message.contains("a pipe or a device"), "{message}");
    }
}

#[test]
fn rejects_outlines_without_effect() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("data/lidc/lidc_contours.csv");
    let (both, lidc) = (
        Distribution::from_name("both").unwrap(),
        Distribution::from_name("lidc").unwrap(),
    );
    let error = both.load_outlines(Some(&file)).unwrap_err();
    assert!(error.is_input() && error.to_string().contains("`both` has no real outlines"));
    assert_eq!(both.load_outlines(None).unwrap(), Outlines::lidc());
    assert_eq!(lidc.load_outlines(Some(&file)).unwrap(), Outlines::lidc());
}

#[test]
fn rejects_latents_out_of_range() {
    let generator = generator();
    for mode in Mode::ALL {
        let (least, most) = mode.levels();
        for level in [least, most] {
            let rendered = generator
                .render(&latents("both").with(mode, level))
                .unwrap();
            assert!(
                rendered.image.iter().all(|v| (0.0..=1.0).contains(v)),
                "{mode} {level}"
            );
        }
        for level in [f64::NAN, f64::INFINITY, -1e300, least - 0.1, most + 0.1] {
            let result = generator.render(&latents("both").with(mode, level));
            let message = result.unwrap_err().to_string();
            assert!(message.contains("latents: ") && message.contains("a level from"));
        }
    }
    let mut real = latents("lidc");
    assert!(generator.render(&real).is_ok());
    for row in [711, usize::MAX] {
        real.outline = Some(row);
        let message = generator.render(&real).unwrap_err().to_string();
        assert!(
            message.contains("a row from 0 to 710 of the outlines lidc"),
            "{message}"
        );
    }
}

#[test]
fn rejects_data_sets_larger_than_memory() {
    let (generator, both) = (generator(), Distribution::from_name("both").unwrap());
    for n in [usize::MAX, usize::MAX / 4096, 1 << 50] {
        let error = generator.generate(&both, 0, 0..n).unwrap_err();
        assert!(matches!(error, Error::Memory { .. }) && error.is_input());
        let message = error.to_string();
        assert!(message.contains("16 by 16 pixels needs"), "{message}");
    }
    for (start, end) in [(0, 0), (7, 3)] {
        assert!(generator.generate(&both, 0, start..end).is_err());
    }
    let mut chunks = generator.generate_chunks(&both, 0, 0..0);
    assert!(chunks.next().unwrap().is_err() && chunks.next().is_none());
    for size in [0, 15, 513, 100_000, usize::MAX] {
        let settings = GeneratorSettings {
            image_size: size,
            ..GeneratorSettings::default()
        };
        let error = Generator::new(settings, Outlines::lidc()).unwrap_err();
        assert!(error.to_string().contains("16 to 512 pixels"));
    }
}

#[test]
fn rejects_arrays_of_different_lengths() {
    let (generator, both) = (generator(), Distribution::from_name("both").unwrap());
    let valid = generator.generate(&both, 0, 0..3).unwrap();
    valid.validate().unwrap();
    let check = |change: &dyn Fn(&mut DataSet)| {
        let mut data = valid.clone();
        change(&mut data);
        let folder = tempfile::tempdir().unwrap();
        for export in [export_npz, export_png] {
            let out = folder.path().join("out");
            assert!(
                export(&data, &out)
                    .unwrap_err()
                    .to_string()
                    .contains("data set: ")
            );
            assert!(!out.exists());
        }
        // An audit accepts any lengths.
        let audit = Audit::new(&both, &data.labels, &data.levels);
        assert!(audit.rows.iter().all(|row| !row.share.is_nan()));
    };
    check(&|data| data.images.truncate(5));
    check(&|data| data.masks.clear());
    check(&|data| data.labels.push(Label::Abnormal));
    check(&|data| data.levels.clear());
    check(&|data| data.latents.clear());
    check(&|data| data.image_size = usize::MAX);
}
