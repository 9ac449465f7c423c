//! Training state on disk: everything that determines the next step, in one safetensors file.
//!
//! | tensor | type | content |
//! |---|---|---|
//! | `parameter.NAME`, `first.NAME`, `second.NAME` | f32, shape of the parameter | weights, moments of the optimizer (descent has only the first) |
//! | `best.NAME` | f32, shape of the parameter | weights of the best epoch; only with early stopping |
//! | `order` | u64 `[n]` | indices of the training images, in the order of the current epoch |
//! | `position` | u64 `[4]` | steps, batches of this epoch, positions of the random streams of order and views |
//! | `total` | f64 `[1]` | sum of this epoch's losses |
//! | `history` | f64 `[epochs, 3]` | training loss, validation loss, validation accuracy; NaN if undefined |
//!
//! The metadata of the header holds `format`, `owner` (SHA-256 of the caller's run key), `notes` (the caller's text) and
//! `sha256` of all of it. The layout is *ours*.

use std::collections::BTreeMap;

use candle_core::{Tensor, Var};
use nodule_seed::{hex, sha256_hex, stream_at};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};

use crate::optimizer::OptimizerState;
use crate::trainer::{Progress, derive_view_seed};
use crate::{Epoch, Error, Trainer};

/// Version of the file format.
const FORMAT: &str = "1";
/// Names of the optimizer's moments.
const MOMENTS: [&str; 2] = ["first", "second"];

/// Type, shape and little-endian bytes of each tensor, by name.
type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// Returns the notes that were passed to [`Trainer::save`].
///
/// # Errors
/// [`Error::State`] if `bytes` are damaged or were saved under another `run_key`.
pub fn read_notes(bytes: &[u8], run_key: &str) -> Result<String, Error> {
    Ok(read_file(bytes, run_key)?.1)
}

/// Returns the history of a saved training, the untrained network first.
///
/// # Errors
/// [`Error::State`] if `bytes` are damaged or were saved under another `run_key`.
pub fn read_history(bytes: &[u8], run_key: &str) -> Result<Vec<Epoch>, Error> {
    let values = f64_values(&read_file(bytes, run_key)?.0, "history")?;
    Ok(decode_history(&values))
}

