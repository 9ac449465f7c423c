//! The training loop one step at a time, so that the caller can stop, inspect or save between two steps.

use candle_core::backprop::GradStore;
use candle_core::{DType, Tensor, Var};
use candle_nn::Optimizer;
use nodule_config::best_epoch;
use nodule_error::invalid_value;
use nodule_nn::{Loss, Network, Output, ProjectionHead, VarBuilder};
use nodule_seed::{Stream, derive, stream};

use crate::clip::clip_gradients;
use crate::objective::{Objective, draw_dropout};
use crate::views::Views;
use crate::{
    Augmenter, Dataset, Epoch, Error, FusedOptimizer, OptimizerConfig, OptimizerName,
    TrainingConfig, UpdateRule,
};

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
/// # let config = TrainingConfig { epochs: 2, batch_size: 4, ..TrainingConfig::DEFAULT };
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
/// assert_eq!(second.finish()?.len(), 3);
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
    views: Views,
    projection: Option<ProjectionHead>,
    dropout: f64,
    /// Width of the embedding if there is dropout.
    embedding: usize,
    pub(crate) optimizer: FusedOptimizer,
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
    /// Parameters of the network after its best epoch, for early stopping.
    pub(crate) best: Option<Vec<Tensor>>,
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
        let optimizer = OptimizerConfig {
            rule: match config.optimizer {
                OptimizerName::Adam => UpdateRule::Adam,
                OptimizerName::AdamW => UpdateRule::AdamW,
                OptimizerName::Sgd => UpdateRule::Sgd {
                    momentum: config.momentum(),
                },
            },
            learning_rate: config.learning_rate,
            weight_decay: config.weight_decay,
        };
        let augmenter = config.augment.map(|augment| {
            let seed = derive(order_seed, &["augment"]);
            let augmenter = Augmenter::new(augment, training.image_size(), seed)?;
            Ok::<_, Error>((augmenter, seed))
        });
        Ok(Self {
            network,
            loss,
            config: *config,
            order_seed,
            training: *training,
            validation: *validation,
            views: Views::new(loss.views(), augmenter.transpose()?),
            projection: None,
            dropout: 0.0,
            embedding: 0,
            optimizer: FusedOptimizer::new(parameters, optimizer)?,
            progress: Progress {
                order: (0..training.len()).collect(),
                order_stream: stream(order_seed),
                view_stream: stream(derive_view_seed(order_seed)),
                steps: 0,
                batch: 0,
                loss_sum: 0.0,
                history: Vec::new(),
                best: None,
            },
        })
    }

    /// Returns the trainer with a projection head of `width` numbers, which is trained with the network: the loss sees the
    /// projection instead of the embedding. `weights` holds `projection.fc1` and `projection.fc2`. Call it before the first
    /// step.
    ///
    /// # Errors
    /// If a tensor is missing or has another shape, or the device fails.
    pub fn with_projection(mut self, width: usize, weights: VarBuilder) -> Result<Self, Error> {
        self.projection = Some(ProjectionHead::new(
            self.embedding_width()?,
            width,
            weights,
        )?);
        let parameters = self.parameters().into_iter().map(|(_, p)| p).collect();
        self.optimizer = FusedOptimizer::new(parameters, *self.optimizer.config())?;
        Ok(self)
    }

    /// Returns the trainer with dropout: in every training step each number of the embedding is 0 with probability `rate`,
    /// for the loss and for the network's own head. Evaluation uses all numbers.
    ///
    /// # Errors
    /// If `rate` is not from 0 to below 1, the network has no `forward_logits`, or the device fails.
    pub fn with_dropout(mut self, rate: f64) -> Result<Self, Error> {
        if !(0.0..1.0).contains(&rate) {
            return Err(invalid_value("dropout", rate, "a number from 0 to below 1").into());
        }
        if rate > 0.0 {
            self.embedding = self.embedding_width()?;
            let shape = (1, self.embedding);
            let zeros = Tensor::zeros(shape, DType::F32, self.network.device())?;
            self.network.forward_logits(&zeros)?;
        }
        self.dropout = rate;
        Ok(self)
    }

    fn embedding_width(&self) -> Result<usize, Error> {
        let (images, _) = self.training.batch(&[0], self.network.device())?;
        Ok(self.network.forward_output(&images)?.embedding.dim(1)?)
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
        let (dataset, steps) = (&self.training, progress.steps);
        let (images, labels) = self.views.training_batch(
            dataset,
            indices,
            steps,
            &mut progress.view_stream,
            self.network.device(),
        )?;
        let objective = self.objective(self.draw_dropout(images.dim(0)?)?);
        let (loss, gradients) = self.network.gradients(&images, &labels, &objective)?;
        // Checked before the step: gradients that are not finite would destroy the weights.
        let loss = check_finite("training loss", loss.to_scalar()?, steps)?;
        self.update(gradients)?;
        let progress = &mut self.progress;
        progress.loss_sum += loss;
        progress.steps += 1;
        progress.batch += 1;
        if progress.batch < batches {
            return Ok(Step::Batch);
        }
        let mean = progress.loss_sum / batches as f64;
        (progress.batch, progress.loss_sum) = (0, 0.0);
        self.finish_epoch(Some(mean))
    }

    /// Returns whether all epochs are finished, the training loss has reached the plateau of the config, or early stopping
    /// ends training.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let history = &self.progress.history;
        let must_stop = || {
            let (plateau, stopping) = (&self.config.until_flat, &self.config.early_stopping);
            let batches = self.batches_per_epoch();
            plateau.is_some_and(|p| p.is_reached(history, batches))
                || stopping.is_some_and(|s| s.is_met(history))
        };
        // Training ends only between epochs.
        history.len() > self.config.epochs || self.progress.batch == 0 && must_stop()
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

    /// Ends the training and returns its history. With early stopping, the network gets the weights of its best epoch.
    ///
    /// # Errors
    /// If the device fails.
    pub fn finish(self) -> Result<Vec<Epoch>, Error> {
        if let Some(best) = &self.progress.best {
            for ((_, parameter), value) in self.network.parameters().iter().zip(best) {
                parameter.set(value)?;
            }
        }
        Ok(self.progress.history)
    }

    /// Parameters of the network, then those of the projection head, with their names.
    pub(crate) fn parameters(&self) -> Vec<(String, Var)> {
        let mut parameters = self.network.parameters();
        parameters.extend(self.projection.iter().flat_map(ProjectionHead::parameters));
        parameters
    }

    fn objective(&self, dropout: Option<Tensor>) -> Objective<'_> {
        Objective {
            network: self.network,
            loss: self.loss,
            projection: self.projection.as_ref(),
            dropout,
        }
    }

    /// Draws the factors of `count` embeddings for the next step; `None` without dropout.
    fn draw_dropout(&self, count: usize) -> Result<Option<Tensor>, Error> {
        if self.dropout == 0.0 {
            return Ok(None);
        }
        let step = self.progress.steps.to_string();
        let seed = derive(self.order_seed, &["dropout", &step]);
        let factors = draw_dropout(self.dropout, count, self.embedding, seed);
        let shape = (count, self.embedding);
        Ok(Some(Tensor::from_vec(
            factors,
            shape,
            self.network.device(),
        )?))
    }

    /// Changes the parameters by one step of the optimizer, at the learning rate of the schedule.
    fn update(&mut self, mut gradients: GradStore) -> Result<(), Error> {
        let (config, steps) = (&self.config, self.progress.steps);
        if let Some(largest) = config.gradient_clip {
            let norm = clip_gradients(&mut gradients, &self.parameters(), largest)?;
            check_finite("gradient", norm as f32, steps)?;
        }
        let rate = config.learning_rate_at(steps, self.batches_per_epoch());
        self.optimizer.set_learning_rate(rate);
        Ok(self.optimizer.step(&gradients)?)
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
        let history = &self.progress.history;
        if self.config.early_stopping.is_some() && best_epoch(history) == Some(row.epoch) {
            let parameters = self.network.parameters().into_iter();
            let copies = parameters.map(|(_, parameter)| parameter.copy());
            self.progress.best = Some(copies.collect::<Result<_, _>>()?);
        }
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
            let (dataset, device) = (&self.validation, self.network.device());
            let (images, labels) =
                self.views
                    .validation_batch(dataset, batch, &mut view_stream, device)?;
            let output: Output = self.network.forward_output(&images)?;
            for value in output.embedding.flatten_all()?.to_vec1::<f32>()? {
                check_finite("embedding", value, step)?;
            }
            let loss = self.objective(None).compute(&output, &labels)?;
            let loss = loss.to_scalar::<f32>()?;
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
