//! Endpoints named after a metric, such as `accuracy`: the metric on one test set.

use nodule_error::{InvalidInput, invalid_value, one_of};
use nodule_eval::{Metric, ReadOut};

use super::{Aspect, EndpointKind, EndpointTable};
use crate::claims::ClaimScope;
use crate::claims::scope::check_name;
use crate::records::{FinishedRun, TimelinePoint};

/// A metric on a test set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestMetric {
    /// The metric.
    pub metric: Metric,
    /// Name of the test set, as in tables.
    pub test: String,
}

impl EndpointKind for TestMetric {
    fn measures() -> Vec<&'static str> {
        Metric::ALL.map(Metric::name).to_vec()
    }

    fn read(table: EndpointTable) -> Result<Self, InvalidInput> {
        let metric = Metric::ALL
            .into_iter()
            .find(|metric| metric.name() == table.measure)
            .ok_or_else(|| invalid_value("measure", &table.measure, one_of(Self::measures())))?;
        let test = table.into_test()?;
        Ok(Self { metric, test })
    }

    fn table(&self) -> EndpointTable {
        EndpointTable::with_test(self.metric.name(), self.test.clone())
    }

    fn check(&self, scope: &ClaimScope) -> Result<(), InvalidInput> {
        check_name(
            "test",
            &self.test,
            scope.tests.iter().map(|test| &test.name),
        )
    }

    /// Labels that are reversed turn a metric into 1 minus another one, and on as many normal as abnormal images
    /// balanced accuracy is accuracy.
    fn quantity(&self, scope: &ClaimScope) -> EndpointTable {
        let Some(test) = scope.tests.iter().find(|test| test.name == self.test) else {
            return self.table();
        };
        let metric = match self.metric {
            Metric::Sensitivity if test.is_reversed => Metric::Specificity,
            Metric::Specificity if test.is_reversed => Metric::Sensitivity,
            Metric::BalancedAccuracy if test.is_balanced => Metric::Accuracy,
            metric => metric,
        };
        EndpointTable::with_test(metric.name(), test.images.clone())
    }

    fn title(&self) -> String {
        format!("{} on {}", self.metric.title(), self.test)
    }

    fn value(&self, run: &FinishedRun, read_out: ReadOut) -> Option<f64> {
        let measured = run.read_out(read_out)?;
        measured.metrics(&self.test)?.value(self.metric)
    }

    fn aspect(&self) -> Aspect {
        Aspect::Generalization
    }

    fn timeline_field(&self) -> Option<fn(&TimelinePoint) -> f64> {
        match (self.metric, self.test.as_str()) {
            (Metric::Accuracy, "shape-only") => Some(|point| point.shape_only),
            (Metric::Accuracy, "texture-only") => Some(|point| point.texture_only),
            _ => None,
        }
    }

    fn test(&self) -> Option<&str> {
        Some(&self.test)
    }

    fn test_mut(&mut self) -> Option<&mut String> {
        Some(&mut self.test)
    }
}