impl Trainer<'_> {
    /// Returns the state as bytes, for [`Trainer::restore`].
    ///
    /// `run_key` identifies the training, for example by all settings that determine its numbers. [`read_notes`]
    /// returns the `notes`.
    ///
    /// # Errors
    /// If the device fails.
    pub fn save(&self, run_key: &str, notes: &str) -> Result<Vec<u8>, Error> {
        let tensors = self.encode()?;
        let owner = sha256_hex(run_key);
        let sha256 = digest(&owner, notes, &tensors);
        let metadata = [
            ("format", FORMAT),
            ("owner", &owner),
            ("notes", notes),
            ("sha256", &sha256),
        ]
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let views: Vec<_> = tensors
            .iter()
            .map(|(name, (dtype, shape, bytes))| {
                TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view))
            })
            .collect::<Result<_, _>>()
            .map_err(candle_core::Error::from)?;
        Ok(safetensors::serialize(views, Some(metadata.into()))
            .map_err(candle_core::Error::from)?)
    }

    /// Continues from the bytes of [`Trainer::save`]: every later step has the same bits as without the interruption.
    /// On an error the training is unchanged.
    ///
    /// # Errors
    /// [`Error::State`] if `bytes` are damaged, were saved under another `run_key`, or do not fit this network, config
    /// and number of images; or if the device fails.
    pub fn restore(&mut self, bytes: &[u8], run_key: &str) -> Result<(), Error> {
        let (tensors, _) = read_file(bytes, run_key)?;
        let progress = self.decode_progress(&tensors)?;
        let named = self.parameters();
        let read = |kind: &str, name: &str, var: &Var| {
            f32_values(&tensors, &format!("{kind}.{name}"), var)
        };
        let device = self.network.device();
        let mut parameters = Vec::new();
        let mut moments = Vec::new();
        for (name, var) in &named {
            let values = read("parameter", name, var)?;
            parameters.push(Tensor::from_vec(values, var.shape(), device)?);
            let kinds = MOMENTS[..self.optimizer.config().rule.moments()].iter();
            let values: Result<_, Error> = kinds.map(|kind| read(kind, name, var)).collect();
            moments.push(values?);
        }
        // All tensors are read before the first parameter changes.
        self.optimizer.resume(OptimizerState {
            steps: progress.steps,
            moments,
        })?;
        for ((_, var), value) in named.iter().zip(&parameters) {
            var.set(value)?;
        }
        self.progress = progress;
        Ok(())
    }

    fn encode(&self) -> Result<Tensors, Error> {
        let progress = &self.progress;
        let mut tensors = Tensors::new();
        let mut put = |name: &str, dtype, shape: Vec<usize>, bytes| {
            tensors.insert(name.to_owned(), (dtype, shape, bytes));
        };
        let moments = self.optimizer.state()?.moments;
        for (i, ((name, var), moments)) in self.parameters().into_iter().zip(moments).enumerate() {
            let values = var.flatten_all()?.to_vec1::<f32>()?;
            let mut kinds = vec![("parameter", values)];
            kinds.extend(MOMENTS.into_iter().zip(moments));
            // The projection head, whose parameters come last, is not kept.
            let best = progress.best.as_ref().and_then(|best| best.get(i));
            if let Some(best) = best {
                kinds.push(("best", best.flatten_all()?.to_vec1::<f32>()?));
            }
            for (kind, values) in kinds {
                let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                let shape = var.dims().to_vec();
                put(&format!("{kind}.{name}"), Dtype::F32, shape, bytes);
            }
        }
        let to_bytes = |values: &[u64]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let order: Vec<_> = progress.order.iter().map(|i| *i as u64).collect();
        put("order", Dtype::U64, vec![order.len()], to_bytes(&order));
        let position = [
            progress.steps as u64,
            progress.batch as u64,
            progress.order_stream.position(),
            progress.view_stream.position(),
        ];
        put("position", Dtype::U64, vec![4], to_bytes(&position));
        let loss_sum = progress.loss_sum.to_le_bytes().to_vec();
        put("total", Dtype::F64, vec![1], loss_sum);
        let shape = vec![progress.history.len(), 3];
        put(
            "history",
            Dtype::F64,
            shape,
            encode_history(&progress.history),
        );
        Ok(tensors)
    }

    /// Returns the saved progress, if it is possible for this training.
    fn decode_progress(&self, tensors: &Tensors) -> Result<Progress, Error> {
        let order = u64_values(tensors, "order")?;
        let mut is_present = vec![false; self.progress.order.len()];
        for index in &order {
            match is_present.get_mut(*index as usize) {
                Some(is_present) if !*is_present => *is_present = true,
                _ => {
                    return Err(state_error(
                        "its order is not a permutation of these images",
                    ));
                }
            }
        }
        let [steps, batch, order_position, view_position] = u64_values(tensors, "position")?[..]
        else {
            return Err(state_error("its position does not have four numbers"));
        };
        let loss_sum = f64_values(tensors, "total")?;
        let history = decode_history(&f64_values(tensors, "history")?);
        let trains_head = self.loss.trains_head();
        let has_accuracy = |row: &Epoch| row.validation_accuracy.is_some();
        let per_epoch = self.batches_per_epoch() as u64;
        let finished = (history.len() as u64).saturating_sub(1) * per_epoch;
        let is_last_epoch_over = history.len() > self.config.epochs;
        if order.len() != is_present.len()
            || loss_sum.len() != 1
            || history.len() > self.config.epochs + 1
            || batch >= if is_last_epoch_over { 1 } else { per_epoch }
            || steps != finished.saturating_add(batch)
            || history.iter().any(|row| has_accuracy(row) != trains_head)
        {
            return Err(state_error("its position is impossible for this training"));
        }
        let device = self.network.device();
        let read_best = |(name, var): (String, Var)| {
            let values = f32_values(tensors, &format!("best.{name}"), &var)?;
            Ok(Tensor::from_vec(values, var.shape(), device)?)
        };
        let best = (self.config.early_stopping.is_some() && history.len() > 1).then(|| {
            let parameters = self.network.parameters().into_iter();
            parameters.map(read_best).collect::<Result<_, Error>>()
        });
        Ok(Progress {
            order: order.into_iter().map(|i| i as usize).collect(),
            order_stream: stream_at(self.order_seed, order_position),
            view_stream: stream_at(derive_view_seed(self.order_seed), view_position),
            steps: steps as usize,
            batch: batch as usize,
            loss_sum: loss_sum[0],
            history,
            best: best.transpose()?,
        })
    }
}

