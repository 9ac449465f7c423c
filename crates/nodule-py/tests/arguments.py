"""Tests of every argument with values of wrong types, run by `cargo xtask python`."""

import os
import tempfile

import nodule
import numpy as np

os.chdir(tempfile.mkdtemp())
nodules = nodule.generate("both", n=4, image_size=16)
latents = nodules.latents
battery = nodule.Battery("smoke", train="both")
mean = lambda images: images.mean((1, 2, 3))
result = battery.audit(mean)


class NoText:
    def __str__(self):
        raise RuntimeError


VALUES = {
    "None": None,
    "int": -3,
    "float": 1.5,
    "bool": True,
    "numpy bool": np.True_,
    "nan": float("nan"),
    "inf": float("inf"),
    "complex": 1j,
    "int64": 2**63,
    "int70": 2**70,
    "endless int": 10**5000,
    "text": "nope",
    "empty text": "",
    "text with a null": "a\0b",
    "lines": "one\ntwo",
    "bytes": b"nope",
    "bytearray": bytearray(b"nope"),
    "memoryview": memoryview(b"nope"),
    "list": [1.5, 2.5],
    "list of texts": ["a"],
    "ragged list": [[1], [1, 2]],
    "empty list": [],
    "dict": {"a": 1},
    "set": {1},
    "array": np.zeros((2, 2)),
    "large array": np.zeros((50, 50)),
    "array of texts": np.array(["a", "b"]),
    "masked array": np.ma.masked_array([0.1, 0.2, 0.3, 0.4], mask=[1, 0, 0, 0]),
    "object": object(),
    "no text": NoText(),
    "function": print,
}
TEXTS = {"text", "lines", "empty text", "text with a null"}

# Words of the messages of this package; Python's own name no argument.
REASONS = ("must be", "must return", "is out of range", "expected [4, 32, 32]", "cannot be converted to an array", "is empty")

# Call, words that each message has, and names of the values that are not tried.
CASES = [
    (lambda v: nodule.generate(v, 4), "distribution", set()),
    (lambda v: nodule.generate("both", v), "n ", set()),
    (lambda v: nodule.generate("both", 4, v), "seed", {"None", "int64"}),
    (lambda v: nodule.generate("both", 4, image_size=v), "image_size", {"None"}),
    # Files of these names do not exist, which is another error.
    (lambda v: nodule.generate("lidc", 4, outlines=v), "outlines", {"None"} | TEXTS),
    (lambda v: nodule.generate("both", 4, backgrounds=v), "backgrounds", {"None"} | TEXTS),
    (lambda v: nodule.generate("both", 4, part=v), "part", {"None"}),
    (lambda v: nodule.render(v), "latents", set()),
    (lambda v: nodule.render(latents, image_size=v), "image_size", {"None"}),
    (lambda v: nodule.render(latents, backgrounds=v), "backgrounds", {"None"} | TEXTS),
    (lambda v: nodule.render(latents, part=v), "part", {"None"}),
    (lambda v: latents[v], "inde", {"int", "empty list"}),
    (lambda v: latents.replace(texture=v), "texture", set()),
    (lambda v: latents.replace(noise_seed=v), "noise_seed", {"int64"}),
    (lambda v: latents.replace(outline=v), "outline", set()),
    (lambda v: nodule.Battery(v), "study", set()),
    (lambda v: nodule.Battery("smoke", v), "train", {"None"}),
    (lambda v: nodule.Battery("smoke", seeds=v), "seeds", {"None"}),
    (lambda v: nodule.Battery("smoke", image_size=v), "image_size", {"None"}),
    (lambda v: battery.sets(v), "train", {"None"}),
    (lambda v: battery.sets(seed=v), "seed", set()),
    (lambda v: battery.images(v), "name|set", set()),
    (lambda v: battery.labels(v), "name|set", set()),
    (lambda v: battery.masks(v), "name|set", set()),
    (lambda v: battery.latents(v), "name|set", set()),
    (lambda v: battery.export(v), "folder", {"text", "lines"}),
    (lambda v: battery.audit(v), "predict", {"function"}),
    (lambda v: battery.audit(mean, name=v), "name", {"text"}),
    (lambda v: battery.audit(mean, train=v), "train", {"None"}),
    (lambda v: battery.audit(mean, seed=v), "seed", set()),
    (lambda v: battery.audit(mean, batch_size=v), "batch_size", set()),
    (lambda v: battery.audit(mean, outputs=v), "outputs", set()),
    (lambda v: battery.audit(mean, maps=v), "maps", {"None"}),
    (lambda v: battery.audit(mean, maps={"gradient": v}), "maps", set()),
    (lambda v: battery.audit(mean, maps={1: v}), "maps", set()),
    (lambda v: battery.audit(mean, progress=v), "progress", {"None", "bool"}),
    (lambda v: battery.audit(lambda images: v), "predict", set()),
    (lambda v: battery.audit(lambda images: (mean(images), v)), "predict", {"None"}),
    (lambda v: nodule.Result(v), "measured", set()),
    (lambda v: nodule.Result.load(v), "path", TEXTS),
    (lambda v: result.save(v), "path", {"text", "lines"}),
    (lambda v: result.report(v), "path", {"text", "lines"}),
    (lambda v: nodule.judge(v, result), "claims", TEXTS),
    (lambda v: nodule.judge("claims.toml", v), "results", set()),
]


