//! Constructors of the losses and networks of a study, by name.

use std::sync::Arc;

use nodule_config::{LossKind, Settings};
use nodule_nn::{Architecture, Constructor, LOSSES, Loss, NETWORKS};
use nodule_study::Registry;
use nodule_study::settings::{StudyLoss, StudyNetwork};

use crate::Error;

/// The losses and networks that a study can name; by default those of `nodule-nn`.
///
/// ```
/// use candle_core::Tensor;
/// use nodule_nn::{Error, Loss, Output, Settings};
/// use nodule_nn::losses::cross_entropy;
/// use nodule_run::Models;
/// use serde::{Deserialize, Serialize};
///
/// /// Half the cross-entropy.
/// #[derive(Debug, Default, Serialize, Deserialize)]
/// struct Half;
///
/// impl Settings for Half {
///     const NAME: &'static str = "half";
/// }
///
/// impl Loss for Half {
///     fn trains_head(&self) -> bool {
///         true
///     }
///
///     fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
///         Ok((cross_entropy(&output.logits, labels)? * 0.5)?)
///     }
/// }
///
/// let models = Models::default().with_loss::<Half>();
/// assert!(models.registry().losses().any(|name| name == "half"));
/// ```
#[derive(Debug, Clone)]
pub struct Models {
    losses: Vec<Constructor<dyn Loss>>,
    networks: Vec<Constructor<dyn Architecture>>,
    registry: Registry,
}

impl Default for Models {
    fn default() -> Self {
        Self {
            losses: LOSSES.to_vec(),
            networks: NETWORKS.to_vec(),
            registry: Registry::default(),
        }
    }
}

impl Models {
    /// Returns the models with one more loss. Loading a study rejects a name that exists already.
    #[must_use]
    pub fn with_loss<L: Loss + Settings + 'static>(mut self) -> Self {
        let default = L::default();
        let kind = LossKind::new::<L>(default.trains_head(), default.views());
        self.losses.push(Constructor::<dyn Loss>::new::<L>());
        self.registry = self.registry.with_loss(kind);
        self
    }

    /// Returns the models with one more network. One of its settings must be `image_size`. Loading a study rejects a
    /// name that exists already.
    #[must_use]
    pub fn with_network<A: Architecture + Settings + 'static>(mut self) -> Self {
        let constructor = Constructor::<dyn Architecture>::new::<A>();
        self.networks.push(constructor);
        self.registry = self.registry.with_network(constructor.schema());
        self
    }

    /// Returns names, defaults and checks, for loading studies.
    ///
    /// ```
    /// let models = nodule_run::Models::default();
    /// assert!(models.registry().losses().any(|name| name == "contrastive"));
    /// ```
    #[must_use]
    pub fn registry(&self) -> &Registry {
        &self.registry
    }

    /// Builds the loss of a study.
    ///
    /// # Errors
    /// If the study was loaded with another registry.
    pub(crate) fn loss(&self, loss: &StudyLoss) -> Result<Arc<dyn Loss>, Error> {
        let constructor = self.losses.iter().find(|c| c.name() == loss.name);
        let constructor =
            constructor.ok_or_else(|| Error::cannot_make(&loss.name, "unknown loss"))?;
        Ok(constructor.build(&loss.settings)?)
    }

    /// Returns the architecture of a study's network.
    pub(crate) fn architecture(
        &self,
        network: &StudyNetwork,
    ) -> Result<Arc<dyn Architecture>, Error> {
        let constructor = self.networks.iter().find(|c| c.name() == network.kind);
        let constructor =
            constructor.ok_or_else(|| Error::cannot_make(&network.kind, "unknown network"))?;
        Ok(constructor.build(&network.settings)?)
    }
}