fn encode_history(history: &[Epoch]) -> Vec<u8> {
    let cells = history.iter().flat_map(|row| {
        [
            row.train_loss.unwrap_or(f64::NAN),
            row.validation_loss,
            row.validation_accuracy.unwrap_or(f64::NAN),
        ]
    });
    cells.flat_map(f64::to_le_bytes).collect()
}

fn decode_history(values: &[f64]) -> Vec<Epoch> {
    let row = |(epoch, row): (usize, &[f64])| Epoch {
        epoch,
        train_loss: (epoch > 0).then_some(row[0]),
        validation_loss: row[1],
        validation_accuracy: (!row[2].is_nan()).then_some(row[2]),
    };
    values.chunks_exact(3).enumerate().map(row).collect()
}

/// Returns the tensors and the notes of a state that is complete and was saved under `run_key`.
fn read_file(bytes: &[u8], run_key: &str) -> Result<(Tensors, String), Error> {
    let damaged =
        |e: safetensors::SafeTensorError| state_error(format!("the file is damaged: {e}"));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
    let views = SafeTensors::deserialize(bytes).map_err(damaged)?;
    let metadata = |name| {
        let metadata = header.metadata().as_ref();
        let value = metadata.and_then(|m| m.get(name)).map(String::as_str);
        value.ok_or_else(|| state_error(format!("its header has no {name}")))
    };
    if metadata("format")? != FORMAT {
        return Err(state_error("another version of this program wrote it"));
    }
    let tensors: Tensors = views
        .iter()
        .map(|(name, view)| {
            let shape = view.shape().to_vec();
            (name.to_owned(), (view.dtype(), shape, view.data().to_vec()))
        })
        .collect();
    let notes = metadata("notes")?;
    if metadata("sha256")? != digest(metadata("owner")?, notes, &tensors) {
        return Err(state_error("its checksum does not match its contents"));
    }
    if metadata("owner")? != sha256_hex(run_key) {
        return Err(state_error("it belongs to another training"));
    }
    Ok((tensors, notes.to_owned()))
}

fn state_error(reason: impl Into<String>) -> Error {
    Error::State {
        reason: reason.into(),
    }
}

fn digest(owner: &str, notes: &str, tensors: &Tensors) -> String {
    let mut hash = Sha256::new();
    let mut update = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for text in [FORMAT, owner, notes] {
        update(text.as_bytes());
    }
    for (name, (dtype, shape, bytes)) in tensors {
        update(name.as_bytes());
        update(format!("{dtype:?} {shape:?}").as_bytes());
        update(bytes);
    }
    hex(hash.finalize())
}

fn f32_values(tensors: &Tensors, name: &str, var: &Var) -> Result<Vec<f32>, Error> {
    match tensors.get(name) {
        Some((Dtype::F32, shape, bytes)) if shape == var.dims() => {
            let (values, _) = bytes.as_chunks();
            Ok(values.iter().map(|v| f32::from_le_bytes(*v)).collect())
        }
        _ => Err(state_error(format!(
            "it has no {name} of this network's shape"
        ))),
    }
}

fn u64_values(tensors: &Tensors, name: &str) -> Result<Vec<u64>, Error> {
    let (values, _) = bytes_of_type(tensors, name, Dtype::U64)?.as_chunks();
    Ok(values.iter().map(|v| u64::from_le_bytes(*v)).collect())
}

fn f64_values(tensors: &Tensors, name: &str) -> Result<Vec<f64>, Error> {
    let (values, _) = bytes_of_type(tensors, name, Dtype::F64)?.as_chunks();
    Ok(values.iter().map(|v| f64::from_le_bytes(*v)).collect())
}

fn bytes_of_type<'a>(tensors: &'a Tensors, name: &str, dtype: Dtype) -> Result<&'a [u8], Error> {
    match tensors.get(name) {
        Some((found, _, bytes)) if *found == dtype => Ok(bytes),
        _ => Err(state_error(format!("it has no {name}"))),
    }
}
