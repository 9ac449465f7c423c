//! A training on disk: everything that decides its next step, in one safetensors file.
//!
//! | tensor | type | what it is |
//! |---|---|---|
//! | `parameter.NAME`, `first.NAME`, `second.NAME` | f32, shape of the parameter | weights, Adam's moments |
//! | `order` | u64 `[n]` | indices of the training images, as last shuffled |
//! | `position` | u64 `[4]` | steps taken, batches of this epoch, positions of the streams of order and views |
//! | `total` | f64 `[1]` | sum of this epoch's losses |
//! | `history` | f64 `[epochs, 3]` | training loss, validation loss, validation accuracy; NaN where there is none |
//!
//! The header's metadata holds `format`, `owner` (SHA-256 of what the caller says the training is of), `notes`
//! (the caller's) and `sha256` of all of it. The layout is *ours*.

use std::collections::BTreeMap;

use candle_core::{Tensor, Var};
use nodule_nn::set_parameters;
use nodule_seed::{hex, sha256_hex, stream_at};
use safetensors::SafeTensors;
use safetensors::tensor::{Dtype, TensorView};
use sha2::{Digest, Sha256};

use crate::adam::AdamState;
use crate::training::{Position, views_seed};
use crate::{Epoch, Error, Training};

/// Raised when the meaning of the file changes.
const FORMAT: &str = "1";

type Tensors = BTreeMap<String, (Dtype, Vec<usize>, Vec<u8>)>;

/// The notes that [`Training::save`] was given, if `bytes` are whole and of `owner`.
///
/// # Errors
/// [`Error::State`] if they are not.
pub fn saved_notes(bytes: &[u8], owner: &str) -> Result<String, Error> {
    Ok(read(bytes, owner)?.1)
}

/// How a training that was saved has gone so far, the untrained network first, if `bytes` are whole and of
/// `owner`.
///
/// # Errors
/// [`Error::State`] if they are not.
pub fn saved_history(bytes: &[u8], owner: &str) -> Result<Vec<Epoch>, Error> {
    let cells = numbers(&read(bytes, owner)?.0, "history")?;
    let row = |(epoch, row): (usize, &[f64])| Epoch {
        epoch,
        train_loss: (epoch > 0).then_some(row[0]),
        validation_loss: row[1],
        validation_accuracy: (!row[2].is_nan()).then_some(row[2]),
    };
    Ok(cells.chunks_exact(3).enumerate().map(row).collect())
}

