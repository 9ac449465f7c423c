"""Evaluation of a model on a battery of test images, and its results."""

import os
import sys

import numpy as np

from . import _nodule
from .arguments import as_path, as_text, check_count, invalid, write_text
from .predictions import (
    Sample,
    check_maps,
    check_prediction,
    check_repeatable,
    join_predictions,
    repeated_images,
    reject_training_mode,
)
from .progress import Progress

# What names a set, and what names a training distribution.
NAME_OF_SET = "the name of a set (battery.sets())"
NAME_OF_TRAIN = "the name of a training distribution (battery.train)"


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
        study = as_path("study", study, "the name of a built-in study or the path of a study file")
        trains = [] if train is None else [as_text("train", train, NAME_OF_TRAIN)]
        # A process that unpickles the battery or its latents may work in another folder.
        if study not in _nodule.studies() and os.path.exists(study):
            study = os.path.abspath(study)
        self._arguments = (study, train, seeds, image_size)
        self._battery = _nodule.Battery(study, trains, seeds, image_size)

    def __reduce__(self):
        return _restore_battery, (self._arguments, self.id)

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
        sets = self._battery.expected_sets(self._train_or_first(train), check_count("seed", seed, 0))
        return {name: n for name, n, _, _ in sets}

    def images(self, name):
        """Return the images of a set, ``[n, 1, size, size]`` float32 in [0, 1]."""
        return self._battery.images(as_text("name", name, NAME_OF_SET), 0, sys.maxsize)

    def labels(self, name):
        """Return the labels of a set, ``[n]`` uint8 (0 normal, 1 abnormal)."""
        return self._battery.labels(as_text("name", name, NAME_OF_SET))

    def masks(self, name):
        """Return the masks of a set, ``[n, size, size]`` uint8: 1 inside the nodule, else 0."""
        return self._battery.masks(as_text("name", name, NAME_OF_SET))

    def latents(self, name):
        """Return the :class:`Latents` of a set, the generator's factors of each image."""
        return self._battery.latents(as_text("name", name, NAME_OF_SET))

    def export(self, folder):
        """Write the battery to files, as ``nodule battery export`` does."""
        self._battery.export(as_path("folder", folder))

    def audit(
        self,
        predict,
        *,
        name="model",
        train=None,
        seed=0,
        batch_size=256,
        outputs="score",
        maps=None,
        progress=None,
    ):
        """Evaluate a model on every image and return a :class:`Result`.

        Args:
            predict: Function from images ``[n, 1, size, size]`` float32 to decision scores ``[n]`` (larger is more
                abnormal; above 0 is classified as abnormal), to a pair of decision scores and embeddings ``[n, d]``,
                or to a pair of None and embeddings. With embeddings, the study's classifiers on the embedding are
                fitted to the images of ``training-TRAIN-SEED`` and evaluated too. The output for an image must not
                depend on the other images of the batch or on chance: ``predict`` is called again for some images.
            name: Name of the model in tables and claims.
            train: Distribution that the model was trained on, by default the battery's first.
            seed: Number of the model's seed in tables and claims, from 0.
            batch_size: Number of images per call of ``predict``.
            outputs: ``"score"``, or ``"probability"`` if ``predict`` returns probabilities of the abnormal class
                instead of scores; their logits are the scores.
            maps: Saliency maps ``[n, size, size]`` of ``battery.images("maps")`` by method, such as
                ``{"integrated-gradients": array}``.
            progress: Whether to draw a progress bar, by default if the standard error is a terminal.

        Raises:
            ValueError: If predictions or maps have the wrong shape or type or are not finite, or if the model is in
                training mode, depends on the batch, or is random.
        """
        if not callable(predict):
            raise invalid("predict", predict, "a function from images to decision scores")
        if progress is not None and not isinstance(progress, bool):
            raise invalid("progress", progress, "True, False or None")
        train, name = self._train_or_first(train), as_text("name", name, "a text, 1 to 64 characters")
        outputs = as_text("outputs", outputs, "one of score, probability")
        maps = check_maps(maps)
        batch_size, seed = check_count("batch_size", batch_size, 1), check_count("seed", seed, 0)
        # Sets with decision scores come first, because they show whether the model returns embeddings.
        sets = sorted(self._battery.expected_sets(train, seed), key=lambda item: not item[2])
        decisions, embeddings, resolution, sample = {}, {}, 0.0, None
        with Progress(sum(n for _, n, _, _ in sets), progress) as bar:
            for set_name, n, needs_decision, needs_embedding in sets:
                if not needs_decision and not (needs_embedding and embeddings):
                    bar.step(n)
                    continue
                batches, kept, repeated = [], [], repeated_images(n)
                for start in range(0, n, batch_size):
                    images = self._battery.images(set_name, start, start + batch_size)
                    if sample is None:
                        kept.append(images[repeated[(repeated >= start) & (repeated < start + batch_size)] - start])
                    batches.append(check_prediction(predict(images), len(images)))
                    bar.step(len(images))
                prediction = join_predictions(batches)
                if sample is None:
                    reject_training_mode(predict)
                    sample = Sample(np.concatenate(kept), prediction.take(repeated))
                    check_repeatable(predict, sample, batch_size)
                if needs_decision and prediction.scores is not None:
                    decisions[set_name] = prediction.scores.astype(np.float64)
                    resolution = max(resolution, prediction.epsilon / 4)
                if needs_embedding and prediction.embeddings is not None:
                    embeddings[set_name] = prediction.embeddings.astype(np.float64)
        # Again, because a model may change from call to call.
        check_repeatable(predict, sample, batch_size)
        model = (name, train, seed)
        return Result(self._battery.measure(model, decisions, embeddings, maps, (outputs, resolution)))

    def _train_or_first(self, train):
        return self.train[0] if train is None else as_text("train", train, NAME_OF_TRAIN)


