"""Evaluation of a model on a battery of test images, and its results."""

import os
import sys

import numpy as np

from . import _nodule
from .progress import Progress

# Names of the tables of a result.
TABLES = ("accuracy", "validation", "reliance", "landscape", "maps", "layers")


class Battery:
    """Test images of a study, for evaluating any model.

    Args:
        study: Name of a built-in study (``nodule.studies()``) or path of a study file.
        train: Name of the distribution that the model was trained on, by default the study's first. Effects are given
            in standard deviations of the decision score on its validation images.
        seeds: Number of seeds of the study with their own validation images. Use more than 1 only if each model was
            trained on the images of its seed.
        image_size: Width and height of the images in pixels, by default the study's.
    """

    def __init__(self, study, train=None, *, seeds=1, image_size=None):
        trains = [] if train is None else [train]
        self._battery = _nodule.Battery(os.fspath(study), trains, seeds, image_size)

    @property
    def id(self):
        """32 hexadecimal digits. Batteries of one id have the same images."""
        return self._battery.id

    @property
    def study(self):
        """Name of the study."""
        return self._battery.study

    @property
    def train(self):
        """Names of the distributions with validation images."""
        return self._battery.train

    @property
    def image_size(self):
        """Width and height of the images, in pixels."""
        return self._battery.image_size

    def __repr__(self):
        return f"<nodule.Battery of the study {self.study}: {self.id}>"

    def sets(self, train=None, seed=0):
        """Return the number of images of each set for a model of this training distribution and seed, by name."""
        sets = self._battery.expected_sets(self._train_or_first(train), seed)
        return {name: n for name, n, _, _ in sets}

    def images(self, name):
        """Return the images of a set, ``[n, 1, size, size]`` float32 in [0, 1]."""
        return self._battery.images(name, 0, sys.maxsize)

    def labels(self, name):
        """Return the labels of a set, ``[n]`` uint8 (0 normal, 1 abnormal), or None if it does not exist."""
        return self._battery.labels(name)

    def export(self, folder):
        """Write the battery to files, as ``nodule battery export`` does."""
        self._battery.export(os.fspath(folder))

    def audit(self, predict, *, name="model", train=None, seed=0, batch_size=256, maps=None, progress=None):
        """Evaluate a model on every image and return a :class:`Result`.

        Args:
            predict: Function from images ``[n, 1, size, size]`` float32 to decision scores ``[n]`` (larger is more
                abnormal; above 0 is classified as abnormal), or to a pair of decision scores and embeddings
                ``[n, d]``. With embeddings, the study's classifiers on the embedding are evaluated too.
            name: Name of the model in tables and claims.
            train: Distribution that the model was trained on, by default the battery's first.
            seed: Number of the model's seed in tables and claims.
            batch_size: Number of images per call of ``predict``.
            maps: Saliency maps ``[n, size, size]`` of ``battery.images("maps")`` by method, such as
                ``{"integrated-gradients": array}``.
            progress: Whether to draw a progress bar, by default if the standard error is a terminal.

        Raises:
            ValueError: If predictions or maps have the wrong shape or type, or are not finite.
        """
        train = self._train_or_first(train)
        # Sets with decision scores come first, because they show whether the model returns embeddings.
        sets = sorted(self._battery.expected_sets(train, seed), key=lambda item: not item[2])
        decisions, embeddings = {}, {}
        with Progress(sum(n for _, n, _, _ in sets), progress) as bar:
            for set_name, n, needs_decision, needs_embedding in sets:
                if not needs_decision and not (needs_embedding and embeddings):
                    bar.step(n)
                    continue
                batches = []
                for start in range(0, n, batch_size):
                    images = self._battery.images(set_name, start, start + batch_size)
                    batches.append(_check_prediction(predict(images), len(images)))
                    bar.step(len(images))
                if needs_decision:
                    decisions[set_name] = np.concatenate([scores for scores, _ in batches])
                embedded = [embedding for _, embedding in batches if embedding is not None]
                if needs_embedding and embedded:
                    if len(embedded) != len(batches):
                        raise ValueError("predict returned embeddings for some images and none for others")
                    embeddings[set_name] = np.concatenate(embedded)
        maps = {method: _to_float32(values, f"maps[{method!r}]") for method, values in (maps or {}).items()}
        return Result(self._battery.measure((name, train, seed), decisions, embeddings, maps))

    def _train_or_first(self, train):
        return self.train[0] if train is None else train


