"""Synthetic lung nodules with controlled shape and texture, and a test battery for any binary classifier of them.

>>> import nodule
>>> nodules = nodule.generate("both", n=1000, seed=7)
>>> result = nodule.Battery("quick", train="both").audit(lambda images: images.mean((1, 2, 3)) - 0.3)
>>> result.reliance["effect"]  # doctest: +SKIP

Invalid input raises a ``ValueError`` with one line that names the argument, its value and what is allowed.
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
