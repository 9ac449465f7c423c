"""Asking a model about a battery of images, and what its answers say."""

import os
import sys

import numpy as np

from . import _nodule
from .progress import Progress

# The tables that a result has, as columns.
TABLES = ("accuracy", "validation", "reliance", "landscape", "maps", "layers")


class Battery:
    """What all networks of a study are asked, for a model of yours.

    ``study`` is the name of a built-in study (``nodule.studies()``) or a study file; ``train`` the name of the
    distribution that the model was trained on, by default the study's first: its validation images give the unit of
    all effects. ``seeds`` is how many seeds of the study have validation images of their own: more than 1 only where
    each model was trained on the images of that seed. ``image_size`` is the width of the images, by default the
    study's.
    """

    def __init__(self, study, train=None, *, seeds=1, image_size=None):
        trains = [] if train is None else [train]
        self._battery = _nodule.Battery(os.fspath(study), trains, seeds, image_size)

    @property
    def id(self):
        """32 hexadecimal digits: two batteries of one id ask the same."""
        return self._battery.id

    @property
    def study(self):
        """The study's name."""
        return self._battery.study

    @property
    def train(self):
        """The distributions that there are validation images of."""
        return self._battery.train

    @property
    def image_size(self):
        """Width and height of the images, in pixels."""
        return self._battery.image_size

    def __repr__(self):
        return f"<nodule.Battery of the study {self.study}: {self.id}>"

    def sets(self, train=None, seed=0):
        """How many images each set has, by its name, of those that a model is asked about."""
        asked = self._battery.asked(self._trained(train), seed)
        return {name: n for name, n, _, _ in asked}

    def images(self, name):
        """All images of a set, ``[n, 1, size, size]`` float32 in [0, 1]."""
        return self._battery.images(name, 0, sys.maxsize)

    def labels(self, name):
        """The labels of a set, ``[n]`` uint8: 0 normal, 1 abnormal. None where there is no such set."""
        return self._battery.labels(name)

    def export(self, folder):
        """Writes the battery as files, as ``nodule battery export`` does."""
        self._battery.export(os.fspath(folder))

    def audit(self, predict, *, name="model", train=None, seed=0, batch_size=256, maps=None, progress=None):
        """Asks ``predict`` about every image, and returns a :class:`Result`.

        ``predict`` takes images ``[n, 1, size, size]`` float32 and returns decision values ``[n]`` (larger: more
        abnormal; above 0: decided as abnormal), or a pair of decision values and embeddings ``[n, d]``; with
        embeddings the study's read-outs are fitted on them too. ``name`` and ``seed`` are what tables and claims call
        the model. ``maps`` are attribution maps ``[n, size, size]`` of ``battery.images("maps")`` by the name of
        their method, such as ``{"integrated-gradients": array}``. ``progress`` draws a bar on the standard error,
        by default where that is a terminal.
        """
        train = self._trained(train)
        # Those that need decisions come first: only then is it known whether there are embeddings.
        asked = sorted(self._battery.asked(train, seed), key=lambda wanted: not wanted[2])
        decisions, embeddings = {}, {}
        with Progress(sum(n for _, n, _, _ in asked), progress) as bar:
            for set_name, n, wants_decision, wants_embedding in asked:
                if not wants_decision and not (wants_embedding and embeddings):
                    bar.step(n)
                    continue
                parts = []
                for start in range(0, n, batch_size):
                    images = self._battery.images(set_name, start, start + batch_size)
                    parts.append(_answer(predict(images), len(images)))
                    bar.step(len(images))
                if wants_decision:
                    decisions[set_name] = np.concatenate([decided for decided, _ in parts])
                seen = [embedded for _, embedded in parts if embedded is not None]
                if wants_embedding and seen:
                    if len(seen) != len(parts):
                        raise ValueError("predict returned embeddings for some images and none for others")
                    embeddings[set_name] = np.concatenate(seen)
        given = {method: _floats(values, f"maps[{method!r}]") for method, values in (maps or {}).items()}
        return Result(self._battery.measure((name, train, seed), decisions, embeddings, given))

    def _trained(self, train):
        return self.train[0] if train is None else train


