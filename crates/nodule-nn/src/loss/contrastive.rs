//! Contrastive loss: `d^2` for a pair of one class, `max(0, margin - d)^2` for a pair of two.

use candle_core::{DType, Tensor};
use serde::{Deserialize, Serialize};

use super::Joint;
use super::sphere::{
    EPSILON, check_margin, check_pairs, normalised, same_class, squared_distances,
};
use crate::kind::Named;
use crate::{Error, Loss, Output};

/// [`contrastive`] of the embedding.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Contrastive {
    /// Distance on the unit sphere from which pairs of different classes no longer repel, in (0, 2].
    pub margin: f64,
}

impl Default for Contrastive {
    fn default() -> Self {
        Self { margin: 1.0 }
    }
}

impl Loss for Contrastive {
    fn compute(&self, output: &Output, labels: &Tensor) -> Result<Tensor, Error> {
        contrastive(&output.embedding, labels, self.margin)
    }
}

impl Named for Contrastive {
    const NAME: &'static str = "contrastive";

    fn validate(&self) -> Result<(), Error> {
        check_margin(self.margin)
    }
}

/// Joint training (Dou et al. 2019, Winkens et al. 2020).
impl Named for Joint<Contrastive> {
    const NAME: &'static str = "ce+contrastive";

    fn validate(&self) -> Result<(), Error> {
        check_margin(self.term.margin)?;
        self.check_weight()
    }
}

/// Mean contrastive loss (Hadsell et al. 2006, equation 4 without its factors of one half) over
/// all `n (n - 1) / 2` pairs of a batch, a scalar. `d` is the Euclidean distance between
/// L2-normalised rows of `embedding` `[n, dimension]`, so it lies in [0, 2]; `labels` are u32
/// `[n]`. The loss is *paper*; normalising, taking every pair and the plain mean are *ours*.
///
/// # Errors
/// [`Error::Setting`] if the batch has fewer than two images or the margin is not in (0, 2]; or
/// if the shapes disagree or the device fails.
pub fn contrastive(embedding: &Tensor, labels: &Tensor, margin: f64) -> Result<Tensor, Error> {
    let (n, _) = embedding.dims2()?;
    check_pairs(n)?;
    check_margin(margin)?;
    let squared = squared_distances(&normalised(embedding)?)?;
    let distance = (&squared + EPSILON)?.sqrt()?;
    let short = distance.affine(-1.0, margin)?;
    let short = short.mul(&short.gt(0.0)?.to_dtype(DType::F32)?.detach())?;
    let same = same_class(labels, embedding.dtype())?;
    let different = same.affine(-1.0, 1.0)?;
    // The matrix holds every pair twice, and each row with itself at distance zero.
    let twice = (squared.mul(&same)? + short.sqr()?.mul(&different)?)?;
    Ok((twice.sum_all()? / (n * (n - 1)) as f64)?)
}
