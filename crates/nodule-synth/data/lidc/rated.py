"""Sets by rating from real CT crops: smooth against irregular nodules, solid ones against those that are not, and
those that readers called benign against those that they called malignant.

    python rated.py CROPS.npz OUT [--like SYNTHETIC.npz]

CROPS.npz holds, for n crops, what whoever has LIDC-IDRI can make:

    hu            [n, s, s] Hounsfield units, the nodule in the middle
    mask          [n, s, s] bool: the nodule
    patient       [n] text or numbers
    spiculation, lobulation, texture   [n] medians of the readers' ratings, 1 to 5
    malignancy    [n] the same; without it there is no set of that name

Written to OUT, as `nodule evaluate --images` and a study's `train` and `test` read them, each with the labels of
`shape` (0: spiculation and lobulation at most 1.5; 1: either at least 3.5), of `texture` (0: texture at least 4.5,
solid; 1: at most 3), of `either` (0: smooth and solid; 1: irregular or not solid) and of `malignancy` (0: at most 2;
1: at least 4: an opinion, not a diagnosis), grouped by patient (by the place of the name among all of CROPS.npz, so that sets of one file call patients alike), with the
ratings of shape (the larger of the two) and of texture (6 less its rating, so that more is less solid):

    window     the lung window, -1000 to 400 HU, to [0, 1]
    matched    the same, each crop brought to the mean and deviation of the synthetic images (--like)
    isolated   the window, and lung (0.25) wherever the mask is not
    scaled     the same, and every nodule as large as the median one: neither surroundings nor size are left

Beside them flat.npz, for a study's `[backgrounds]`: nothing but lung (0.25), once a crop, so that synthetic nodules
stand alone as those of `isolated` and `scaled` do.

No way of normalising looks at a label. Needs NumPy alone; the choices are ours.
"""

import argparse
import pathlib

import numpy as np

LUNG = 0.25  # of the synthetic images


def sets(crops, like):
    window = np.clip((crops["hu"].astype(np.float64) + 1000) / 1400, 0, 1)
    mask = crops["mask"].astype(bool)
    isolated = np.where(mask, window, LUNG)
    yield "window", window, mask
    if like is not None:
        mean, deviation = like.mean(), like.std(axis=(1, 2)).mean()
        own = [window.mean(axis=(1, 2), keepdims=True), window.std(axis=(1, 2), keepdims=True)]
        yield "matched", np.clip((window - own[0]) / own[1] * deviation + mean, 0, 1), mask
    yield "isolated", isolated, mask
    diameter = 2 * np.sqrt(mask.sum(axis=(1, 2)) / np.pi)
    factor = diameter / np.median(diameter)
    scaled = np.stack([zoomed(*pair, LUNG) for pair in zip(isolated, factor)])
    yield "scaled", scaled, np.stack([zoomed(m.astype(float), f, 0) > 0.5 for m, f in zip(mask, factor)])


def zoomed(image, factor, outside):
    """The image seen `factor` times as far away, about its middle, bilinearly."""
    size = len(image)
    at = (np.arange(size) - size / 2) * factor + size / 2
    low = np.floor(at).astype(int)
    part = at - low

    def take(rows, columns):
        inside = ((rows >= 0) & (rows < size))[:, None] & ((columns >= 0) & (columns < size))[None]
        found = image[np.clip(rows, 0, size - 1)][:, np.clip(columns, 0, size - 1)]
        return np.where(inside, found, outside)

    across = [take(rows, low) * (1 - part) + take(rows, low + 1) * part for rows in (low, low + 1)]
    return across[0] * (1 - part)[:, None] + across[1] * part[:, None]


def labels(crops):
    """Name, which crops, and their labels; ratings in between are left out."""
    spiculation, lobulation, texture = (crops[name] for name in ("spiculation", "lobulation", "texture"))
    smooth = (spiculation <= 1.5) & (lobulation <= 1.5)
    irregular = (spiculation >= 3.5) | (lobulation >= 3.5)
    solid, not_solid = texture >= 4.5, texture <= 3
    yield "shape", smooth | irregular, irregular
    yield "texture", solid | not_solid, not_solid
    yield "either", (smooth & solid) | irregular | not_solid, irregular | not_solid
    if "malignancy" in crops:
        benign, malignant = crops["malignancy"] <= 2, crops["malignancy"] >= 4
        yield "malignancy", benign | malignant, malignant


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--like", type=pathlib.Path, help="an npz of `nodule synth`")
    arguments = parser.parse_args()
    crops = np.load(arguments.crops)
    like = None if arguments.like is None else np.load(arguments.like)["images"]
    _, group = np.unique(crops["patient"], return_inverse=True)
    shape = np.maximum(crops["spiculation"], crops["lobulation"]).astype(np.float64)
    texture = 6 - crops["texture"].astype(np.float64)
    arguments.out.mkdir(parents=True, exist_ok=True)
    flat = np.full(crops["hu"].shape, LUNG, np.float32)
    np.savez(arguments.out / "flat.npz", backgrounds=flat, group=group)
    for name, images, mask in sets(crops, like):
        for of, chosen, label in labels(crops):
            path = arguments.out / f"{of}-{name}.npz"
            np.savez(
                path,
                images=images[chosen].astype(np.float32),
                masks=mask[chosen].astype(np.uint8),
                labels=label[chosen].astype(np.int64),
                group=group[chosen],
                shape=shape[chosen],
                texture=texture[chosen],
            )
            print(f"{path}: {chosen.sum()} crops, {label[chosen].sum()} of label 1")


if __name__ == "__main__":
    main()
