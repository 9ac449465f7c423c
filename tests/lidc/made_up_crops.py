"""The scripts of data/lidc on a handful of made-up crops: run by `cargo xtask python`."""

import pathlib
import subprocess
import sys
import tempfile

try:
    import numpy as np
except ImportError:
    print("SKIPPED: there is no NumPy, so the scripts of data/lidc are not tried")
    sys.exit(0)

SCRIPTS = pathlib.Path(__file__).parents[2] / "data" / "lidc"
SIZE, MIDDLE, LUNG, NODULE = 64, 31.5, -850, 40
# Radius in pixels, ratings of spiculation, lobulation, texture and malignancy, patient, and where a chest wall begins.
CROPS = [
    (8, 1, 1, 5, 2, "LIDC-IDRI-0007", 60),
    (12, 4, 2, 5, 5, "LIDC-IDRI-0003", 60),
    (10, 1, 1, 2, 3, "LIDC-IDRI-0007", 60),
    (9, 3, 4, 1, 4, "LIDC-IDRI-0009", 60),
    (9, 2, 2, 4, 1, "LIDC-IDRI-0011", 30),
]


def made_up():
    """Discs of known radius on noisy lung; the last one lies against a wall."""
    random = np.random.default_rng(1)
    y, x = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(y - MIDDLE, x - MIDDLE)
    radius, spiculation, lobulation, texture, malignancy, patient, wall = map(np.array, zip(*CROPS))
    mask = distance < radius[:, None, None]
    lung = LUNG + random.normal(0, 25, mask.shape)
    hu = np.where(mask, NODULE, np.where(x >= wall[:, None, None], 0, lung))
    # A real edge is blurred: half of the nodule's density one pixel out.
    edge = (distance < radius[:, None, None] + 1) & ~mask
    hu = np.where(edge, (hu + NODULE) / 2, hu).astype(np.int16)
    ratings = {"spiculation": spiculation, "lobulation": lobulation, "texture": texture}
    return {"hu": hu, "mask": mask, "patient": patient, "malignancy": malignancy, **ratings}


def run(script, *arguments):
    command = [sys.executable, SCRIPTS / script, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def succeed(script, *arguments):
    done = run(script, *arguments)
    assert done.returncode == 0, done.stderr
    return done.stdout


def check_backgrounds(folder, crops):
    out = folder / "backgrounds.npz"
    output = succeed("backgrounds.py", folder / "crops.npz", out)
    assert "4 of 5 crops, 3 patients" in output, output
    made = np.load(out)
    images, group = made["backgrounds"], made["group"]
    assert images.dtype == np.float32 and images.shape == (4, SIZE, SIZE)
    assert group.tolist() == [1, 0, 1, 2]
    assert images.min() >= 0 and images.max() <= 1
    window = np.clip((crops["hu"][:4] + 1000.0) / 1400, 0, 1)
    y, x = np.mgrid[:SIZE, :SIZE]
    distance = np.hypot(y - MIDDLE, x - MIDDLE)
    for image, before, (radius, *_) in zip(images, window, CROPS):
        # Far from the nodule nothing changed; where it was there is lung: its mean, its deviation.
        far = distance > radius + 5
        assert np.allclose(image[far], before[far], atol=1e-6)
        filled, lung = image[distance < radius + 2], before[far & (x < 60)]
        assert abs(filled.mean() - lung.mean()) < 0.01, (filled.mean(), lung.mean())
        assert 0.7 < filled.std() / lung.std() < 1.4, (filled.std(), lung.std())
        assert filled.max() < 0.3, filled.max()
    again = folder / "again.npz"
    succeed("backgrounds.py", folder / "crops.npz", again)
    assert again.read_bytes() == out.read_bytes()
    succeed("backgrounds.py", folder / "crops.npz", again, "--seed", "1")
    other = np.load(again)["backgrounds"]
    assert (other != images).any()
    assert np.allclose(other, images, atol=0.2)
    rejected = run("backgrounds.py", folder / "crops.npz", again, "--lung", "1.1")
    assert rejected.returncode == 2, rejected
    assert "none of 5 crops has a share of lung of at least 1.1" in rejected.stderr, rejected.stderr


def check_rated(folder, crops):
    like = folder / "synthetic.npz"
    np.savez(like, images=np.random.default_rng(2).uniform(0.2, 0.6, (6, SIZE, SIZE)))
    succeed("rated.py", folder / "crops.npz", folder / "rated", "--like", like)
    flat = np.load(folder / "rated" / "flat.npz")
    assert (flat["backgrounds"] == 0.25).all() and flat["group"].tolist() == [1, 0, 1, 2, 3]
    files = sorted(path.stem for path in (folder / "rated").glob("*-*.npz"))
    ways = ["isolated", "matched", "scaled", "window"]
    assert files == [f"{of}-{way}" for of in ("either", "malignancy", "shape", "texture") for way in ways], files
    expected = {
        "shape": ([0, 1, 0, 1], [1, 0, 1, 2]),
        "texture": ([0, 0, 1, 1], [1, 0, 1, 2]),
        "either": ([0, 1, 1, 1], [1, 0, 1, 2]),
        "malignancy": ([0, 1, 1, 0], [1, 0, 2, 3]),
    }
    for name in files:
        made = np.load(folder / "rated" / f"{name}.npz")
        labels, group = expected[name.split("-")[0]]
        assert made["labels"].tolist() == labels, name
        assert made["group"].tolist() == group, name
        images, masks = made["images"], made["masks"]
        assert images.dtype == np.float32 and images.min() >= 0 and images.max() <= 1, name
        assert masks.dtype == np.uint8 and set(np.unique(masks)) == {0, 1}, name
        if name.endswith("isolated"):
            assert (images[masks == 0] == 0.25).all()
        if name in ("shape-window", "texture-window"):
            assert np.array_equal(masks, crops["mask"][: len(masks)])
            assert made["shape"].tolist() == [1, 4, 1, 4] and made["texture"].tolist() == [1, 1, 4, 5]
    areas = np.load(folder / "rated" / "texture-scaled.npz")["masks"].sum(axis=(1, 2))
    assert areas.max() < 1.1 * areas.min(), areas


def main():
    with tempfile.TemporaryDirectory() as name:
        folder, crops = pathlib.Path(name), made_up()
        np.savez(folder / "crops.npz", **crops)
        check_backgrounds(folder, crops)
        check_rated(folder, crops)
    print("the scripts of data/lidc: as they should on made-up crops")


main()
