"""Golden vectors for nodule-nn and nodule-train, computed by PyTorch in double precision.

    pip install -r tests/golden/requirements.txt
    python tests/golden/make_golden.py

writes one safetensors file a case beside this script (rounded to f32) and versions.json. The
layout of the files is described in README.md. The project's tests read the files and never run
this script; `cargo xtask golden --python PYTHON` runs it again and shows what changed.
"""

import json
import platform
from pathlib import Path

import numpy
import safetensors
import safetensors.torch
import torch
from torch.nn import functional as F

HERE = Path(__file__).parent
EPSILON = 1e-12
STEPS = 10
TEMPERATURE = 0.2
# name: image size, channels, hidden, embedding, batch, margin, weight, gain on the weights.
# A gain above 1 spreads the embeddings, so that some pairs lie beyond the margin.
CASES = {
    "odd": (23, (3, 5), 9, 7, 8, 0.75, 0.5, 3.0),
    "full": (64, (6, 16), 4, 6, 4, 1.0, 1.0, 1.0),
}
LOSSES = ("ce", "contrastive", "ce+contrastive", "supcon", "ce+supcon", "triplet", "ce+nt-xent", "ce+log-margin")
# Labels of the batch of 8 embeddings in raw.safetensors, and the margins.
RAW_LABELS = (0, 1, 0, 1, 1, 0, 1, 0)
RAW_MARGINS = (1.0, 2.0, 8.0)