impl Training<'_> {
    /// The bytes that [`Training::restore`] goes on from. `owner` says what this is a training of: all
    /// that decides its numbers, such as a run's settings. `notes` are the caller's own:
    /// [`saved_notes`] gives them back.
    ///
    /// # Errors
    /// If the device fails.
    pub fn save(&self, owner: &str, notes: &str) -> Result<Vec<u8>, Error> {
        let tensors = self.tensors()?;
        let owner = sha256_hex(owner);
        let sha256 = digest(&owner, notes, &tensors);
        let metadata = [
            ("format", FORMAT),
            ("owner", &owner),
            ("notes", notes),
            ("sha256", &sha256),
        ];
        let metadata = metadata.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let views = tensors.iter().map(|(name, (dtype, shape, bytes))| {
            TensorView::new(*dtype, shape.clone(), bytes).map(|view| (name.as_str(), view))
        });
        let views: Vec<_> = views
            .collect::<Result<_, _>>()
            .map_err(candle_core::Error::from)?;
        Ok(safetensors::serialize(views, Some(metadata.into()))
            .map_err(candle_core::Error::from)?)
    }

    /// Goes on from what [`Training::save`] gave, as if it had never stopped: every later step has the
    /// same bits. A state that is refused leaves the training as it was.
    ///
    /// # Errors
    /// [`Error::State`] if the bytes are torn or changed, are of another `owner`, or do not fit this
    /// network, budget and number of images; or if the device fails.
    pub fn restore(&mut self, bytes: &[u8], owner: &str) -> Result<(), Error> {
        let (tensors, _) = read(bytes, owner)?;
        let position = self.position_of(&tensors)?;
        let names: Vec<_> = self.network.parameters();
        let values = |kind: &str| -> Result<Vec<Vec<f32>>, Error> {
            let all = names.iter();
            all.map(|(name, var)| floats(&tensors, &format!("{kind}.{name}"), var))
                .collect()
        };
        let (parameters, first, second) =
            (values("parameter")?, values("first")?, values("second")?);
        let device = self.network.device();
        let tensor = |((name, var), values): (&(String, Var), Vec<f32>)| {
            Ok((name.clone(), Tensor::from_vec(values, var.shape(), device)?))
        };
        let parameters = names.iter().zip(parameters).map(tensor);
        let parameters = parameters.collect::<Result<BTreeMap<_, _>, Error>>()?;
        set_parameters(self.network, &parameters).map_err(|e| state(e.to_string()))?;
        self.optimizer.resume(AdamState {
            steps: position.steps,
            moments: first.into_iter().zip(second).map(|(f, s)| [f, s]).collect(),
        })?;
        self.position = position;
        Ok(())
    }

    fn tensors(&self) -> Result<Tensors, Error> {
        let at = &self.position;
        let mut tensors = Tensors::new();
        let mut put = |name: String, dtype, shape: Vec<usize>, bytes| {
            tensors.insert(name, (dtype, shape, bytes));
        };
        let moments = self.optimizer.state()?.moments;
        for ((name, var), [first, second]) in self.network.parameters().into_iter().zip(moments) {
            let values = var.flatten_all()?.to_vec1::<f32>()?;
            for (kind, values) in [("parameter", values), ("first", first), ("second", second)] {
                let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
                put(
                    format!("{kind}.{name}"),
                    Dtype::F32,
                    var.dims().to_vec(),
                    bytes,
                );
            }
        }
        let whole = |values: &[u64]| values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let order: Vec<_> = at.order.iter().map(|i| *i as u64).collect();
        put("order".into(), Dtype::U64, vec![order.len()], whole(&order));
        let streams = [at.shuffles.position(), at.views.position()];
        let position = [at.steps as u64, at.batch as u64, streams[0], streams[1]];
        put("position".into(), Dtype::U64, vec![4], whole(&position));
        let total = at.total.to_le_bytes().to_vec();
        put("total".into(), Dtype::F64, vec![1], total);
        let cells = at.history.iter().flat_map(|row| {
            let (loss, accuracy) = (row.train_loss, row.validation_accuracy);
            [
                loss.unwrap_or(f64::NAN),
                row.validation_loss,
                accuracy.unwrap_or(f64::NAN),
            ]
        });
        let cells = cells.flat_map(f64::to_le_bytes).collect();
        put(
            "history".into(),
            Dtype::F64,
            vec![at.history.len(), 3],
            cells,
        );
        Ok(tensors)
    }

    /// The position that was saved, if it can be one of this training.
    fn position_of(&self, tensors: &Tensors) -> Result<Position, Error> {
        let order = words(tensors, "order")?;
        let mut seen = vec![false; self.position.order.len()];
        for index in &order {
            match seen.get_mut(*index as usize) {
                Some(seen) if !*seen => *seen = true,
                _ => return Err(state("its order is not one of these images")),
            }
        }
        let [steps, batch, shuffles, views] = words(tensors, "position")?[..] else {
            return Err(state("its position has not four numbers"));
        };
        let total = numbers(tensors, "total")?;
        let cells = numbers(tensors, "history")?;
        let heads = self.loss.trains_head();
        let row = |(epoch, row): (usize, &[f64])| Epoch {
            epoch,
            train_loss: (epoch > 0).then_some(row[0]),
            validation_loss: row[1],
            validation_accuracy: heads.then_some(row[2]),
        };
        let history: Vec<_> = cells.chunks_exact(3).enumerate().map(row).collect();
        let per_epoch = self.batches() as u64;
        let behind = ((history.len() as u64).saturating_sub(1) * per_epoch).saturating_add(batch);
        let over = history.len() > self.budget.epochs;
        if order.len() != seen.len()
            || total.len() != 1
            || history.len() > self.budget.epochs + 1
            || batch >= if over { 1 } else { per_epoch }
            || steps != behind
        {
            return Err(state("its position is not one of this training"));
        }
        Ok(Position {
            order: order.into_iter().map(|i| i as usize).collect(),
            shuffles: stream_at(self.order_seed, shuffles),
            views: stream_at(views_seed(self.order_seed), views),
            steps: steps as usize,
            batch: batch as usize,
            total: total[0],
            history,
        })
    }
}

