"""Checks of what a user's ``predict`` returns."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from .arguments import as_text, reject_masked

# Number of images that are evaluated again.
REPEATED = 24
# Largest difference between two evaluations of an image, in standard deviations (SD) over the images. A unit in the last
# place of a bfloat16 score of 2 to 4 SD stays below it; batch normalisation and dropout in training mode change more.
TOLERANCE_SD = 0.02
# The same relative to the largest output: float32 sums of a network in another order differ by a few 1e-6.
TOLERANCE_ROUNDING = 1e-5
# The same in machine epsilons of the returned type, which matters in half precision.
TOLERANCE_EPSILONS = 4
# Words in the names of PyTorch modules that compute something else in training mode.
TRAINING_MODULES = ("BatchNorm", "InstanceNorm", "Drop", "RReLU")


class Prediction(NamedTuple):
    """Outputs for n images."""

    # Decision scores ``[n]``, or None.
    scores: np.ndarray
    # Embeddings ``[n, d]``, or None.
    embeddings: np.ndarray
    # Machine epsilon of the type in which they were returned.
    epsilon: float

    def take(self, chosen):
        """Return the outputs for the images of these indices."""
        parts = [None if values is None else values[chosen] for values in self[:2]]
        return Prediction(*parts, self.epsilon)


class Sample(NamedTuple):
    """Some images, and the first prediction for them."""

    images: np.ndarray
    prediction: Prediction


def reject_training_mode(predict):
    """Reject a PyTorch network that ``predict`` is or uses and that computes something else in training mode.

    Call it after ``predict``, which may call ``eval()`` itself.
    """
    for model in _used_objects(predict, depth=3):
        # A class has these attributes too, as functions or descriptors.
        if isinstance(model, type) or not callable(getattr(model, "modules", None)):
            continue
        training = (type(part).__name__ for part in model.modules() if getattr(part, "training", None) is True)
        if any(word in name for name in training for word in TRAINING_MODULES):
            raise ValueError(
                f"predict uses a {type(model).__name__} in training mode, where batch normalisation and dropout change "
                "the scores: call its eval() first"
            )


def _used_objects(value, depth):
    """Return an object and those that it refers to: attributes, variables of the enclosing function, used globals."""
    used = [value]
    if depth == 0:
        return used
    parts = [getattr(value, "__self__", None), getattr(value, "func", None)]
    for cell in getattr(value, "__closure__", None) or ():
        try:
            parts.append(cell.cell_contents)
        except ValueError:
            # The variable is not assigned yet.
            pass
    code = getattr(value, "__code__", None)
    scope = getattr(value, "__globals__", {})
    parts += [scope[name] for name in getattr(code, "co_names", ()) if name in scope]
    if not hasattr(value, "modules") and not isinstance(value, (type, type(np))):
        parts += list(getattr(value, "__dict__", {}).values())
    for part in parts:
        if part is not None and not isinstance(part, (type, type(np))):
            used += _used_objects(part, depth - 1)
    return used


def check_prediction(prediction, n):
    """Return the :class:`Prediction` of one call of ``predict`` for ``n`` images."""
    embeddings = None
    if isinstance(prediction, dict):
        raise ValueError(
            f"predict returned a dict with the keys {', '.join(map(str, prediction))}: must return decision scores, "
            "or a pair of decision scores and embeddings"
        )
    is_group = isinstance(prediction, (tuple, list))
    if is_group and any(part is None or getattr(part, "ndim", 0) for part in prediction):
        if len(prediction) != 2:
            raise ValueError(
                f"predict returned {len(prediction)} arrays: must be decision scores, or decision scores and embeddings"
            )
        prediction, embeddings = prediction
    elif not is_group and getattr(prediction, "ndim", 0) == 2:
        if prediction.shape[1] == 2:
            raise ValueError(
                f"predict returned {n} rows of 2 values: must be decision scores ({n},); of two logits return the "
                "second minus the first, of two probabilities the second, with outputs=\"probability\"; of embeddings "
                "return (None, embeddings)"
            )
        if prediction.shape[1] > 2:
            prediction, embeddings = None, prediction
    if prediction is None and embeddings is None:
        raise ValueError("predict returned None: must return decision scores, or decision scores and embeddings")
    epsilon = _epsilon(embeddings if prediction is None else prediction)
    scores = None
    if prediction is not None:
        scores = to_floats(prediction, "the decision scores of predict")
        if scores.ndim == 2 and scores.shape[1] == 1:
            scores = scores[:, 0]
        if scores.ndim != 1:
            raise ValueError(f"predict returned decision scores of shape {scores.shape}: must be ({n},), one per image")
        if len(scores) != n:
            raise ValueError(f"predict returned {len(scores)} decision scores: must be {n}, one per image")
    if embeddings is not None:
        embeddings = to_floats(embeddings, "the embeddings of predict")
        if embeddings.ndim != 2 or len(embeddings) != n or not embeddings.shape[1]:
            raise ValueError(
                f"predict returned embeddings of shape {embeddings.shape}: must be ({n}, d), one row per image"
            )
    return Prediction(scores, embeddings, epsilon)


def _epsilon(values):
    """Return the machine epsilon of the type of an array or tensor; that of float64 for other objects."""
    name = str(getattr(values, "dtype", "float64")).removeprefix("torch.")
    # NumPy has no bfloat16.
    if name == "bfloat16":
        return 2.0**-7
    return float(np.finfo(name if name in ("float16", "float32") else "float64").eps)


def join_predictions(batches):
    """Return the prediction for the images of all batches."""
    parts = []
    for values, what in zip(list(zip(*batches))[:2], ("decision scores", "embeddings")):
        given = [value for value in values if value is not None]
        if given and len(given) != len(values):
            raise ValueError(f"predict returned {what} for some images and none for others")
        if len({value.shape[1:] for value in given}) > 1:
            raise ValueError(f"predict returned {what} of {given[0].shape[1]} and of other numbers of columns")
        parts.append(np.concatenate(given) if given else None)
    return Prediction(*parts, max(batch.epsilon for batch in batches))


def repeated_images(n):
    """Return the indices of the images of a set of ``n`` that are evaluated again."""
    return np.unique(np.linspace(0, n - 1, REPEATED).astype(int))


def check_repeatable(predict, sample, batch_size):
    """Reject a model whose outputs for an image depend on the batch, on its order, on chance or on earlier calls.

    The images of the sample are evaluated again, in reverse order and in smaller batches if ``batch_size`` is above 1.
    """
    images = sample.images[::-1]
    size = max(1, min(len(images), batch_size) // 2)
    parts = [images[start : start + size].copy() for start in range(0, len(images), size)]
    again = join_predictions([check_prediction(predict(part), len(part)) for part in parts])
    for before, after, what in zip(sample.prediction[:2], again[:2], ("scores", "embeddings")):
        if before is None or after is None:
            continue
        before, after = before.astype(np.float64), after.astype(np.float64)[::-1]
        sd = before.std(axis=0).max()
        rounding = max(TOLERANCE_ROUNDING, TOLERANCE_EPSILONS * sample.prediction.epsilon)
        tolerance = TOLERANCE_SD * sd + rounding * np.abs(before).max()
        difference = np.abs(before - after).max()
        if difference > tolerance:
            size = f"{difference / sd:.2g} SD" if sd > 0 else f"{difference:.2g}"
            raise ValueError(
                f"predict returned other {what} for the same images in another batch (difference {size}): a model must "
                "not depend on the batch, on chance or on earlier calls; call eval() on the network (batch normalisation, dropout) and "
                "switch off test-time augmentation"
            )


def to_floats(values, name, dtype=None):
    """Return an array, a PyTorch tensor or a list of floats as a contiguous array, of its own or of the given type."""
    reject_masked(values, name)
    if hasattr(values, "detach"):
        values = values.detach().cpu()
        # NumPy has no bfloat16.
        if str(values.dtype) == "torch.bfloat16":
            values = values.float()
    try:
        array = np.asarray(values)
    except Exception as error:
        raise ValueError(f"{name} cannot be converted to an array: {' '.join(str(error).split())}") from None
    if array.dtype.kind != "f":
        raise ValueError(f"{name} are of type {array.dtype}: must be floating-point scores, not classes")
    if dtype is None:
        dtype = np.float64 if array.dtype.itemsize > 4 else np.float32
    return np.ascontiguousarray(array, dtype=dtype)


def check_maps(maps):
    """Return the saliency maps as float32 arrays, by attribution method."""
    if maps is None:
        return {}
    if not isinstance(maps, Mapping):
        raise ValueError(f"maps is of type {type(maps).__name__}: must be a dict of arrays by attribution method")
    methods = {as_text("attribution method of maps", method, "a text, such as gradient") for method in maps}
    return {method: to_floats(maps[method], f"maps[{method!r}]", np.float32) for method in sorted(methods)}
