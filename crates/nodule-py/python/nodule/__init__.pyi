from .audit import Battery as Battery, Result as Result, judge as judge
from ._nodule import Latents as Latents, Nodules as Nodules
from ._nodule import GENERATOR_VERSION as GENERATOR_VERSION, __version__ as __version__
from ._nodule import distributions as distributions, generate as generate, render as render, studies as studies