class Result:
    """Measurements of one or several models.

    Each table is a dictionary of columns, as ``pandas.DataFrame`` and ``polars.DataFrame`` accept. Undefined numbers
    are NaN. Effects and scores are in standard deviations (SD) of the decision score on the validation images. A
    notebook shows the reliance table.
    """

    def __init__(self, measured):
        if not isinstance(measured, _nodule.Measured):
            raise invalid("measured", measured, "measurements; Battery.audit and Result.load return a Result")
        self._measured = measured

    def __reduce__(self):
        return _restore_result, (self._measured.to_json(),)

    def save(self, path):
        """Write the result to a JSON file that :meth:`load` reads, and return the path."""
        path = as_path("path", path)
        write_text(path, self._measured.to_json())
        return path

    @staticmethod
    def load(path):
        """Read a result that :meth:`save` wrote, with the same version of this package.

        Raises:
            ValueError: If the file is no result, or another version wrote it.
        """
        path = as_path("path", path)
        with open(path, encoding="utf-8", errors="replace") as file:
            return Result(_nodule.Measured.from_json(file.read(), path))

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
        path = as_path("path", path)
        if not path.endswith(".html"):
            return str(self._measured.write(path))
        write_text(path, self._measured.page())
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
    path = as_path("claims", claims, "the path of a TOML file with [[hypothesis]] tables")
    results = [results] if isinstance(results, Result) else results
    allowed = "a Result of Battery.audit or Result.load, or a list of them"
    if not isinstance(results, (list, tuple)):
        raise invalid("results", results, allowed)
    wrong = [result for result in results if not isinstance(result, Result)]
    if wrong:
        raise ValueError(f"results holds an object of type {type(wrong[0]).__name__}: must be {allowed}")
    if "\n" in path or "[[" in path:
        raise ValueError("claims is the text of a file: must be the path of a TOML file with [[hypothesis]] tables")
    measured = _nodule.Measured.together([result._measured for result in results])
    measured = measured.with_claims(path)
    return measured.verdicts(), Result(measured)


def _restore_battery(arguments, id):
    """Return the pickled battery, made again from its study."""
    study, train, seeds, image_size = arguments
    battery = Battery(study, train, seeds=seeds, image_size=image_size)
    if battery.id != id:
        raise ValueError(f"battery = {battery.id}: must be {id}; the study {study} or the generator has changed since the battery was pickled")
    return battery


def _restore_result(text):
    """Return the pickled result."""
    return Result(_nodule.Measured.from_json(text, "pickled result"))


def _format_cell(cell):
    return f"{cell:.3g}" if isinstance(cell, float) else _escape(str(cell))


def _escape(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
