//! Endpoint `worst_group_accuracy`: accuracy on the combination of label, shape and texture that is classified worst.

use nodule_error::InvalidInput;
use nodule_eval::ReadOut;

use super::{Aspect, EndpointKind, EndpointTable};
use crate::claims::ClaimScope;
use crate::claims::scope::check_name;
use crate::records::FinishedRun;

/// Least accuracy of the combinations of label, shape level and texture level in a test set (Sagawa et al. 2020).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorstGroup {
    /// Name of the test set, as in tables.
    pub test: String,
}

const MEASURE: &str = "worst_group_accuracy";

impl EndpointKind for WorstGroup {
    fn measures() -> Vec<&'static str> {
        vec![MEASURE]
    }

    fn read(table: EndpointTable) -> Result<Self, InvalidInput> {
        let test = table.into_test()?;
        Ok(Self { test })
    }

    fn table(&self) -> EndpointTable {
        EndpointTable::with_test(MEASURE, self.test.clone())
    }

    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput> {
        let generated = scope.tests.iter().filter(|test| test.is_generated());
        check_name("test", &self.test, generated.map(|test| &test.name))
    }

    fn title(&self) -> String {
        format!("worst-group accuracy on {}", self.test)
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        let worst = run.read_out(read_out)?.test(&self.test)?.worst_group()?;
        Some(worst.accuracy)
    }

    fn aspect(&self) -> Aspect {
        Aspect::Generalization
    }

    fn test(&self) -> Option<&str> {
        Some(&self.test)
    }

    fn test_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.test)
    }
}