class Result:
    """Measurements of one or several models.

    Each table is a dictionary of columns, as ``pandas.DataFrame`` and ``polars.DataFrame`` accept. Undefined numbers
    are NaN. Effects and scores are in standard deviations (SD) of the decision score on the validation images. A
    notebook shows the reliance table.
    """

    def __init__(self, measured):
        self._measured = measured

    @property
    def battery(self):
        """Id of the battery."""
        return self._measured.battery

    @property
    def models(self):
        """Names of the models."""
        return self._measured.models

    @property
    def notes(self):
        """Warnings, such as models that give every image the same score."""
        return self._measured.notes

    @property
    def accuracy(self):
        """Accuracy, sensitivity, specificity, balanced accuracy and AUROC on each test, with 95% intervals."""
        return self._measured.columns("accuracy")

    @property
    def validation(self):
        """The same on the validation images, and the SD of the decision score there (``spread``)."""
        return self._measured.columns("validation")

    @property
    def reliance(self):
        """Counterfactual effect of each mode of variation in SD, and the share of decisions that it flips."""
        return self._measured.columns("reliance")

    @property
    def landscape(self):
        """Decision surface over shape and texture: mean score in SD, and the share classified as abnormal."""
        return self._measured.columns("landscape")

    @property
    def maps(self):
        """Relevance mass of saliency maps relative to area, and the share of maps with their maximum in the nodule."""
        return self._measured.columns("maps")

    @property
    def layers(self):
        """AUROC of shape and texture, decoded linearly from the embedding."""
        return self._measured.columns("layers")

    def report(self, path):
        """Write the report and return its path.

        If ``path`` ends in ``.html``, write one self-contained page. Otherwise write a folder, which must be empty or
        absent, with the page, tables, figures and records.
        """
        path = os.fspath(path)
        if not path.endswith(".html"):
            return str(self._measured.write(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._measured.page())
        return path

    def __repr__(self):
        return f"<nodule.Result of {', '.join(self.models)}>"

    def _repr_html_(self):
        table = self.reliance
        rows = zip(*table.values())
        head = "".join(f"<th>{name}</th>" for name in table)
        body = "".join("<tr>" + "".join(f"<td>{_format_cell(cell)}</td>" for cell in row) + "</tr>" for row in rows)
        notes = "".join(f"<p>{_escape(note)}</p>" for note in self.notes)
        return f"{notes}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def judge(claims, results):
    """Judge claims over several results, with models paired by seed.

    Args:
        claims: Path of a TOML file with ``[[hypothesis]]`` tables as in a study file, where ``loss`` is a model's name.
        results: A :class:`Result` or a list of them.

    Returns:
        The verdicts as columns, and a :class:`Result` of all models whose report shows the verdicts.
    """
    if isinstance(results, Result):
        results = [results]
    measured = _nodule.Measured.together([result._measured for result in results])
    measured = measured.with_claims(os.fspath(claims))
    return measured.verdicts(), Result(measured)


def _check_prediction(prediction, n):
    """Return decision scores ``[n]`` and embeddings ``[n, d]`` or None of one call of ``predict``."""
    embeddings = None
    if isinstance(prediction, tuple):
        if len(prediction) != 2:
            raise ValueError(
                f"predict returned a tuple of {len(prediction)}: must be decision scores, or decision scores and embeddings"
            )
        prediction, embeddings = prediction
    scores = _to_float32(prediction, "the decision scores of predict")
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    if scores.ndim != 1:
        raise ValueError(f"predict returned decision scores of shape {scores.shape}: must be ({n},), one per image")
    if len(scores) != n:
        raise ValueError(f"predict returned {len(scores)} decision scores: must be {n}, one per image")
    if embeddings is None:
        return scores, None
    embeddings = _to_float32(embeddings, "the embeddings of predict")
    if embeddings.ndim != 2 or len(embeddings) != n:
        raise ValueError(f"predict returned embeddings of shape {embeddings.shape}: must be ({n}, d), one row per image")
    return scores, embeddings


def _to_float32(values, name):
    """Return an array or PyTorch tensor of floats as a float32 array."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    values = np.asarray(values)
    if values.dtype.kind != "f":
        raise ValueError(f"{name} are of type {values.dtype}: must be floating-point scores, not classes")
    return np.ascontiguousarray(values, dtype=np.float32)


def _format_cell(cell):
    return f"{cell:.3g}" if isinstance(cell, float) else _escape(str(cell))


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
