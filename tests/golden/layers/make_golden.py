"""Golden vectors for the layers of residual networks in nodule-nn, computed by PyTorch in double precision.

    pip install -r tests/golden/requirements.txt
    python tests/golden/layers/make_golden.py

writes layers.safetensors and residual.safetensors beside this script (rounded to f32), as the README beside
the other vectors describes. The project's tests read the files and never run this script.
"""

import json
from pathlib import Path

import safetensors.torch
import torch
from torch.nn import functional as F

HERE = Path(__file__).parent
STEPS = 10
# images, channels, height, width, outputs, kernel, stride, padding
CONVOLUTIONS = [
    (2, 3, 9, 12, 5, 3, 1, 1), (2, 4, 10, 11, 6, 3, 2, 1), (2, 2, 12, 9, 4, 5, 1, 2), (1, 3, 13, 18, 2, 5, 2, 2),
    (2, 6, 8, 7, 4, 1, 2, 0), (1, 2, 7, 20, 3, 3, 1, 0),
]
# images, channels, height, width, groups
NORMS = [(2, 6, 5, 7, 3), (1, 8, 4, 4, 8), (3, 4, 6, 3, 1)]
GROUPS, WIDTHS, SIZE, EMBEDDING, BATCH = 2, (4, 6, 8), 15, 5, 6


class Unit(torch.nn.Module):
    def __init__(self, inputs, outputs, kernel, stride):
        super().__init__()
        self.conv = torch.nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, bias=False)
        self.norm = torch.nn.GroupNorm(GROUPS, outputs)

    def forward(self, x):
        return self.norm(self.conv(x))


class Block(torch.nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.first, self.second = Unit(inputs, outputs, 3, stride), Unit(outputs, outputs, 3, 1)
        changes = stride > 1 or inputs != outputs
        self.shortcut = Unit(inputs, outputs, 1, stride) if changes else torch.nn.Identity()

    def forward(self, x):
        return F.relu(self.second(F.relu(self.first(x))) + self.shortcut(x))


class Residual(torch.nn.Module):
    def __init__(self, stem_stride):
        super().__init__()
        self.stem = Unit(1, WIDTHS[0], 3, stem_stride)
        inputs = (WIDTHS[0], *WIDTHS[:2])
        blocks = zip(inputs, WIDTHS, (1, 2, 2))
        self.block1, self.block2, self.block3 = (Block(*block) for block in blocks)
        self.fc1, self.fc2 = torch.nn.Linear(WIDTHS[2], EMBEDDING), torch.nn.Linear(EMBEDDING, 2)

    def forward(self, images):
        x = self.block3(self.block2(self.block1(F.relu(self.stem(images)))))
        embedding = self.fc1(x.mean((2, 3)))
        return embedding, self.fc2(F.relu(embedding))


def ours(key):
    """The name of a parameter in nodule-nn."""
    for theirs, name in [
        (".first.conv", ".conv1"), (".first.norm", ".norm1"), (".second.conv", ".conv2"), (".second.norm", ".norm2"),
        (".shortcut.conv", ".shortcut"), (".shortcut.norm", ".shortcut_norm"), ("stem.conv", "stem"),
        ("stem.norm", "stem_norm"),
    ]:
        key = key.replace(theirs + ".", name + ".")
    return key


def rounded(tensor):
    """Rounded to f32 first: both sides then start from the same numbers."""
    return tensor.float().double()


def layer(out, name, function, *inputs):
    """A function's value, and its gradients under a loss with uneven slopes."""
    inputs = [rounded(x).requires_grad_() for x in inputs]
    value = function(*inputs)
    slopes = (torch.arange(value.numel()) * 7 % 11 - 4).double().reshape(value.shape)
    (value * slopes).sum().backward()
    out[f"{name}.y"] = value
    for i, x in enumerate(inputs):
        out[f"{name}.{i}"], out[f"{name}.{i}.gradient"] = x, x.grad


def layers():
    torch.manual_seed(1)
    out = {}
    for i, (n, c, h, w, o, k, stride, padding) in enumerate(CONVOLUTIONS):
        function = lambda x, weight: F.conv2d(x, weight, stride=stride, padding=padding)
        layer(out, f"conv{i}", function, torch.randn(n, c, h, w), torch.randn(o, c, k, k))
        pooled = lambda x, weight: F.max_pool2d(function(x, weight), 2)
        layer(out, f"pooled{i}", pooled, torch.randn(n, c, h, w), torch.randn(o, c, k, k))
    for i, (n, c, h, w, groups) in enumerate(NORMS):
        for relu in (False, True):
            function = lambda x, weight, bias: F.group_norm(x, groups, weight, bias)
            rectified = (lambda *all: F.relu(function(*all))) if relu else function
            inputs = torch.randn(n, c, h, w) * 2 + 1, torch.randn(c), torch.randn(c)
            layer(out, f"norm{i}{'relu' if relu else ''}", rectified, *inputs)
    save("layers", out, {"convolutions": [c[6:] for c in CONVOLUTIONS], "groups": [n[4] for n in NORMS]})


def residual():
    out = {}
    for stem_stride in (1, 2):
        torch.manual_seed(2)
        network = Residual(stem_stride).double()
        with torch.no_grad():
            for parameter in network.parameters():
                noise = 0.2 * torch.randn_like(parameter) if parameter.dim() == 1 else 0.0
                parameter.copy_(rounded(parameter + noise))
        images, labels = rounded(torch.rand(BATCH, 1, SIZE, SIZE)), torch.arange(BATCH) % 2
        name = f"stride{stem_stride}"
        out |= {f"{name}.initial.{ours(k)}": v.clone() for k, v in network.state_dict().items()}
        tracked = images.clone().requires_grad_()
        embedding, logits = network(tracked)
        value = F.cross_entropy(logits, labels)
        value.backward()
        out |= {f"{name}.images": images, f"{name}.labels": labels, f"{name}.embedding": embedding,
                f"{name}.logits": logits, f"{name}.value": value, f"{name}.gradient.images": tracked.grad}
        out |= {f"{name}.gradient.{ours(k)}": p.grad.clone() for k, p in network.named_parameters()}
    settings = {"image_size": SIZE, "widths": WIDTHS, "groups": GROUPS, "embedding": EMBEDDING}
    save("residual", out, settings)


def save(name, out, settings):
    as_f32 = lambda t: t if t.dtype == torch.int64 else t.detach().float().contiguous().clone()
    tensors = {k: as_f32(v) for k, v in out.items()}
    safetensors.torch.save_file(tensors, HERE / f"{name}.safetensors", metadata={"settings": json.dumps(settings)})


if __name__ == "__main__":
    torch.set_num_threads(1)
    layers()
    residual()
