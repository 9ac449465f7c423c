"""The generator's algorithm in vectorised NumPy, measured by `cargo xtask bench`.

    python numpy_generator.py IMAGES

prints images per second on one thread. It generates all images of a batch together, in f32, with matrix
products for the smoothing. One step is cheaper than ours: coverage is the distance to the outline along
the radius, while ours is the exact area of each pixel inside the polygon.
"""

import os

for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[variable] = "1"

import sys
import time

import numpy as np

SIZE, VERTICES, BATCH = 64, 128, 64
HARMONICS = np.arange(3, 13)
ANGLES = 2 * np.pi * np.arange(VERTICES) / VERTICES
WAVES = (HARMONICS[:, None] * ANGLES).astype(np.float32)
COSINES, SINES = np.cos(WAVES), np.sin(WAVES)
ELLIPSE = np.cos(2 * ANGLES).astype(np.float32)
PIXELS = np.arange(SIZE, dtype=np.float32) + 0.5


def smoother(sigma, periodic):
    """Returns matrices [n, size, size] that smooth columns by a product."""
    sigma = np.asarray(sigma, dtype=np.float32).reshape(-1, 1, 1)
    apart = np.abs(PIXELS[:, None] - PIXELS[None, :])
    if periodic:
        apart = np.minimum(apart, SIZE - apart)
    weights = np.exp(-0.5 * (apart / sigma) ** 2)
    if periodic:
        return weights / np.sqrt((weights**2).sum(2, keepdims=True))
    return weights / weights.sum(2, keepdims=True)


TEXTURE, BACKGROUND, NOISE = (smoother(s, True) for s in (1.6, 3.5, 0.6))


def field(random, n, kernel):
    bits = random.integers(0, 2**64, (n, SIZE, SIZE // 2), dtype=np.uint64).view(np.uint16)
    bits = bits.reshape(n, SIZE, SIZE, 2).astype(np.float32)
    white = (bits[..., 0] - bits[..., 1]) * np.float32(np.sqrt(6) / 65536)
    return kernel @ white @ kernel.transpose(0, 2, 1)


def latents(random, n):
    between = lambda low, high: random.uniform(low, high, (n, 1, 1)).astype(np.float32)
    return {
        "irregularity": between(0.025, 0.135), "heterogeneity": between(0.01, 0.11),
        "radius": between(0.16 * SIZE, 0.24 * SIZE), "elongation": between(0.02, 0.14),
        "rotation": between(0, 2 * np.pi), "x": between(0.42 * SIZE, 0.58 * SIZE),
        "y": between(0.42 * SIZE, 0.58 * SIZE), "contrast": between(0.30, 0.45),
        "brightness": between(0.20, 0.32), "background": between(0.01, 0.04),
        "noise": between(0.02, 0.04), "blur": between(0.4, 0.8),
    }


def coverage(random, n, latent):
    a, b = (random.standard_normal((n, 10), dtype=np.float32) * HARMONICS**-1.5 for _ in "ab")
    energy = ((a**2 + b**2)[:, 1:] / 2).sum(1, keepdims=True)
    scale = latent["irregularity"][:, 0] / np.sqrt(energy)
    radii = 1 + (a * scale) @ COSINES + (b * scale) @ SINES + latent["elongation"][:, 0] * ELLIPSE
    radii = np.maximum(radii, 0.25)
    step = np.sin(2 * np.pi / VERTICES)
    area = (radii * np.roll(radii, -1, 1)).sum(1, keepdims=True) * step / 2
    radii = (radii * latent["radius"][:, 0] * np.sqrt(np.pi / area)).astype(np.float32)
    dx, dy = PIXELS - latent["x"], PIXELS[:, None] - latent["y"]
    turn = (np.arctan2(dy, dx) - latent["rotation"]) * np.float32(VERTICES / (2 * np.pi))
    low = np.floor(turn)
    part, low = turn - low, low.astype(np.int32) % VERTICES
    rows = np.arange(n)[:, None, None]
    edge = radii[rows, low] * (1 - part) + radii[rows, (low + 1) % VERTICES] * part
    return np.clip(edge - np.sqrt(dx * dx + dy * dy) + 0.5, 0, 1)


def vessels(random, n):
    between = lambda low, high: random.uniform(low, high, (n, 1, 1)).astype(np.float32)
    angle, offset, bend = between(0, 2 * np.pi), between(-0.45, 0.45) * SIZE, between(-0.8, 0.8) / SIZE
    half_width, brightness = between(0.8, 1.6), between(0.04, 0.12)
    dx, dy = PIXELS - SIZE / 2, PIXELS[:, None] - SIZE / 2
    along = np.cos(angle) * dx + np.sin(angle) * dy
    across = (np.cos(angle) * dy - np.sin(angle) * dx - offset - bend * along * along) / half_width
    fall = 1 / (1 + across * across)
    return brightness * fall * fall


def generate(random, n):
    latent = latents(random, n)
    shares = coverage(random, n, latent)
    image = latent["brightness"] + latent["background"] * field(random, n, BACKGROUND)
    image += vessels(random, n)
    image += vessels(random, n)
    interior = field(random, n, TEXTURE)
    total = shares.sum((1, 2), keepdims=True)
    interior -= (interior * shares).sum((1, 2), keepdims=True) / total
    deviation = np.sqrt((interior**2 * shares).sum((1, 2), keepdims=True) / total)
    interior *= latent["heterogeneity"] / deviation
    interior += latent["brightness"] + latent["contrast"]
    image += shares * (interior - image)
    kernel = smoother(latent["blur"], False)
    image = kernel @ image @ kernel.transpose(0, 2, 1)
    image += latent["noise"] * field(random, n, NOISE)
    return np.clip(image, 0, 1), shares >= 0.5


def main():
    random = np.random.default_rng(1)
    generate(random, BATCH)
    batches = max(1, int(sys.argv[1]) // BATCH)
    start = time.perf_counter()
    for _ in range(batches):
        generate(random, BATCH)
    print(f"{batches * BATCH / (time.perf_counter() - start):.1f}")


if __name__ == "__main__":
    main()
