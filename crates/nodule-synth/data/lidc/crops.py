"""Make crops of LIDC-IDRI's nodules from its DICOM files, as an npz for `nodule evaluate --images`.

    pip install pylidc==0.2.3 "numpy<1.24" setuptools   # with the path of the DICOM files in ~/.pylidcrc
    python3 crops.py mine.npz [SIZE]                     # width in pixels, 64 by default

Nodules with two to four readers are included, each with one slice: the one with the largest consensus mask.

    images   Hounsfield units from -1000 to 400, mapped to [0, 1]
    masks    pixels that at least half of the readers enclosed
    labels   0 if median spiculation and lobulation are at most 1.5, 1 if either is at least 3.5; others are skipped
    group    patient
    shape    larger of the median ratings of spiculation and lobulation
    texture  median rating of texture
"""
import sys
import numpy as np
import pylidc as pl
from pylidc.utils import consensus

LOW, HIGH = -1000.0, 400.0
SMOOTH, IRREGULAR = 1.5, 3.5


def crop(plane, centre, size, fill):
    """Return `size` by `size` pixels of `plane` around `centre`, with `fill` beyond its border."""
    half = size // 2
    padded = np.pad(plane, half, constant_values=fill)
    row, column = (int(round(c)) for c in centre)
    return padded[row : row + size, column : column + size]


def crop_nodule(volume, readings, size):
    """Return image, mask, label, shape and texture of a nodule, or None if it is neither smooth nor irregular."""
    spiculation, lobulation, texture = (
        float(np.median([getattr(r, name) for r in readings])) for name in ("spiculation", "lobulation", "texture")
    )
    shape = max(spiculation, lobulation)
    if SMOOTH < shape < IRREGULAR:
        return None
    agreed, box, _ = consensus(readings, clevel=0.5)
    z = int(np.argmax(agreed.sum(axis=(0, 1))))
    if not agreed[:, :, z].any():
        return None
    mask = np.zeros(volume.shape[:2], bool)
    mask[box[0], box[1]] = agreed[:, :, z]
    plane = (np.clip(volume[:, :, box[2]][:, :, z], LOW, HIGH) - LOW) / (HIGH - LOW)
    centre = np.argwhere(mask).mean(axis=0)
    image = crop(plane.astype(np.float32), centre, size, 0.0)
    return image, crop(mask, centre, size, False), int(shape >= IRREGULAR), shape, texture


def main():
    out, size = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 64
    patients, rows = {}, []
    for scan in pl.query(pl.Scan).order_by(pl.Scan.patient_id):
        nodules = [group for group in scan.cluster_annotations(verbose=False) if 2 <= len(group) <= 4]
        if not nodules:
            continue
        volume = scan.to_volume(verbose=False)
        for readings in nodules:
            if row := crop_nodule(volume, readings, size):
                rows.append((*row, patients.setdefault(scan.patient_id, len(patients))))
        print(f"{scan.patient_id}: {len(rows)} nodules", file=sys.stderr)
    images, masks, labels, shape, texture, group = zip(*rows)
    np.savez_compressed(
        out, images=np.stack(images), masks=np.stack(masks), labels=np.array(labels), shape=np.array(shape),
        texture=np.array(texture), group=np.array(group),
    )


if __name__ == "__main__":
    main()
