//! The training loop one step at a time, so that the caller can stop, inspect or save between two steps.

use candle_core::DType;
use candle_nn::Optimizer;
use nodule_error::invalid_value;
use nodule_nn::{Loss, Network};
use nodule_seed::{Stream, derive, stream};

use crate::views::append_second_views;
use crate::{Adam, Dataset, Epoch, Error, TrainingConfig};

/// A training in progress: holds everything that determines its next step.
///
/// ```
/// # use nodule_nn::{LeNet, LeNetConfig, seeded_weights};
/// # use nodule_nn::losses::CrossEntropy;
/// # use nodule_train::{Dataset, Step, Trainer, TrainingConfig, open_device};
/// # let device = open_device("cpu")?;
/// # let architecture = LeNetConfig { image_size: 16, ..LeNetConfig::default() };
/// # let (images, labels) = (vec![0.5; 8 * 16 * 16], vec![0, 1, 0, 1, 0, 1, 0, 1]);
/// # let dataset = Dataset::new(16, &images, &labels)?;
/// # let config = TrainingConfig { epochs: 2, batch_size: 4, learning_rate: 1e-3, until_flat: None };
/// let network = LeNet::new(&architecture, seeded_weights(7, &device))?;
/// let mut first = Trainer::new(&network, &CrossEntropy, &config, 11, &dataset, &dataset)?;
/// first.step()?; // epoch 0: validates the untrained network
/// first.step()?; // trains on the first batch
/// let state = first.save("settings of the run", "")?;
///
/// // Later, in another process:
/// let network = LeNet::new(&architecture, seeded_weights(7, &device))?;
/// let mut second = Trainer::new(&network, &CrossEntropy, &config, 11, &dataset, &dataset)?;
/// second.restore(&state, "settings of the run")?;
/// while second.step()? != Step::Done {}
/// assert_eq!(second.history().len(), 3);
/// # Ok::<(), nodule_train::Error>(())
/// ```
#[derive(Debug)]
pub struct Trainer<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) loss: &'a dyn Loss,
    pub(crate) config: TrainingConfig,
    pub(crate) order_seed: u64,
    training: Dataset<'a>,
    validation: Dataset<'a>,
    pub(crate) optimizer: Adam,
    pub(crate) progress: Progress,
}

/// Progress of a training, except for weights and moments.
#[derive(Debug)]
pub(crate) struct Progress {
    /// Indices of the training images, in the order of the current epoch.
    pub(crate) order: Vec<usize>,
    /// Random stream that shuffles the order.
    pub(crate) order_stream: Stream,
    /// Random stream that draws second views.
    pub(crate) view_stream: Stream,
    /// Steps since the start of training.
    pub(crate) steps: usize,
    /// Batches of the current epoch that are done.
    pub(crate) batch: usize,
    /// Sum of the losses of these batches.
    pub(crate) loss_sum: f64,
    /// One row for each finished epoch, epoch 0 first.
    pub(crate) history: Vec<Epoch>,
}

/// Result of [`Trainer::step`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// Trained on one batch; the epoch continues.
    Batch,
    /// Finished an epoch; the first one is epoch 0, the validation of the untrained network.
    Epoch(Epoch),
    /// Training was already complete; nothing was done.
    Done,
}

impl<'a> Trainer<'a> {
    /// Returns a trainer of `network`, which [`step`](Self::step) trains in place.
    ///
    /// `order_seed` alone determines the order of the images, so that runs with the same seed use the same batches
    /// under every loss.
    ///
    /// # Errors
    /// If `config` is not valid, there are fewer training images than a batch or fewer than two validation images, or the
    /// device fails.
    pub fn new(
        network: &'a dyn Network,
        loss: &'a dyn Loss,
        config: &TrainingConfig,
        order_seed: u64,
        training: &Dataset<'a>,
        validation: &Dataset<'a>,
    ) -> Result<Self, Error> {
        config.validate()?;
        if training.len() < config.batch_size {
            let allowed = format!("at least one batch ({})", config.batch_size);
            return Err(invalid_value("training images", training.len(), allowed).into());
        }
        if validation.len() < 2 {
            let allowed = "at least 2: a contrastive loss needs pairs";
            return Err(invalid_value("validation images", validation.len(), allowed).into());
        }
        let parameters = network.parameters().into_iter().map(|(_, p)| p).collect();
        Ok(Self {
            network,
            loss,
            config: *config,
            order_seed,
            training: *training,
            validation: *validation,
            optimizer: Adam::new(parameters, config.learning_rate)?,
            progress: Progress {
                order: (0..training.len()).collect(),
                order_stream: stream(order_seed),
                view_stream: stream(derive_view_seed(order_seed)),
                steps: 0,
                batch: 0,
                loss_sum: 0.0,
                history: Vec::new(),
            },
        })
    }

