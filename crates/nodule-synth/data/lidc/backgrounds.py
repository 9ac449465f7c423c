"""Backgrounds of real lung from real CT crops: the nodule of each is filled in from what surrounds it.

    python backgrounds.py CROPS.npz OUT.npz [--reach 4] [--lung 0.9] [--seed 0]

CROPS.npz holds, for n crops, what whoever has LIDC-IDRI can make:

    hu        [n, s, s] Hounsfield units, the nodule in the middle
    mask      [n, s, s] bool: the nodule
    patient   [n] text or numbers

Written to OUT, as a study's `[backgrounds]` and `nodule synth --backgrounds` read it:

    backgrounds   [m, s, s] float32: the lung window, -1000 to 400 HU, to [0, 1]
    group         [m] int64: the patient

The mask is made wider by --reach pixels, because a nodule's edge is blurred into what is around it. Inside, the lung
around it, smoothed, is continued harmonically (Laplace's equation), and noise is added with the covariance of that
lung's own texture (random phase noise: Galerne, Gousseau, Morel 2011). A crop is left out where less than --lung of
what lies around, up to 6 pixels from what is filled in or 3/8 of the width from the middle, is lung (below -500 HU):
what is filled in beside a chest wall looks like neither wall nor lung, and a nodule that is drawn there lies on both.
No label is looked at. The noise of a crop depends on --seed and on its place in CROPS.npz alone.
Needs NumPy alone; the choices are ours.
"""

import argparse
import pathlib

import numpy as np

LUNG = (-500 + 1000) / 1400  # below it, of the window
AROUND = 6  # pixels around what is filled in, and
NEAR = 3 / 8  # of the crop's width around its middle: they decide whether there is lung
STRUCTURE = 3.0  # pixels: what is finer than this is texture
EDGE = 0.8  # pixels: deviation of the soft edge of what is filled in
FEWEST = 64  # pixels of lung that tell its texture


def backgrounds(hu, mask, reach, lung, seed):
    """The filled crops [n, s, s] in [0, 1], and which of them have enough lung [n]."""
    window = np.clip((hu.astype(np.float64) + 1000) / 1400, 0, 1)
    hole = widened(mask.astype(bool), reach)
    around = (widened(hole, AROUND) | disc(hole.shape[1], NEAR * hole.shape[1])) & ~hole
    is_lung = (window < LUNG) & ~hole
    found, of = (is_lung & around).sum(axis=(1, 2)), around.sum(axis=(1, 2))
    kept = (found >= FEWEST) & (found >= lung * of)
    of_lung, near_lung = known_mean(window, is_lung), blurred(is_lung.astype(float), STRUCTURE) > 0
    structure = np.where(near_lung, of_lung, known_mean(window, ~hole))
    filled = np.zeros_like(window)
    filled[kept] = harmonic(np.where(hole, 0, structure)[kept], hole[kept])
    # The share of each pixel that is filled in: its edge is as soft as the image's own.
    share = np.where(hole, blurred(widened(mask.astype(bool), reach - 1).astype(float), EDGE), 0)
    out = window.copy()
    for i in np.flatnonzero(kept):
        fine = window[i] - of_lung[i]
        noise = texture(fine, is_lung[i], np.random.default_rng([seed, i]))
        out[i] += share[i] * (filled[i] + noise - window[i])
    return np.clip(out, 0, 1), kept


def widened(mask, reach):
    """What lies within `reach` pixels of the mask."""
    size = mask.shape[1]
    padded = np.pad(mask, ((0, 0), (reach, reach), (reach, reach)))
    out = np.zeros_like(mask)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dy * dy + dx * dx <= reach * reach:
                out |= padded[:, reach + dy : reach + dy + size, reach + dx : reach + dx + size]
    return out


def disc(size, radius):
    """[size, size]: what lies within `radius` pixels of the middle."""
    at = np.arange(size) - (size - 1) / 2
    return at[:, None] ** 2 + at[None] ** 2 <= radius**2


def blurred(images, sigma):
    """Each image smoothed by a Gaussian; beyond its border there is nothing."""
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        pad = [(0, 0), (0, 0), (0, 0)]
        pad[axis] = (reach, reach)
        padded, size = np.pad(images, pad), images.shape[axis]
        images = sum(w * padded.take(range(i, i + size), axis) for i, w in enumerate(weights))
    return images


def known_mean(images, known):
    """The mean around each pixel of what is known there."""
    weight = blurred(known.astype(float), STRUCTURE)
    return blurred(np.where(known, images, 0), STRUCTURE) / np.maximum(weight, 1e-12)


def harmonic(images, hole, rounds=300, over=1.9):
    """Each image with its hole filled so that every pixel there is the mean of its four neighbours: successive
    over-relaxation, the fields of a chessboard by turns. Beyond the border the image is repeated."""
    size = images.shape[1]
    known = images.sum(axis=(1, 2)) / np.maximum((~hole).sum(axis=(1, 2)), 1)
    out = np.where(hole, known[:, None, None], images)
    field = np.add.outer(np.arange(size), np.arange(size)) % 2
    for turn in range(2 * rounds):
        p = np.pad(out, ((0, 0), (1, 1), (1, 1)), mode="edge")
        mean = (p[:, :-2, 1:-1] + p[:, 2:, 1:-1] + p[:, 1:-1, :-2] + p[:, 1:-1, 2:]) / 4
        out = np.where(hole & (field == turn % 2), out + over * (mean - out), out)
    return out


def texture(fine, known, random):
    """A random field [s, s] with the covariance of `fine` where it is known: white noise convolved with it.
    What sticks out of it, such as small vessels, is cut to three deviations (robust ones)."""
    values = fine[known] - np.median(fine[known])
    most = 3 * 1.4826 * np.median(np.abs(values))
    texton = np.zeros_like(fine)
    texton[known] = np.clip(values, -most, most)
    texton[known] -= texton[known].mean()
    texton /= np.sqrt(known.sum())
    white = random.standard_normal(fine.shape)
    return np.fft.ifft2(np.fft.fft2(texton) * np.fft.fft2(white)).real


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--reach", type=int, default=4, help="pixels that the mask is made wider by")
    parser.add_argument("--lung", type=float, default=0.9, help="least share of lung in the ring around it")
    parser.add_argument("--seed", type=int, default=0, help="of the noise that is filled in")
    arguments = parser.parse_args()
    crops = np.load(arguments.crops)
    _, group = np.unique(crops["patient"], return_inverse=True)
    images, kept = backgrounds(crops["hu"], crops["mask"], arguments.reach, arguments.lung, arguments.seed)
    if not kept.any():
        parser.error(f"{arguments.crops}: none of {len(kept)} crops has a share of lung of {arguments.lung}")
    np.savez(arguments.out, backgrounds=images[kept].astype(np.float32), group=group[kept].astype(np.int64))
    of = len(np.unique(group[kept]))
    print(f"{arguments.out}: {kept.sum()} of {len(kept)} crops, of {of} patients")


if __name__ == "__main__":
    main()
