import os
from collections.abc import Sequence
from typing import overload

import numpy as np
import numpy.typing as npt

__version__: str
GENERATOR_VERSION: int

class Nodules:
    """Nodules of a distribution, with all that is known of them."""

    @property
    def images(self) -> npt.NDArray[np.float32]:
        """``[n, size, size]`` in [0, 1]."""
    @property
    def masks(self) -> npt.NDArray[np.uint8]:
        """``[n, size, size]``: 1 where the nodule is."""
    @property
    def labels(self) -> npt.NDArray[np.uint8]:
        """``[n]``: 0 normal, 1 abnormal."""
    @property
    def latents(self) -> Latents:
        """Everything that makes them."""
    def __len__(self) -> int: ...

class Latents:
    """Everything that makes some nodules, a column each: levels as float64, seeds as uint64."""

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
    def names(self) -> list[str]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, index: int | slice) -> Latents: ...
    def to_dict(self) -> dict[str, npt.NDArray]: ...
    def replace(self, **columns: float | Sequence[float] | npt.NDArray) -> Latents:
        """The same nodules with some columns replaced: a number for all of them, or one each.

        Replacing the shape of a real outline gives a synthetic one.
        """

def distributions() -> list[str]:
    """The names of the distributions that come with the package."""

def studies() -> list[str]:
    """The names of the studies that come with the package."""

def generate(
    distribution: str,
    n: int,
    seed: int = 0,
    *,
    image_size: int = 64,
    outlines: str | os.PathLike[str] | None = None,
) -> Nodules:
    """Draws and renders ``n`` nodules of a distribution: a built-in one by its name, or a TOML file.

    The bits are those that ``nodule synth`` writes.
    """

def render(latents: Latents, *, image_size: int | None = None) -> npt.NDArray[np.float32]:
    """The images of ``latents``, ``[n, size, size]``, of the size that they were drawn for or of another."""
