"""Make backgrounds of real lung from real CT crops: each nodule is replaced by the texture of the surrounding lung.

    python backgrounds.py CROPS.npz OUT.npz [--reach 4] [--lung 0.9] [--seed 0]

CROPS.npz has n crops, for example of LIDC-IDRI:

    hu        [n, s, s] Hounsfield units, the nodule in the middle
    mask      [n, s, s] bool: the nodule
    patient   [n] text or numbers

OUT.npz is the file for a study's `[backgrounds]` and for `nodule synth --backgrounds`:

    backgrounds   [m, s, s] float32: the lung window, -1000 to 400 HU, to [0, 1]
    group         [m] int64: the patient

The mask is dilated by --reach pixels, because the nodule's edge is blurred. Inside it, the smoothed surrounding lung is
continued harmonically (Laplace's equation), and noise with the covariance of the lung's texture is added (random phase
noise: Galerne, Gousseau, Morel 2011). A crop is skipped if less than --lung of its surroundings is lung (below -500
HU): up to 6 pixels from the hole or 3/8 of the width from the middle. Beside a chest wall the fill would look like
neither wall nor lung. Labels are not used. The noise of a crop depends on --seed and its index in CROPS.npz alone.
Requires NumPy only. The choices are ours.
"""

import argparse
import pathlib

import numpy as np

MAX_LUNG = (-500 + 1000) / 1400  # greatest intensity of lung, in the window
AROUND = 6  # width of the ring around the hole, in pixels
NEAR = 3 / 8  # radius of the disc around the middle, relative to the width
STRUCTURE = 3.0  # standard deviation that separates structure from texture, in pixels
EDGE = 0.8  # standard deviation of the hole's soft edge, in pixels
MIN_PIXELS = 64  # least number of lung pixels for estimating texture


def make_backgrounds(hu, mask, reach, lung, seed):
    """Return the filled crops [n, s, s] in [0, 1], and whether each has enough lung [n]."""
    window = np.clip((hu.astype(np.float64) + 1000) / 1400, 0, 1)
    hole = dilate(mask.astype(bool), reach)
    around = (dilate(hole, AROUND) | disc(hole.shape[1], NEAR * hole.shape[1])) & ~hole
    is_lung = (window < MAX_LUNG) & ~hole
    found, total = (is_lung & around).sum(axis=(1, 2)), around.sum(axis=(1, 2))
    kept = (found >= MIN_PIXELS) & (found >= lung * total)
    lung_mean, near_lung = local_mean(window, is_lung), blur(is_lung.astype(float), STRUCTURE) > 0
    structure = np.where(near_lung, lung_mean, local_mean(window, ~hole))
    filled = np.zeros_like(window)
    filled[kept] = fill_harmonically(np.where(hole, 0, structure)[kept], hole[kept])
    # Share of each pixel that is replaced, with an edge as soft as that of the image.
    share = np.where(hole, blur(dilate(mask.astype(bool), reach - 1).astype(float), EDGE), 0)
    out = window.copy()
    for i in np.flatnonzero(kept):
        fine = window[i] - lung_mean[i]
        noise = synthesise_texture(fine, is_lung[i], np.random.default_rng([seed, i]))
        out[i] += share[i] * (filled[i] + noise - window[i])
    return np.clip(out, 0, 1), kept


def dilate(mask, reach):
    """Return the masks [n, s, s] dilated by `reach` pixels."""
    size = mask.shape[1]
    padded = np.pad(mask, ((0, 0), (reach, reach), (reach, reach)))
    out = np.zeros_like(mask)
    for dy in range(-reach, reach + 1):
        for dx in range(-reach, reach + 1):
            if dy * dy + dx * dx <= reach * reach:
                out |= padded[:, reach + dy : reach + dy + size, reach + dx : reach + dx + size]
    return out


def disc(size, radius):
    """Return the mask [size, size] of a disc of `radius` pixels around the middle."""
    at = np.arange(size) - (size - 1) / 2
    return at[:, None] ** 2 + at[None] ** 2 <= radius**2


def blur(images, sigma):
    """Return the images smoothed by a Gaussian, with zeros beyond the border."""
    reach = int(np.ceil(3 * sigma))
    weights = np.exp(-0.5 * (np.arange(-reach, reach + 1) / sigma) ** 2)
    weights /= weights.sum()
    for axis in (1, 2):
        pad = [(0, 0), (0, 0), (0, 0)]
        pad[axis] = (reach, reach)
        padded, size = np.pad(images, pad), images.shape[axis]
        images = sum(w * padded.take(range(i, i + size), axis) for i, w in enumerate(weights))
    return images


def local_mean(images, known):
    """Return the local mean of the known pixels."""
    weight = blur(known.astype(float), STRUCTURE)
    return blur(np.where(known, images, 0), STRUCTURE) / np.maximum(weight, 1e-12)


def fill_harmonically(images, hole, rounds=300, over=1.9):
    """Return the images with their holes filled so that each pixel is the mean of its four neighbours.

    Red-black successive over-relaxation. Border pixels are repeated."""
    size = images.shape[1]
    known = images.sum(axis=(1, 2)) / np.maximum((~hole).sum(axis=(1, 2)), 1)
    out = np.where(hole, known[:, None, None], images)
    colour = np.add.outer(np.arange(size), np.arange(size)) % 2
    for turn in range(2 * rounds):
        p = np.pad(out, ((0, 0), (1, 1), (1, 1)), mode="edge")
        mean = (p[:, :-2, 1:-1] + p[:, 2:, 1:-1] + p[:, 1:-1, :-2] + p[:, 1:-1, 2:]) / 4
        out = np.where(hole & (colour == turn % 2), out + over * (mean - out), out)
    return out


def synthesise_texture(fine, known, random):
    """Return a random field [s, s] with the covariance of the known part of `fine`: white noise convolved with it.

    Outliers such as small vessels are clipped to three robust standard deviations."""
    values = fine[known] - np.median(fine[known])
    limit = 3 * 1.4826 * np.median(np.abs(values))
    texton = np.zeros_like(fine)
    texton[known] = np.clip(values, -limit, limit)
    texton[known] -= texton[known].mean()
    texton /= np.sqrt(known.sum())
    white = random.standard_normal(fine.shape)
    return np.fft.ifft2(np.fft.fft2(texton) * np.fft.fft2(white)).real


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("crops", type=pathlib.Path)
    parser.add_argument("out", type=pathlib.Path)
    parser.add_argument("--reach", type=int, default=4, help="dilation of the mask in pixels")
    parser.add_argument("--lung", type=float, default=0.9, help="least share of lung in the surroundings")
    parser.add_argument("--seed", type=int, default=0, help="seed of the texture")
    arguments = parser.parse_args()
    crops = np.load(arguments.crops)
    _, group = np.unique(crops["patient"], return_inverse=True)
    images, kept = make_backgrounds(crops["hu"], crops["mask"], arguments.reach, arguments.lung, arguments.seed)
    if not kept.any():
        parser.error(f"{arguments.crops}: none of {len(kept)} crops has a share of lung of at least {arguments.lung}")
    np.savez(arguments.out, backgrounds=images[kept].astype(np.float32), group=group[kept].astype(np.int64))
    patients = len(np.unique(group[kept]))
    print(f"{arguments.out}: {kept.sum()} of {len(kept)} crops, {patients} patients")


if __name__ == "__main__":
    main()