class LeNet(torch.nn.Module):
    """The study's network, written with PyTorch's own layers."""

    def __init__(self, size, channels, hidden, embedding):
        super().__init__()
        pooled = ((size - 4) // 2 - 4) // 2
        self.conv1 = torch.nn.Conv2d(1, channels[0], 5)
        self.conv2 = torch.nn.Conv2d(channels[0], channels[1], 5)
        self.fc1 = torch.nn.Linear(channels[1] * pooled**2, hidden)
        self.fc2 = torch.nn.Linear(hidden, embedding)
        self.fc3 = torch.nn.Linear(embedding, 2)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        embedding = self.fc2(x)
        return embedding, self.fc3(F.relu(embedding))


def contrastive(embedding, labels, margin):
    """Pair by pair, as the formula says; the Rust code takes another way to the same numbers."""
    rows = embedding / (embedding.square().sum(1, keepdim=True) + EPSILON).sqrt()
    total, pairs = 0.0, 0
    for i in range(len(rows)):
        for j in range(i):
            squared = (rows[i] - rows[j]).square().sum()
            if labels[i] == labels[j]:
                total = total + squared
            else:
                total = total + F.relu(margin - (squared + EPSILON).sqrt()).square()
            pairs += 1
    return total / pairs


def raw_contrastive(embedding, labels, margin):
    """Hadsell et al. 2006: between the rows as they are, with PyTorch's own norm, whose gradient at 0 is 0."""
    total, pairs = 0.0, 0
    for i in range(len(embedding)):
        for j in range(i):
            distance = (embedding[i] - embedding[j]).norm()
            same = labels[i] == labels[j]
            total = total + (distance.square() if same else F.relu(margin - distance).square())
            pairs += 1
    return total / pairs


def sup_con(embedding, labels):
    """Anchor by anchor, as equation 2 of Khosla et al. says."""
    rows = F.normalize(embedding)
    total, anchors = 0.0, 0
    for i in range(len(rows)):
        others = [a for a in range(len(rows)) if a != i]
        positives = [p for p in others if labels[p] == labels[i]]
        if positives:
            logits = rows[others] @ rows[i] / TEMPERATURE
            share = {a: v for a, v in zip(others, logits - logits.logsumexp(0))}
            total = total - sum(share[p] for p in positives) / len(positives)
            anchors += 1
    return total / anchors


def triplet(embedding, labels, margin):
    rows = F.normalize(embedding)
    total = 0.0
    for i in range(len(rows)):
        distance = [(rows[i] - row).norm() if j != i else None for j, row in enumerate(rows)]
        same = [d for j, d in enumerate(distance) if j != i and labels[j] == labels[i]]
        other = [d for j, d in enumerate(distance) if labels[j] != labels[i]]
        total = total + F.relu(margin + max(same) - min(other))
    return total / len(rows)


def nt_xent(embedding):
    """As a classification among the other rows, with PyTorch's own cross-entropy."""
    rows = F.normalize(embedding)
    n = len(rows)
    logits = (rows @ rows.T / TEMPERATURE).fill_diagonal_(-torch.inf)
    return F.cross_entropy(logits, (torch.arange(n) + n // 2) % n)


def loss_of(name, output, labels, margin, weight):
    embedding, logits = output
    terms = {
        "contrastive": lambda: contrastive(embedding, labels, margin),
        "supcon": lambda: sup_con(embedding, labels),
        "triplet": lambda: triplet(embedding, labels, margin),
        "nt-xent": lambda: nt_xent(embedding),
        "log-margin": lambda: (logits[:, 1] - logits[:, 0]).square().log1p().mean(),
    }
    if name == "ce":
        return F.cross_entropy(logits, labels)
    if name.startswith("ce+"):
        return F.cross_entropy(logits, labels) + weight * terms[name[3:]]()
    return terms[name]()


def case(name, size, channels, hidden, embedding, batch, margin, weight, gain):
    torch.manual_seed(2021)
    start = LeNet(size, channels, hidden, embedding).double()
    with torch.no_grad():
        for parameter in start.parameters():
            # Rounded to f32 first: both sides then start from the same numbers.
            parameter.copy_((parameter * gain).float().double())
    images = torch.rand(batch, 1, size, size).double()
    labels = torch.arange(batch) % 2
    initial = {k: v.clone() for k, v in start.state_dict().items()}
    out = {"images": images, "labels": labels}
    out |= {f"initial.{k}": v for k, v in initial.items()}
    out["embedding"], out["logits"] = start(images)
    for loss in LOSSES:
        start.load_state_dict(initial)
        start.zero_grad()
        tracked = images.clone().requires_grad_()
        value = loss_of(loss, start(tracked), labels, margin, weight)
        value.backward()
        out[f"{loss}.value"] = value
        out[f"{loss}.gradient.images"] = tracked.grad
        for key, parameter in start.named_parameters():
            if parameter.grad is not None:
                out[f"{loss}.gradient.{key}"] = parameter.grad
        optimizer = torch.optim.Adam(start.parameters(), lr=1e-3)
        for _ in range(STEPS):
            optimizer.zero_grad()
            loss_of(loss, start(images), labels, margin, weight).backward()
            optimizer.step()
        out |= {f"{loss}.adam10.{k}": v.clone() for k, v in start.state_dict().items()}
    as_f32 = lambda t: t if t.dtype == torch.int64 else t.detach().float().contiguous().clone()
    tensors = {k: as_f32(v) for k, v in out.items()}
    settings = {
        "image_size": size, "channels": channels, "hidden": hidden, "embedding": embedding,
        "margin": margin, "weight": weight, "temperature": TEMPERATURE,
    }
    meta = {"settings": json.dumps(settings)}
    safetensors.torch.save_file(tensors, HERE / f"{name}.safetensors", metadata=meta)


def raw():
    """Embeddings of unlike lengths: apart, and with two rows that are equal but for their class."""
    torch.manual_seed(2006)
    labels = torch.tensor(RAW_LABELS)
    apart = (torch.randn(8, 5) * torch.linspace(0.2, 1.6, 8)[:, None]).double()
    twins = apart.clone()
    twins[1] = twins[0]
    out = {"labels": labels}
    for name, rows in {"apart": apart, "twins": twins}.items():
        out[name] = rows
        for margin in RAW_MARGINS:
            tracked = rows.clone().requires_grad_()
            value = raw_contrastive(tracked, labels, margin)
            value.backward()
            out[f"{name}.{margin}.value"] = value
            out[f"{name}.{margin}.gradient"] = tracked.grad
    as_f32 = lambda t: t if t.dtype == torch.int64 else t.detach().float().contiguous().clone()
    tensors = {k: as_f32(v) for k, v in out.items()}
    safetensors.torch.save_file(tensors, HERE / "raw.safetensors")


def main():
    torch.set_num_threads(1)
    for name, settings in CASES.items():
        case(name, *settings)
    raw()
    versions = {
        "python": platform.python_version(), "torch": torch.__version__,
        "numpy": numpy.__version__, "safetensors": safetensors.__version__,
    }
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
    print(json.dumps(versions))


if __name__ == "__main__":
    main()
