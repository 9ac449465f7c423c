"""Golden vectors for the options of training in nodule-train: PyTorch in double precision, and scipy for augmentation.

    pip install -r tests/golden/requirements.txt
    python tests/golden/training/make_golden.py

writes training.safetensors (ten steps with each option), rates.json (learning rates of PyTorch's schedulers),
augment.safetensors (moved images) and versions.json beside this script. The project's tests read the files and never
run this script.
"""

import json
import math
import platform
import sys
from pathlib import Path

import numpy
import safetensors
import safetensors.torch
import scipy.ndimage
import torch
from torch.nn import functional as F
from torch.optim import lr_scheduler

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from make_golden import CASES, LeNet, loss_of  # noqa: E402

STEPS, RATE = 10, 0.02
WARM_UP, DECAY_EVERY, DECAY_FACTOR = 3, 4, 0.5
CLIP, DROPOUT, PROJECTION = 4.0, 0.4, 3
SIZE, CHANNELS, HIDDEN, EMBEDDING, BATCH, MARGIN, WEIGHT, GAIN = CASES["odd"]


def optimizer_of(option, parameters):
    match option:
        case "adam-decay":
            return torch.optim.Adam(parameters, 1e-3, weight_decay=0.1)
        case "adamw":
            return torch.optim.AdamW(parameters, 1e-3, weight_decay=0.1)
        case "sgd-decay":
            return torch.optim.SGD(parameters, RATE, momentum=0.5, weight_decay=0.01)
        case _:
            return torch.optim.SGD(parameters, RATE, momentum=0.9)


def scheduler_of(name, optimizer, warm_up, total):
    """One step of the scheduler follows each step of the optimizer."""
    after = {
        "constant": lambda: lr_scheduler.ConstantLR(optimizer, 1.0, 1),
        "cosine": lambda: lr_scheduler.CosineAnnealingLR(optimizer, total - warm_up),
        "step": lambda: lr_scheduler.StepLR(optimizer, DECAY_EVERY, DECAY_FACTOR),
    }[name]()
    if warm_up == 0:
        return after
    before = lr_scheduler.LinearLR(optimizer, 1 / (warm_up + 1), 1.0, warm_up)
    return lr_scheduler.SequentialLR(optimizer, [before, after], [warm_up])


class Head(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.fc1, self.fc2 = torch.nn.Linear(EMBEDDING, EMBEDDING), torch.nn.Linear(EMBEDDING, PROJECTION)

    def forward(self, embedding):
        return self.fc2(F.relu(self.fc1(embedding)))


def train(option, start, head_start, images, labels, masks):
    net, head = LeNet(SIZE, CHANNELS, HIDDEN, EMBEDDING).double(), Head().double()
    net.load_state_dict(start)
    head.load_state_dict(head_start)
    parameters = list(net.parameters()) + (list(head.parameters()) if option == "projection" else [])
    optimizer = optimizer_of(option, parameters)
    scheduler = None
    if option in ("cosine", "step"):
        scheduler = scheduler_of(option, optimizer, WARM_UP if option == "cosine" else 0, STEPS)
    norms = []
    for step in range(STEPS):
        optimizer.zero_grad()
        embedding, logits = net(images)
        if option == "dropout":
            embedding = embedding * masks[step]
            logits = net.fc3(F.relu(embedding))
        if option == "projection":
            embedding = head(embedding)
        loss_of("ce+contrastive", (embedding, logits), labels, MARGIN, WEIGHT).backward()
        if option == "clip":
            norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP).item())
        optimizer.step()
        if scheduler:
            scheduler.step()
    if option == "clip":
        assert min(norms) < CLIP < max(norms), "both cases must occur"
    tensors = {f"{option}.{name}": value.detach() for name, value in net.named_parameters()}
    assert all(value.isfinite().all() for value in tensors.values())
    return tensors