class Result:
    """What was measured on one model or several.

    Tables are dictionaries of columns, which ``pandas.DataFrame`` and ``polars.DataFrame`` read; a number that is not
    defined is NaN. In a notebook a result shows itself.
    """

    def __init__(self, measured):
        self._measured = measured

    @property
    def battery(self):
        """The battery's id."""
        return self._measured.battery

    @property
    def models(self):
        """The names of the models."""
        return self._measured.models

    @property
    def notes(self):
        """What is to be said before any number: which models answer all the same."""
        return self._measured.notes

    @property
    def accuracy(self):
        """Accuracy, sensitivity, specificity, AUROC on each test, with 95% intervals over its images."""
        return self._measured.columns("accuracy")

    @property
    def validation(self):
        """The same on validation images, and the spread of the decision value there: the unit of effects."""
        return self._measured.columns("validation")

    @property
    def reliance(self):
        """Counterfactual effect of each mode in spreads, and the share of decisions that it flips, and which way."""
        return self._measured.columns("reliance")

    @property
    def landscape(self):
        """The decision over the square of shape and texture: mean in spreads, and the share decided as abnormal."""
        return self._measured.columns("landscape")

    @property
    def maps(self):
        """Where attribution maps look: share of their mass over share of the area, and how often they point at the nodule."""
        return self._measured.columns("maps")

    @property
    def layers(self):
        """AUROC of shape and of texture read linearly from the embedding."""
        return self._measured.columns("layers")

    def report(self, path):
        """Writes the page to ``path`` where that ends in ``.html``; else a folder, empty or new, of the page, tables,
        figures and records. Returns the path of the page."""
        path = os.fspath(path)
        if not path.endswith(".html"):
            return str(self._measured.write(path))
        with open(path, "w", encoding="utf-8") as file:
            file.write(self._measured.page())
        return path

    def __repr__(self):
        return f"<nodule.Result of {', '.join(self.models)}>"

    def _repr_html_(self):
        rows = self.reliance
        columns = list(rows)
        cells = zip(*rows.values())
        head = "".join(f"<th>{name}</th>" for name in columns)
        body = "".join("<tr>" + "".join(f"<td>{_shown(cell)}</td>" for cell in row) + "</tr>" for row in cells)
        notes = "".join(f"<p>{_escaped(note)}</p>" for note in self.notes)
        return f"{notes}<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def judge(claims, results):
    """Judges the claims of a TOML file over several results, models being paired by seed.

    ``claims`` has ``[[hypothesis]]`` tables as a study file has them, ``loss`` being the name of a model. Returns the
    verdicts as columns, and a :class:`Result` of all models whose report shows them.
    """
    if isinstance(results, Result):
        results = [results]
    measured = _nodule.Measured.together([result._measured for result in results])
    measured = measured.with_claims(os.fspath(claims))
    return measured.verdicts(), Result(measured)


def _answer(answer, n):
    """Decision values and embeddings of one call, checked."""
    embeddings = None
    if isinstance(answer, tuple):
        if len(answer) != 2:
            raise ValueError(
                f"predict returned a tuple of {len(answer)}: must be decision values, or decision values and embeddings"
            )
        answer, embeddings = answer
    decisions = _floats(answer, "the decision values of predict")
    if decisions.ndim == 2 and decisions.shape[1] == 1:
        decisions = decisions[:, 0]
    if decisions.ndim != 1:
        raise ValueError(f"predict returned decision values of shape {decisions.shape}: must be ({n},), one an image")
    if len(decisions) != n:
        raise ValueError(f"predict returned {len(decisions)} decision values: must be {n}, one an image")
    if embeddings is None:
        return decisions, None
    embeddings = _floats(embeddings, "the embeddings of predict")
    if embeddings.ndim != 2 or len(embeddings) != n:
        raise ValueError(f"predict returned embeddings of shape {embeddings.shape}: must be ({n}, d), a row an image")
    return decisions, embeddings


def _floats(values, what):
    """As float32; tensors of PyTorch come as they are."""
    if hasattr(values, "detach"):
        values = values.detach().cpu()
    values = np.asarray(values)
    if values.dtype.kind != "f":
        raise ValueError(f"{what} are of type {values.dtype}: must be floating-point scores, not classes")
    return np.ascontiguousarray(values, dtype=np.float32)


def _shown(cell):
    return f"{cell:.3g}" if isinstance(cell, float) else _escaped(str(cell))


def _escaped(text):
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
