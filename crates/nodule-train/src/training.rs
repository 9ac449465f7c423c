//! The loop one step at a time, for whoever wants to look, stop or save between two steps.

use nodule_error::invalid_value;
use nodule_nn::{Loss, Network};
use nodule_seed::{Stream, derive, stream};

use crate::views::with_views;
use crate::{Adam, Epoch, Error, Examples, TrainingConfig, adam};

/// A training that is under way: everything that decides what the next step does.
///
/// ```
/// # use nodule_nn::{LeNetConfig, LeNet, seeded_weights};
/// # use nodule_nn::losses::CrossEntropy;
/// # use nodule_train::{TrainingConfig, Examples, Step, begin, open_device};
/// # let device = open_device("cpu")?;
/// # let config = LeNetConfig { image_size: 16, ..LeNetConfig::default() };
/// # let (images, labels) = (vec![0.5; 8 * 16 * 16], vec![0, 1, 0, 1, 0, 1, 0, 1]);
/// # let examples = Examples::new(16, &images, &labels)?;
/// # let budget = TrainingConfig { epochs: 2, batch_size: 4, learning_rate: 1e-3, until_flat: None };
/// let network = LeNet::new(&config, seeded_weights(7, &device))?;
/// let mut first = begin(&network, &CrossEntropy, &budget, 11, &examples, &examples)?;
/// first.step()?; // epoch 0: the untrained network
/// first.step()?; // the first batch
/// let kept = first.save("my run", "")?;
///
/// // Another day, another process.
/// let network = LeNet::new(&config, seeded_weights(7, &device))?;
/// let mut second = begin(&network, &CrossEntropy, &budget, 11, &examples, &examples)?;
/// second.restore(&kept, "my run")?;
/// while second.step()? != Step::Done {}
/// assert_eq!(second.history().len(), 3);
/// # Ok::<(), nodule_train::Error>(())
/// ```
#[derive(Debug)]
pub struct Training<'a> {
    pub(crate) network: &'a dyn Network,
    pub(crate) loss: &'a dyn Loss,
    pub(crate) budget: TrainingConfig,
    pub(crate) order_seed: u64,
    training: Examples<'a>,
    validation: Examples<'a>,
    pub(crate) optimizer: Adam,
    pub(crate) position: Position,
}

/// Where a training stands, but for weights and moments.
#[derive(Debug)]
pub(crate) struct Position {
    /// Indices of the training images, as last shuffled.
    pub(crate) order: Vec<usize>,
    /// What shuffles them.
    pub(crate) shuffles: Stream,
    /// What draws second views.
    pub(crate) views: Stream,
    /// Steps taken since training began.
    pub(crate) steps: usize,
    /// Batches of this epoch that are behind it.
    pub(crate) batch: usize,
    /// Sum of their losses.
    pub(crate) total: f64,
    /// A row for each epoch that is over, epoch 0 first.
    pub(crate) history: Vec<Epoch>,
}

/// What a step was.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Step {
    /// One batch of an epoch that is not over.
    Batch,
    /// An epoch is over; at first, epoch 0: the untrained network validated.
    Epoch(Epoch),
    /// There is nothing left to do, and nothing was done.
    Done,
}

/// Begins to train `network` in place. No step is taken yet.
///
/// `order_seed` alone decides the order of the samples, so runs that share it see the same
/// batches whatever their loss.
///
/// # Errors
/// If the budget is not valid, if there are fewer images than a batch, or if the device fails.
pub fn begin<'a>(
    network: &'a dyn Network,
    loss: &'a dyn Loss,
    budget: &TrainingConfig,
    order_seed: u64,
    training: &Examples<'a>,
    validation: &Examples<'a>,
) -> Result<Training<'a>, Error> {
    budget.validate()?;
    for (field, set) in [
        ("training images", training),
        ("validation images", validation),
    ] {
        if set.len() < budget.batch_size {
            let allowed = format!("at least one batch ({})", budget.batch_size);
            return Err(invalid_value(field, set.len(), allowed).into());
        }
    }
    Ok(Training {
        network,
        loss,
        budget: *budget,
        order_seed,
        training: *training,
        validation: *validation,
        optimizer: adam(network.parameters(), budget.learning_rate)?,
        position: Position {
            order: (0..training.len()).collect(),
            shuffles: stream(order_seed),
            views: stream(views_seed(order_seed)),
            steps: 0,
            batch: 0,
            total: 0.0,
            history: Vec::new(),
        },
    })
}

pub(crate) fn views_seed(order_seed: u64) -> u64 {
    derive(order_seed, &["views"])
}

