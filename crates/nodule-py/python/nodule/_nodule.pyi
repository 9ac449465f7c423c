import os
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

__version__: str
GENERATOR_VERSION: int

class Nodules:
    """Nodules of a distribution, with their masks, labels and latents."""

    @property
    def images(self) -> npt.NDArray[np.float32]:
        """Images ``[n, size, size]`` in [0, 1]."""
    @property
    def masks(self) -> npt.NDArray[np.uint8]:
        """Masks ``[n, size, size]``: 1 inside the nodule, else 0."""
    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        """Labels ``[n]``: 0 normal, 1 abnormal."""
    @property
    def latents(self) -> Latents:
        """Latents that determine the nodules, one column per latent."""
    def __len__(self) -> int: ...

class Latents:
    """Latents of several nodules, one column ``[n]`` per latent: levels as float64, seeds as uint64.

    ``outline`` is the row of a real outline, or -1 for a synthetic one.
    """

    shape: npt.NDArray[np.float64]
    texture: npt.NDArray[np.float64]
    size: npt.NDArray[np.float64]
    elongation: npt.NDArray[np.float64]
    rotation: npt.NDArray[np.float64]
    position_x: npt.NDArray[np.float64]
    position_y: npt.NDArray[np.float64]
    contrast: npt.NDArray[np.float64]
    brightness: npt.NDArray[np.float64]
    background_texture: npt.NDArray[np.float64]
    noise: npt.NDArray[np.float64]
    blur: npt.NDArray[np.float64]
    outline: npt.NDArray[np.int64]
    outline_seed: npt.NDArray[np.uint64]
    texture_seed: npt.NDArray[np.uint64]
    background_seed: npt.NDArray[np.uint64]
    noise_seed: npt.NDArray[np.uint64]
    @property
    def names(self) -> list[str]:
        """Names of the columns."""
    def __len__(self) -> int: ...
    def __getitem__(self, index: int | slice | Sequence[int] | npt.NDArray) -> Latents:
        """Select nodules by an integer, a slice, a mask ``[n]`` of booleans, or a list of integers."""
    def to_dict(self) -> dict[str, npt.NDArray]:
        """Return all columns by name."""
    def replace(self, **columns: float | Sequence[float] | npt.NDArray) -> Latents:
        """Return the same nodules with some columns replaced, each by one value for all nodules or by ``n`` values.

        Replacing ``shape`` of a nodule with a real outline gives it a synthetic one.
        """

def distributions() -> list[str]:
    """Return the names of the built-in distributions. ``generate`` also accepts ``spurious-R`` for R from 0 to 1."""

def studies() -> list[str]:
    """Return the names of the built-in studies."""

def generate(
    distribution: str | os.PathLike[str],
    n: int,
    seed: int = 0,
    *,
    image_size: int = 64,
    outlines: str | os.PathLike[str] | None = None,
    backgrounds: str | os.PathLike[str] | None = None,
    part: Literal["all", "training", "test"] = "all",
) -> Nodules:
    """Generate ``n`` nodules of a distribution, given as the name of a built-in one or as the path of a TOML file.

    Nodule i depends on ``seed`` and i alone, so a larger ``n`` keeps the first nodules. ``outlines`` is a CSV file of
    real outlines, ``backgrounds`` an npz file of lung backgrounds, and ``part`` the split of their groups that is used.
    The bits equal those that ``nodule synth`` writes.
    """

def render(
    latents: Latents,
    *,
    image_size: int | None = None,
    backgrounds: str | os.PathLike[str] | None = None,
    part: Literal["all", "training", "test"] = "all",
) -> npt.NDArray[np.float32]:
    """Render ``latents`` as images ``[n, size, size]`` in [0, 1].

    ``image_size`` and ``backgrounds`` are by default those of the data set or battery they come from.
    """
