//! The cache of network outputs: runs and reports write the same bytes, and damaged files are computed again.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::fs;
use std::path::PathBuf;

use nodule_run::{Execution, Models, build_showcase, execute};
use nodule_study::{Output, Resolved, RunSpec, load_study, open_output, plan, plan_grid};

/// The smoke study, executed in a temporary folder.
struct ExecutedStudy {
    _folder: tempfile::TempDir,
    models: Models,
    study: Resolved,
    output: Output,
    specs: Vec<RunSpec>,
}

impl ExecutedStudy {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let models = Models::default();
        let study = load_study("smoke", models.registry()).unwrap();
        let out = folder.path().join("out");
        let output = open_output(&out, &study, models.registry()).unwrap();
        let runs = plan(&study, "cpu");
        execute(&study, &runs, &output, &models, &Execution::default()).unwrap();
        let specs = plan_grid(&study, "cpu");
        Self {
            _folder: folder,
            models,
            study,
            output,
            specs,
        }
    }

    /// Returns the showcase as text.
    fn showcase(&self) -> String {
        let (study, specs, output) = (&self.study, &self.specs, &self.output);
        let runs = output.read_complete_runs(study, specs).unwrap();
        assert_eq!(runs.len(), specs.len());
        let showcase = build_showcase(study, specs, &runs, output, &self.models);
        format!("{:?}", showcase.unwrap())
    }

    fn cache_files(&self) -> Vec<PathBuf> {
        let folders = self.specs.iter().map(|s| self.output.run_folder(&s.id));
        folders.map(|f| f.join("shown.safetensors")).collect()
    }
}

#[test]
fn cached_outputs_equal_computed_ones() {
    let executed = ExecutedStudy::new();
    let files = executed.cache_files();
    let read_all = || -> Vec<_> { files.iter().map(|file| fs::read(file).ok()).collect() };
    let written = read_all();
    for (spec, file) in executed.specs.iter().zip(&written) {
        assert_eq!(file.is_some(), spec.seed < 3, "{}", spec.title());
    }
    let showcase = executed.showcase();

    // A missing file, a truncated file and a file of another network are computed again.
    let cached: Vec<_> = files.iter().filter(|file| file.is_file()).collect();
    let [missing, truncated, foreign, ..] = cached.as_slice() else {
        panic!("{} files", cached.len());
    };
    let bytes = fs::read(truncated).unwrap();
    fs::remove_file(missing).unwrap();
    fs::write(truncated, &bytes[..bytes.len() / 2]).unwrap();
    fs::write(foreign, &bytes).unwrap();
    assert!(executed.showcase() == showcase, "another showcase");
    assert!(read_all() == written, "other cache files");
    assert!(executed.showcase() == showcase, "another showcase");
}