    /// Takes the next step: trains on one batch, and validates after the last batch of an epoch.
    ///
    /// # Errors
    /// If a loss or an embedding is not finite ([`Error::Diverged`]), or the device fails.
    pub fn step(&mut self) -> Result<Step, Error> {
        if self.progress.history.is_empty() {
            return self.finish_epoch(None);
        }
        if self.is_done() {
            return Ok(Step::Done);
        }
        let batches = self.batches_per_epoch();
        let progress = &mut self.progress;
        if progress.batch == 0 {
            progress.order_stream.shuffle(&mut progress.order);
        }
        let size = self.config.batch_size;
        let indices = &progress.order[progress.batch * size..][..size];
        let batch = self.training.batch(indices, self.network.device())?;
        let (images, labels) =
            append_second_views(batch, self.loss.views(), &mut progress.view_stream)?;
        let (loss, gradients) = self.network.gradients(&images, &labels, self.loss)?;
        // Checked before the step: gradients that are not finite would destroy the weights.
        let loss = loss.to_scalar::<f32>()?;
        progress.loss_sum += check_finite("training loss", loss, progress.steps)?;
        self.optimizer.step(&gradients)?;
        progress.steps += 1;
        progress.batch += 1;
        if progress.batch < batches {
            return Ok(Step::Batch);
        }
        let mean = progress.loss_sum / batches as f64;
        (progress.batch, progress.loss_sum) = (0, 0.0);
        self.finish_epoch(Some(mean))
    }

    /// Returns whether all epochs are finished, or the training loss has reached the plateau of the config.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let history = &self.progress.history;
        let has_reached_plateau = || {
            let plateau = self.config.until_flat.as_ref();
            plateau.is_some_and(|p| p.is_reached(history, self.batches_per_epoch()))
        };
        // Training ends only between epochs.
        history.len() > self.config.epochs || self.progress.batch == 0 && has_reached_plateau()
    }

    /// The number of steps since the start of training, including those before a [`restore`](Self::restore).
    #[must_use]
    pub fn steps(&self) -> usize {
        self.progress.steps
    }

    /// One row for each finished epoch, epoch 0 first.
    #[must_use]
    pub fn history(&self) -> &[Epoch] {
        &self.progress.history
    }

    /// Returns the history by value.
    #[must_use]
    pub fn into_history(self) -> Vec<Epoch> {
        self.progress.history
    }

    pub(crate) fn batches_per_epoch(&self) -> usize {
        self.training.len() / self.config.batch_size
    }

    /// Validates the network and adds the row of the epoch to the history.
    fn finish_epoch(&mut self, train_loss: Option<f64>) -> Result<Step, Error> {
        let (validation_loss, accuracy) = self.validate()?;
        let row = Epoch {
            epoch: self.progress.history.len(),
            train_loss,
            validation_loss,
            validation_accuracy: self.loss.trains_head().then_some(accuracy),
        };
        self.progress.history.push(row);
        Ok(Step::Epoch(row))
    }

    /// Returns the mean loss and the accuracy of the head over whole validation batches, in order. Fewer images
    /// than a batch make one batch.
    ///
    /// Embeddings are checked too, since a loss that clips them would hide infinite values.
    fn validate(&self) -> Result<(f64, f64), Error> {
        let step = self.progress.steps;
        let indices: Vec<usize> = (0..self.validation.len()).collect();
        // A fixed seed, so that the second views are the same after every epoch.
        let mut view_stream = stream(0);
        let batch_size = self.config.batch_size.min(indices.len());
        let batches = indices.chunks_exact(batch_size);
        let (count, mut total, mut correct) = (batches.len(), 0.0, 0.0);
        for batch in batches {
            let batch = self.validation.batch(batch, self.network.device())?;
            let (images, labels) = append_second_views(batch, self.loss.views(), &mut view_stream)?;
            let output = self.network.forward_output(&images)?;
            for value in output.embedding.flatten_all()?.to_vec1::<f32>()? {
                check_finite("embedding", value, step)?;
            }
            let loss = self.loss.compute(&output, &labels)?.to_scalar::<f32>()?;
            total += check_finite("validation loss", loss, step)?;
            let is_correct = output.logits.argmax(1)?.eq(&labels)?;
            let correct_in_batch = is_correct.to_dtype(DType::F32)?.sum_all()?;
            correct += f64::from(correct_in_batch.to_scalar::<f32>()?);
        }
        let images = (count * batch_size * self.loss.views()) as f64;
        Ok((total / count as f64, correct / images))
    }
}

/// Returns the seed of the second views.
pub(crate) fn derive_view_seed(order_seed: u64) -> u64 {
    derive(order_seed, &["views"])
}

fn check_finite(quantity: &'static str, value: f32, step: usize) -> Result<f64, Error> {
    let value = f64::from(value);
    if value.is_finite() {
        return Ok(value);
    }
    Err(Error::Diverged {
        quantity,
        value,
        step,
    })
}