impl Training<'_> {
    /// Takes the next step: one batch, and with the last batch of an epoch the validation after it.
    ///
    /// # Errors
    /// If a loss or an embedding leaves the finite numbers ([`Error::Diverged`]), or the device fails.
    pub fn step(&mut self) -> Result<Step, Error> {
        if self.position.history.is_empty() {
            return self.validated(None);
        }
        if self.is_done() {
            return Ok(Step::Done);
        }
        let batches = self.batches();
        let at = &mut self.position;
        if at.batch == 0 {
            at.shuffles.shuffle(&mut at.order);
        }
        let size = self.budget.batch_size;
        let batch = &at.order[at.batch * size..][..size];
        let one_view = self.training.batch(batch, self.network.device())?;
        let (images, labels) = with_views(one_view, self.loss.views(), &mut at.views)?;
        let (value, gradients) = self.network.gradients(&images, &labels, self.loss)?;
        // Before the step: one along such gradients would leave nothing of the network.
        at.total += finite("training loss", value.to_scalar::<f32>()?, at.steps)?;
        self.optimizer.step(&gradients)?;
        at.steps += 1;
        at.batch += 1;
        if at.batch < batches {
            return Ok(Step::Batch);
        }
        let mean = at.total / batches as f64;
        (at.batch, at.total) = (0, 0.0);
        self.validated(Some(mean))
    }

    /// Whether the whole budget is used, or the loss is as flat as it asks for.
    #[must_use]
    pub fn is_done(&self) -> bool {
        let history = &self.position.history;
        let flat = self.budget.until_flat.as_ref();
        // In the middle of an epoch nothing ends.
        let is_flat = || flat.is_some_and(|flat| flat.is_reached(history, self.batches()));
        history.len() > self.budget.epochs || self.position.batch == 0 && is_flat()
    }

    /// Steps taken since training began, whoever took them.
    #[must_use]
    pub fn steps(&self) -> usize {
        self.position.steps
    }

    /// A row for each epoch that is over, epoch 0 first.
    #[must_use]
    pub fn history(&self) -> &[Epoch] {
        &self.position.history
    }

    /// The same, at the end.
    #[must_use]
    pub fn into_history(self) -> Vec<Epoch> {
        self.position.history
    }

    /// Batches of an epoch.
    pub(crate) fn batches(&self) -> usize {
        self.training.len() / self.budget.batch_size
    }

    /// Ends an epoch: the row of what came out of it.
    fn validated(&mut self, train_loss: Option<f64>) -> Result<Step, Error> {
        let place = (self.position.history.len(), self.position.steps);
        let row = validate(
            self.network,
            self.loss,
            &self.budget,
            &self.validation,
            place,
            train_loss,
        )?;
        self.position.history.push(row);
        Ok(Step::Epoch(row))
    }
}

fn finite(what: &'static str, value: f32, step: usize) -> Result<f64, Error> {
    let value = f64::from(value);
    if value.is_finite() {
        Ok(value)
    } else {
        Err(Error::Diverged { what, value, step })
    }
}

/// Loss over whole batches of the validation set, in order, and the head's accuracy. Embeddings are
/// looked at too: a loss that clips them would hide that they left the finite numbers.
fn validate(
    network: &dyn Network,
    loss: &dyn Loss,
    budget: &TrainingConfig,
    validation: &Examples,
    (epoch, step): (usize, usize),
    train_loss: Option<f64>,
) -> Result<Epoch, Error> {
    let indices: Vec<usize> = (0..validation.len()).collect();
    // The same views after every epoch.
    let mut views = stream(0);
    let batches = indices.chunks_exact(budget.batch_size);
    let (count, mut total, mut correct) = (batches.len(), 0.0, 0.0);
    for batch in batches {
        let one_view = validation.batch(batch, network.device())?;
        let (images, labels) = with_views(one_view, loss.views(), &mut views)?;
        let output = network.forward_output(&images)?;
        for value in output.embedding.flatten_all()?.to_vec1::<f32>()? {
            finite("embedding", value, step)?;
        }
        let value = loss.compute(&output, &labels)?.to_scalar::<f32>()?;
        total += finite("validation loss", value, step)?;
        let decided = output.logits.argmax(1)?;
        correct += f64::from(
            decided
                .eq(&labels)?
                .to_dtype(candle_core::DType::F32)?
                .sum_all()?
                .to_scalar::<f32>()?,
        );
    }
    let images = (count * budget.batch_size * loss.views()) as f64;
    Ok(Epoch {
        epoch,
        train_loss,
        validation_loss: total / count as f64,
        validation_accuracy: loss.trains_head().then_some(correct / images),
    })
}
