//! What runs keep of their networks for the report: the same bytes from a run and from a report, and used only whole.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;

use nodule_run::{Execution, Models, build_showcase, execute};
use nodule_study::{Output, Registry, Resolved, RunSpec, load_study, open_output, plan, plan_grid};

/// The smoke study, carried out in a folder of its own.
struct Done {
    _folder: tempfile::TempDir,
    study: Resolved,
    output: Output,
    specs: Vec<RunSpec>,
}

impl Done {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let study = load_study("smoke", &Registry::default()).unwrap();
        let out = folder.path().join("out");
        let output = open_output(&out, &study, &Registry::default()).unwrap();
        let all = plan(&study, "cpu");
        execute(
            &study,
            &all,
            &output,
            &Models::default(),
            &Execution::default(),
        )
        .unwrap();
        let specs = plan_grid(&study, "cpu");
        Self {
            _folder: folder,
            study,
            output,
            specs,
        }
    }

    /// What a report is given, as text.
    fn shown(&self) -> String {
        let runs = self
            .output
            .read_complete_runs(&self.study, &self.specs)
            .unwrap();
        assert_eq!(runs.len(), self.specs.len());
        let models = Models::default();
        let shown = build_showcase(&self.study, &self.specs, &runs, &self.output, &models);
        format!("{:?}", shown.unwrap())
    }

    fn files(&self) -> Vec<PathBuf> {
        let files = self.specs.iter();
        files
            .map(|spec| self.output.run_folder(&spec.id).join("shown.safetensors"))
            .collect()
    }
}

#[test]
fn what_is_kept_is_what_would_be_made() {
    let done = Done::new();
    let files = done.files();
    let first: Vec<_> = files.iter().map(|file| fs::read(file).ok()).collect();
    let seeds = done.specs.iter().zip(&first);
    for (spec, kept) in seeds {
        assert_eq!(kept.is_some(), spec.seed < 3, "{}", spec.title());
    }
    let shown = done.shown();

    // One is gone, one torn, one of another network: all are made again.
    let kept: Vec<_> = files.iter().filter(|file| file.is_file()).collect();
    let [gone, torn, other, ..] = kept.as_slice() else {
        panic!("{} files", kept.len());
    };
    let bytes = fs::read(torn).unwrap();
    fs::remove_file(gone).unwrap();
    fs::write(torn, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(other, &bytes).unwrap();
    assert!(done.shown() == shown, "it shows something else");
    let again: Vec<_> = files.iter().map(|file| fs::read(file).ok()).collect();
    assert!(again == first, "it keeps something else");
    assert!(done.shown() == shown, "it shows something else");
}
