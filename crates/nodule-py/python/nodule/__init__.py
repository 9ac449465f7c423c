"""Synthetic lung nodules with controlled shape and texture, and a test battery for any network that classifies them.

>>> import nodule
>>> nodules = nodule.generate("both", n=1000, seed=7)
>>> result = nodule.Battery("quick", train="both").audit(lambda images: images.mean((1, 2, 3)) - 0.3)
>>> result.reliance["effect"]  # doctest: +SKIP

Whatever is refused is a ``ValueError`` with one line that says what it must be.
"""

from ._nodule import GENERATOR_VERSION, Latents, Nodules, __version__, distributions, generate, render, studies
from .audit import Battery, Result, judge

__all__ = [
    "GENERATOR_VERSION",
    "Battery",
    "Latents",
    "Nodules",
    "Result",
    "__version__",
    "distributions",
    "generate",
    "judge",
    "render",
    "studies",
]