def steps():
    torch.manual_seed(2027)
    net, head = LeNet(SIZE, CHANNELS, HIDDEN, EMBEDDING).double(), Head().double()
    with torch.no_grad():
        for parameter in [*net.parameters(), *head.parameters()]:
            # Rounded to f32 first: both sides then start from the same numbers.
            parameter.copy_((parameter * GAIN).float().double())
    images = torch.rand(BATCH, 1, SIZE, SIZE).double()
    labels = torch.tensor([0, 1] * (BATCH // 2))
    masks = (torch.rand(STEPS, BATCH, EMBEDDING) >= DROPOUT).double() / (1 - DROPOUT)
    masks = masks.float().double()
    tensors = {"images": images, "labels": labels.double(), "masks": masks}
    tensors |= {f"initial.{name}": value for name, value in net.state_dict().items()}
    tensors |= {f"initial.projection.{name}": value for name, value in head.state_dict().items()}
    options = ("adam-decay", "adamw", "sgd", "sgd-decay", "clip", "cosine", "step", "projection", "dropout")
    for option in options:
        tensors |= train(option, net.state_dict(), head.state_dict(), images, labels, masks)
    tensors = {name: value.float().contiguous() for name, value in tensors.items()}
    safetensors.torch.save_file(tensors, HERE / "training.safetensors")


def rates():
    """Rates of 60 steps: ten epochs of six steps."""
    found = {}
    for name in ("constant", "cosine", "step"):
        for warm_up in (0, 12):
            optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], 0.1)
            scheduler = scheduler_of(name, optimizer, warm_up, 60)
            values = []
            for _ in range(60):
                values.append(optimizer.param_groups[0]["lr"])
                optimizer.step()
                scheduler.step()
            found[f"{name} {warm_up}"] = values
    (HERE / "rates.json").write_text(json.dumps(found, indent=1) + "\n")


# size, flips of rows and columns, angle in degrees, scale, shift of rows and columns
MOVES = [
    (9, (False, False), 0.0, 1.0, (0.0, 0.0)),
    (9, (True, False), 0.0, 1.0, (0.0, 0.0)),
    (12, (False, True), 0.0, 1.0, (2.0, -3.0)),
    (12, (False, False), 90.0, 1.0, (0.0, 0.0)),
    (17, (False, False), 33.0, 1.0, (0.0, 0.0)),
    (17, (True, True), -71.0, 1.3, (1.25, -2.5)),
    (20, (False, True), 12.5, 0.7, (-4.0, 0.3)),
]


def augment():
    """The image is flipped, then rotated and scaled about its centre, then shifted."""
    random = numpy.random.default_rng(5)
    tensors = {}
    for i, (size, flips, degrees, scale, shift) in enumerate(MOVES):
        image = random.random((size, size), dtype=numpy.float32)
        flipped = image[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1]
        angle = math.radians(degrees)
        # Rotates rows towards columns; its inverse leads from the result to the source.
        rotation = numpy.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
        inverse = rotation.T / scale
        centre = numpy.full(2, (size - 1) / 2)
        offset = centre - inverse @ (centre + numpy.array(shift))
        common = {"matrix": inverse, "offset": offset}
        moved = scipy.ndimage.affine_transform(flipped.astype(float), order=1, mode="nearest", **common)
        mask = (image > 0.5).astype(float)[:: -1 if flips[0] else 1, :: -1 if flips[1] else 1]
        mask = scipy.ndimage.affine_transform(mask, order=0, mode="grid-constant", **common)
        tensors |= {f"{i}.image": image, f"{i}.moved": moved.astype(numpy.float32), f"{i}.mask": mask.astype(numpy.float32)}
    tensors = {name: torch.from_numpy(numpy.ascontiguousarray(value)) for name, value in tensors.items()}
    metadata = {"moves": json.dumps(MOVES)}
    safetensors.torch.save_file(tensors, HERE / "augment.safetensors", metadata)


if __name__ == "__main__":
    steps()
    rates()
    augment()
    versions = {module.__name__: module.__version__ for module in (torch, numpy, scipy, safetensors)}
    versions = {"python": platform.python_version(), **versions}
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
