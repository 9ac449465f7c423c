//! Measurements of models, as columns, report page, folder of tables, and verdicts.

use std::path::PathBuf;

use nodule_analysis::judge;
use nodule_battery::{Audit, read_claims, write_records};
use nodule_report::{AuditInfo, render_audit_page, write_audit};
use nodule_study::records::{Gallery, Showcase};
use nodule_synth::export::check_export_folder;
use pyo3::prelude::*;
use pyo3::types::PyDict;

use crate::columns;
use crate::error::{run_interruptibly, to_py_err};
use crate::saved::{from_json, to_json};

/// Measurements of one or several models.
#[pyclass(module = "nodule._nodule", frozen, skip_from_py_object)]
#[derive(Clone)]
pub(crate) struct Measured {
    pub(crate) audit: Audit,
    pub(crate) gallery: Gallery,
}

#[pymethods]
impl Measured {
    /// Combines the measurements of several models.
    #[staticmethod]
    fn together(all: Vec<PyRef<'_, Self>>) -> PyResult<Self> {
        let audits: Vec<_> = all.iter().map(|one| one.audit.clone()).collect();
        let audit = Audit::merge(&audits).map_err(to_py_err)?;
        let gallery = all.first().map(|one| one.gallery.clone());
        Ok(Self {
            audit,
            gallery: gallery.unwrap_or_default(),
        })
    }

    /// Returns the measurements with the claims of a TOML file.
    fn with_claims(&self, path: PathBuf) -> PyResult<Self> {
        let claims = read_claims(&path).map_err(to_py_err)?;
        let audit = self.audit.clone();
        let audit = audit.with_claims(claims, &path.to_string_lossy());
        Ok(Self {
            audit: audit.map_err(to_py_err)?,
            gallery: self.gallery.clone(),
        })
    }

    /// Returns the measurements as JSON, which `from_json` reads.
    fn to_json(&self) -> PyResult<String> {
        to_json(&self.audit, &self.gallery)
    }

    /// Returns the measurements that `to_json` wrote. `place` names the file in messages.
    #[staticmethod]
    fn from_json(text: &str, place: &str) -> PyResult<Self> {
        let (audit, gallery) = from_json(text, place)?;
        Ok(Self { audit, gallery })
    }

    /// Id of the battery.
    #[getter]
    fn battery(&self) -> &str {
        &self.audit.battery
    }

    /// Names of the models.
    #[getter]
    fn models(&self) -> Vec<String> {
        self.audit.study.losses.clone()
    }

    /// Warnings about the models, such as constant predictions.
    #[getter]
    fn notes(&self) -> Vec<String> {
        self.audit.notes.clone()
    }

    /// Returns the columns of a table: accuracy, validation, reliance, landscape, maps or layers.
    fn columns<'py>(&self, py: Python<'py>, table: &str) -> PyResult<Bound<'py, PyDict>> {
        columns::columns(py, &self.audit, table)
    }

    /// Returns the verdicts on the claims, as columns.
    fn verdicts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let audit = self.audit.clone();
        let verdicts = run_interruptibly(py, move || judge(&audit.study, &audit.runs))?;
        columns::verdicts(py, &verdicts)
    }

    /// Returns the report as a self-contained HTML page.
    fn page(&self, py: Python<'_>) -> PyResult<String> {
        let measured = self.clone();
        run_interruptibly(py, move || {
            let showcase = measured.showcase();
            render_audit_page(
                &measured.audit.study,
                &measured.audit.runs,
                &showcase,
                &measured.source(),
            )
        })
    }

    /// Writes records, tables, figures and the report to a folder, which must be empty or absent. Returns the path of the
    /// report.
    fn write(&self, py: Python<'_>, folder: PathBuf) -> PyResult<PathBuf> {
        let measured = self.clone();
        run_interruptibly(py, move || {
            check_export_folder(&folder)?;
            write_records(&measured.audit, &folder)?;
            let (study, runs) = (&measured.audit.study, &measured.audit.runs);
            Ok(write_audit(
                study,
                runs,
                &measured.showcase(),
                &measured.source(),
                &folder,
            )?
            .report)
        })
    }
}

impl Measured {
    fn source(&self) -> AuditInfo<'_> {
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
