//! What was measured on models: columns, a page, a folder of tables, and verdicts.

use std::path::PathBuf;

use nodule_battery::{Audit, read_claims, write_records};
use nodule_analysis::judge;
use nodule_report::{AuditInfo, render_audit_page, write_audit};
use nodule_study::records::{Gallery, Showcase};
use nodule_synth::export::check_export_folder;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::columns;
use crate::error::{interruptible, raised};

/// One model or several, measured.
#[pyclass(module = "nodule._nodule", frozen, skip_from_py_object)]
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) audit: Audit,
    pub(crate) gallery: Gallery,
}

#[pymethods]
impl Measured {
    /// Several as one.
    #[staticmethod]
    fn together(all: Vec<PyRef<'_, Self>>) -> PyResult<Self> {
        let audits: Vec<_> = all.iter().map(|one| one.audit.clone()).collect();
        let audit = Audit::merge(&audits).map_err(raised)?;
        let gallery = all.first().map(|one| one.gallery.clone());
        Ok(Self {
            audit,
            gallery: gallery.unwrap_or_default(),
        })
    }

    /// The same with the claims of a file.
    fn with_claims(&self, path: PathBuf) -> PyResult<Self> {
        let claims = read_claims(&path).map_err(raised)?;
        let audit = self.audit.clone();
        let audit = audit.with_claims(claims, &path.to_string_lossy());
        Ok(Self {
            audit: audit.map_err(raised)?,
            gallery: self.gallery.clone(),
        })
    }

    /// The battery's id.
    #[getter]
    fn battery(&self) -> &str {
        &self.audit.battery
    }

    /// The names of the models.
    #[getter]
    fn models(&self) -> Vec<String> {
        self.audit.study.losses.clone()
    }

    /// What is to be said of the models before any number.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.audit.notes.clone()
    }

    /// The columns of a table: accuracy, validation, reliance, landscape, maps or layers.
    fn columns<'py>(&self, py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyDict>> {
        columns::columns(py, &self.audit, table)
    }

    /// The verdicts on the claims, as columns.
    fn verdicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let verdicts = judge(&self.audit.study, &self.audit.runs).map_err(raised)?;
        columns::verdicts(py, &verdicts)
    }

    /// The page, whole in itself.
    fn page(&self, py: Python<'_>) -> PyResult<String> {
        let own = self.clone();
        interruptible(py, move || {
            let showcase = own.showcase();
            render_audit_page(&own.audit.study, &own.audit.runs, &showcase, &own.of())
        })
    }

    /// Records, tables, figures and the page in a folder, empty or new. Returns the page's path.
    fn write(&self, py: Python<'_>, folder: PathBuf) -> PyResult<PathBuf> {
        let own = self.clone();
        interruptible(py, move || {
            check_export_folder(&folder)?;
            write_records(&own.audit, &folder)?;
            let (study, runs) = (&own.audit.study, &own.audit.runs);
            Ok(write_audit(study, runs, &own.showcase(), &own.of(), &folder)?.report)
        })
    }
}

impl Measured {
    fn of(&self) -> AuditInfo<'_> {
        AuditInfo {
            battery: &self.audit.battery,
            notes: &self.audit.notes,
        }
    }

    fn showcase(&self) -> Showcase {
        Showcase {
            gallery: self.gallery.clone(),
            ..Showcase::default()
        }
    }
}
