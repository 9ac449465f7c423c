//! Settings of the losses. `nodule-nn` implements the losses for these types.

use nodule_error::{InvalidInput, invalid_value};
use serde::{Deserialize, Serialize};

use crate::{Schema, Settings};

/// The losses of `nodule-nn`, in the order of tables and colours.
pub const LOSSES: &[LossKind] = &[
    LossKind::new::<CrossEntropy>(true, 1).on_logits_alone(),
    LossKind::new::<Contrastive>(false, 1),
    LossKind::new::<Joint<Contrastive>>(true, 1),
    LossKind::new::<SupCon>(false, 1),
    LossKind::new::<Joint<SupCon>>(true, 1),
    LossKind::new::<Triplet>(false, 1),
    LossKind::new::<Joint<NtXent>>(true, 2),
    LossKind::new::<Joint<LogMargin>>(true, 1).on_logits_alone(),
];

/// Properties of a loss that a study needs before any network is trained.
#[derive(Debug, Clone, Copy)]
pub struct LossKind {
    /// Name and settings.
    pub schema: Schema,
    /// Whether the loss trains the network's own head; a loss on embeddings alone does not.
    pub trains_head: bool,
    /// Number of views of every image in a batch, 1 or 2.
    pub views: usize,
    /// Whether the loss depends on the embedding other than through the logits, so that a projection head has an effect.
    pub uses_embedding: bool,
}

impl LossKind {
    /// Returns the kind of the loss with settings `S`, which uses the embedding.
    #[must_use]
    pub const fn new<S: Settings>(trains_head: bool, views: usize) -> Self {
        Self {
            schema: Schema::new::<S>(),
            trains_head,
            views,
            uses_embedding: true,
        }
    }

    /// Returns the kind of a loss that depends on the logits alone.
    #[must_use]
    pub const fn on_logits_alone(mut self) -> Self {
        self.uses_embedding = false;
        self
    }
}

/// Cross-entropy of the logits; no settings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CrossEntropy;

impl Settings for CrossEntropy {
    const NAME: &'static str = "ce";
}

/// Settings of the contrastive loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contrastive {
    /// Distance beyond which pairs of different classes do not repel: in (0, 2] on the unit sphere, any positive
    /// number between raw embeddings.
    pub margin: f64,
    /// Space in which distances are measured.
    pub embedding: Embedding,
}

/// Space in which distances between embeddings are measured.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Embedding {
    /// The unit sphere (*ours*): only directions count.
    #[default]
    Normalised,
    /// The network's output (Hadsell et al. 2006): lengths count too.
    Raw,
}

impl Default for Contrastive {
    fn default() -> Self {
        Self {
            margin: 1.0,
            embedding: Embedding::Normalised,
        }
    }
}

impl Settings for Contrastive {
    const NAME: &'static str = "contrastive";

    fn validate(&self) -> Result<(), InvalidInput> {
        match self.embedding {
            Embedding::Normalised => check_margin_on_sphere(self.margin),
            Embedding::Raw => check_positive("margin", self.margin),
        }
    }
}

/// Settings of the supervised contrastive loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct SupCon {
    /// Divisor of the similarities; positive.
    pub temperature: f64,
}

impl Default for SupCon {
    fn default() -> Self {
        Self { temperature: 0.1 }
    }
}

impl Settings for SupCon {
    const NAME: &'static str = "supcon";

    fn validate(&self) -> Result<(), InvalidInput> {
        check_positive("temperature", self.temperature)
    }
}

/// Settings of the triplet loss.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Triplet {
    /// Minimum difference between the distances to the other class and to the same class, in (0, 2].
    pub margin: f64,
}

impl Default for Triplet {
    fn default() -> Self {
        Self { margin: 0.5 }
    }
}

impl Settings for Triplet {
    const NAME: &'static str = "triplet";

    fn validate(&self) -> Result<(), InvalidInput> {
        check_margin_on_sphere(self.margin)
    }
}

/// Settings of NT-Xent, a term of `ce+nt-xent`; it needs two views of every image.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct NtXent {
    /// Divisor of the similarities; positive.
    pub temperature: f64,
}

impl Default for NtXent {
    fn default() -> Self {
        Self { temperature: 0.1 }
    }
}

/// Penalty on large margins between the logits, a term of `ce+log-margin`; no settings.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogMargin {}

/// Settings of a joint loss: `cross_entropy + weight * term`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Joint<L> {
    /// The second term; its settings lie beside the weight.
    #[serde(flatten)]
    pub term: L,
    /// Weight of the second term (lambda); positive.
    pub weight: f64,
}

impl<L: Default> Default for Joint<L> {
    fn default() -> Self {
        Self {
            term: L::default(),
            weight: 1.0,
        }
    }
}

/// Joint training of cross-entropy and contrastive loss (Dou et al. 2019, Winkens et al. 2020).
impl Settings for Joint<Contrastive> {
    const NAME: &'static str = "ce+contrastive";

    fn validate(&self) -> Result<(), InvalidInput> {
        self.term.validate()?;
        check_positive("weight", self.weight)
    }
}

impl Settings for Joint<SupCon> {
    const NAME: &'static str = "ce+supcon";

    fn validate(&self) -> Result<(), InvalidInput> {
        self.term.validate()?;
        check_positive("weight", self.weight)
    }
}

/// Cross-entropy of the head joined with NT-Xent of two views of every image (Winkens et al. 2020).
impl Settings for Joint<NtXent> {
    const NAME: &'static str = "ce+nt-xent";

    fn validate(&self) -> Result<(), InvalidInput> {
        check_positive("temperature", self.term.temperature)?;
        check_positive("weight", self.weight)
    }
}

impl Settings for Joint<LogMargin> {
    const NAME: &'static str = "ce+log-margin";

    fn validate(&self) -> Result<(), InvalidInput> {
        check_positive("weight", self.weight)
    }
}

/// Rejects a margin that no distance on the unit sphere can reach.
fn check_margin_on_sphere(margin: f64) -> Result<(), InvalidInput> {
    if margin > 0.0 && margin <= 2.0 {
        return Ok(());
    }
    let allowed = "in (0, 2]: normalised embeddings are at most 2 apart";
    Err(invalid_value("margin", margin, allowed))
}

/// Rejects numbers whose products and squares 32-bit floating point cannot hold in training.
fn check_positive(field: &str, value: f64) -> Result<(), InvalidInput> {
    if (1e-6..=1e6).contains(&value) {
        return Ok(());
    }
    let allowed = "a positive number, from 0.000001 to 1000000";
    Err(invalid_value(field, value, allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn raw_margins_may_exceed_the_unit_sphere() {
        for name in ["contrastive", "ce+contrastive"] {
            let kind = LOSSES.iter().find(|kind| kind.schema.name() == name);
            let schema = kind.unwrap().schema;
            assert_eq!(schema.defaults()["embedding"], "normalised");
            let check = |embedding: &str, margin: f64| {
                let mut table = schema.defaults();
                table.insert("embedding".into(), embedding.into());
                table.insert("margin".into(), margin.into());
                let completed = schema.complete(&table);
                completed.map(drop).map_err(|e| e.to_string())
            };
            assert_eq!(check("raw", 5.0), Ok(()));
            assert!(check("normalised", 5.0).unwrap_err().contains("(0, 2]"));
            let message = check("raw", 0.0).unwrap_err();
            assert!(
                message.contains("margin = 0: must be a positive number"),
                "{message}"
            );
            let message = check("rwa", 1.0).unwrap_err();
            assert!(message.contains("did you mean raw?"), "{message}");
        }
    }
}
