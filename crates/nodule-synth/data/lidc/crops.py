"""Crops of LIDC-IDRI's nodules as one npz that `nodule evaluate --images` reads: for whoever has the DICOM.

    pip install pylidc==0.2.3 "numpy<1.24" setuptools   # and tell ~/.pylidcrc where the DICOM is
    python3 crops.py mine.npz [SIZE]                     # SIZE pixels a side, 64 by default

One slice a nodule of two readers or more: the one where most readers' outlines agree on most pixels. Intensities are
Hounsfield units from -1000 to 400 as 0 to 1. `labels` is shape: 0 where the median spiculation and lobulation are at
most 1.5, 1 where either is at least 3.5; nodules in between are left out. `masks` is what half of the readers
enclosed, `group` the patient, `shape` the larger of the two median ratings, `texture` the median of its own.
"""
import sys
import numpy as np
import pylidc as pl
from pylidc.utils import consensus

LOW, HIGH = -1000.0, 400.0
SMOOTH, IRREGULAR = 1.5, 3.5


def crop(plane, centre, size, fill):
    """`size` by `size` pixels of `plane` about `centre`; `fill` where it ends."""
    half = size // 2
    padded = np.pad(plane, half, constant_values=fill)
    row, column = (int(round(c)) for c in centre)
    return padded[row : row + size, column : column + size]


def nodule(scan, volume, readings, size):
    """Image, mask, label, shape and texture of one nodule; None between smooth and irregular."""
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
            if found := nodule(scan, volume, readings, size):
                rows.append((*found, patients.setdefault(scan.patient_id, len(patients))))
        print(f"{scan.patient_id}: {len(rows)} nodules", file=sys.stderr)
    images, masks, labels, shape, texture, group = zip(*rows)
    np.savez_compressed(
        out, images=np.stack(images), masks=np.stack(masks), labels=np.array(labels), shape=np.array(shape),
        texture=np.array(texture), group=np.array(group),
    )


if __name__ == "__main__":
    main()
