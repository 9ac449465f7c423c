"""Make labelled sets from real CT crops by the readers' ratings of shape, texture and malignancy.

    python rated.py CROPS.npz OUT [--like SYNTHETIC.npz]

CROPS.npz has n crops, for example of LIDC-IDRI:

    hu            [n, s, s] Hounsfield units, the nodule in the middle
    mask          [n, s, s] bool: the nodule
    patient       [n] text or numbers
    spiculation, lobulation, texture   [n] medians of the readers' ratings, 1 to 5
    malignancy    [n] the same, optional

OUT is a folder of files LABEL-NORMALISATION.npz for `nodule evaluate --images` and for `train` and `test` of a study.
They have the ratings of shape (the larger of the two) and texture (6 minus the rating, so that more is less solid).
Groups are patients, numbered by their name's rank in CROPS.npz, so that all sets of one file agree.

    label        0                                     1
    shape        spiculation and lobulation <= 1.5     either >= 3.5
    texture      texture >= 4.5 (solid)                texture <= 3
    either       smooth and solid                      irregular or not solid
    malignancy   at most 2                             at least 4 (an opinion, not a diagnosis)

    normalisation
    window       the lung window, -1000 to 400 HU, mapped to [0, 1]
    matched      window, with mean and standard deviation of each crop set to those of synthetic images (--like)
    isolated     window, with lung (0.25) outside the mask
    scaled       isolated, with every nodule scaled to the median diameter: neither surroundings nor size remain

OUT/flat.npz has uniform backgrounds (0.25) for a study's `[backgrounds]`, one per crop, so that synthetic nodules are
isolated too.

No normalisation uses a label. Requires NumPy only. The choices are ours.
"""

import argparse
import pathlib

import numpy as np

LUNG = 0.25  # intensity of lung in the synthetic images


def normalisations(crops, like):
    """Yield the name, images and masks of each normalisation."""
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
    scaled = np.stack([zoom(*pair, LUNG) for pair in zip(isolated, factor)])
    yield "scaled", scaled, np.stack([zoom(m.astype(float), f, 0) > 0.5 for m, f in zip(mask, factor)])


def zoom(image, factor, outside):
    """Return the image shrunk by `factor` around its middle, with bilinear interpolation and `outside` beyond it."""
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


def labellings(crops):
    """Yield the name of each label, the crops that have it, and their labels. Ratings in between have no label."""
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
    for name, images, mask in normalisations(crops, like):
        for label_name, chosen, label in labellings(crops):
            path = arguments.out / f"{label_name}-{name}.npz"
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