def every_argument_is_checked():
    wrong = []
    for i, (call, field, allowed) in enumerate(CASES):
        for name, value in VALUES.items():
            if name in allowed:
                continue
            try:
                call(value)
            except (ValueError, TypeError, IndexError) as error:
                text = str(error)
                names_it = any(name in text for name in field.split("|"))
                says_why = any(word in text for word in REASONS)
                if not names_it or not says_why or "\n" in text or len(text) > 700:
                    wrong.append(f"case {i} ({field}), {name}: {type(error).__name__}: {text[:300]}")
            except BaseException as error:
                wrong.append(f"case {i} ({field}), {name}: {type(error).__name__}: {str(error)[:300]}")
            else:
                wrong.append(f"case {i} ({field}), {name}: accepted")
    assert not wrong, "\n".join([f"{len(wrong)} wrong", *wrong])


def shapes_and_types_of_arrays_are_checked():
    """Each index or value as NumPy would take it, or an error of ours."""
    assert len(latents[[]]) == 0 and nodule.render(latents[[]]).shape == (0, 16, 16)
    assert len(latents[np.array([], dtype=int)]) == 0 and len(latents[()]) == 0
    assert latents[np.uint8(3)].texture == latents.texture[3] == latents[-1].texture
    assert list(latents[range(1, 3)].texture) == list(latents.texture[1:3])
    assert list(latents[[np.True_, np.False_, np.True_, np.False_]].texture) == list(latents.texture[::2])
    assert list(latents.replace(texture=np.float32([0, 0.5, 0.25, 1])).texture) == [0, 0.5, 0.25, 1]
    assert latents.replace(noise_seed=[2**63, 1, 2, 3]).noise_seed[0] == 2**63
    for index, kind in [
        (2**63, IndexError),
        ([2**63, 1], IndexError),
        (np.uint64(2**63), IndexError),
        (-5, IndexError),
        (True, TypeError),
        ([True, 2], TypeError),
        (b"\0\1", TypeError),
        (np.array([]), TypeError),
        (np.zeros((2, 2), int), TypeError),
        (slice("a", None), TypeError),
        (slice(None, None, 0), TypeError),
        (np.zeros(0, bool), ValueError),
        (np.ma.masked_array([0, 1], mask=[0, 1]), TypeError),
    ]:
        try:
            latents[index]
        except kind as error:
            assert "\n" not in str(error) and len(str(error)) < 200, error
        else:
            raise AssertionError(f"latents[{index!r}]")
    for values in [
        True,
        [True, False, True, False],
        np.ones(4, bool),
        b"abcd",
        np.ma.masked_array([0.1] * 4, mask=[1, 0, 0, 0]),
        np.zeros((4, 1)),
        np.array(["0.5"] * 4),
        np.nan,
        10**400,
    ]:
        for column in ("texture", "noise_seed", "outline"):
            try:
                latents.replace(**{column: values})
            except ValueError as error:
                assert column in str(error) and "\n" not in str(error), error
            else:
                raise AssertionError(f"{column} = {values!r}")


def masked_outputs_are_rejected():
    masked = lambda images: np.ma.masked_array(mean(images), mask=mean(images) > 0.3)
    for call in [
        lambda: battery.audit(masked),
        lambda: battery.audit(lambda images: (mean(images), np.ma.masked_array(images[:, 0, 0]))),
        lambda: battery.audit(mean, maps={"gradient": np.ma.masked_array(battery.images("maps")[:, 0])}),
    ]:
        try:
            call()
        except ValueError as error:
            assert "are a masked array" in str(error), error
        else:
            raise AssertionError("a mask is lost")


for check in (
    every_argument_is_checked,
    shapes_and_types_of_arrays_are_checked,
    masked_outputs_are_rejected,
):
    check()
    print(f"{check.__name__}: ok")