/// The tensors and the notes of a state that is whole and of `owner`.
fn read(bytes: &[u8], owner: &str) -> Result<(Tensors, String), Error> {
    let torn = |e: safetensors::SafeTensorError| state(format!("it is torn: {e}"));
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(torn)?;
    let views = SafeTensors::deserialize(bytes).map_err(torn)?;
    let said = |name| {
        let metadata = header.metadata().as_ref();
        let value = metadata.and_then(|m| m.get(name)).map(String::as_str);
        value.ok_or_else(|| state(format!("its header has no {name}")))
    };
    if said("format")? != FORMAT {
        return Err(state("it is of another version of this program"));
    }
    let tensor = |(name, view): (&str, TensorView)| {
        let shape = view.shape().to_vec();
        (name.to_owned(), (view.dtype(), shape, view.data().to_vec()))
    };
    let tensors: Tensors = views.iter().map(tensor).collect();
    let notes = said("notes")?;
    if said("sha256")? != digest(said("owner")?, notes, &tensors) {
        return Err(state("its contents are not those that were written"));
    }
    if said("owner")? != sha256_hex(owner) {
        return Err(state("it is of another training"));
    }
    Ok((tensors, notes.to_owned()))
}

fn state(reason: impl Into<String>) -> Error {
    Error::State {
        reason: reason.into(),
    }
}

fn digest(owner: &str, notes: &str, tensors: &Tensors) -> String {
    let mut hash = Sha256::new();
    let mut part = |bytes: &[u8]| {
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    };
    for text in [FORMAT, owner, notes] {
        part(text.as_bytes());
    }
    for (name, (dtype, shape, bytes)) in tensors {
        part(name.as_bytes());
        part(format!("{dtype:?} {shape:?}").as_bytes());
        part(bytes);
    }
    hex(hash.finalize())
}

fn floats(tensors: &Tensors, name: &str, var: &Var) -> Result<Vec<f32>, Error> {
    match tensors.get(name) {
        Some((Dtype::F32, shape, bytes)) if shape == var.dims() => {
            let (values, _) = bytes.as_chunks();
            Ok(values.iter().map(|v| f32::from_le_bytes(*v)).collect())
        }
        _ => Err(state(format!("it has no {name} of this network's shape"))),
    }
}

fn words(tensors: &Tensors, name: &str) -> Result<Vec<u64>, Error> {
    let (values, _) = eight(tensors, name, Dtype::U64)?.as_chunks();
    Ok(values.iter().map(|v| u64::from_le_bytes(*v)).collect())
}

fn numbers(tensors: &Tensors, name: &str) -> Result<Vec<f64>, Error> {
    let (values, _) = eight(tensors, name, Dtype::F64)?.as_chunks();
    Ok(values.iter().map(|v| f64::from_le_bytes(*v)).collect())
}

fn eight<'a>(tensors: &'a Tensors, name: &str, wanted: Dtype) -> Result<&'a [u8], Error> {
    match tensors.get(name) {
        Some((dtype, _, bytes)) if *dtype == wanted => Ok(bytes),
        _ => Err(state(format!("it has no {name}"))),
    }
}
