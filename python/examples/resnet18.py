"""Trains a torchvision ResNet-18 on generated nodules, evaluates it on the test battery, and scores its saliency maps.

    pip install torch torchvision captum nodule-*.whl
    python python/examples/resnet18.py
"""

import time

import nodule
import numpy as np
import torch
import torchvision
from captum.attr import Saliency

EPOCHS, BATCH = 3, 64
torch.manual_seed(0)

# One input channel, one decision score.
network = torchvision.models.resnet18(num_classes=1)
network.conv1 = torch.nn.Conv2d(1, 64, 7, stride=2, padding=3, bias=False)

nodules = nodule.generate("both", n=3000, seed=1)
images = torch.from_numpy(nodules.images)[:, None]
labels = torch.from_numpy(nodules.labels).float()
optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
clock = time.monotonic()
for epoch in range(EPOCHS):
    network.train()
    for batch in torch.randperm(len(images)).split(BATCH):
        loss = torch.nn.functional.binary_cross_entropy_with_logits(network(images[batch])[:, 0], labels[batch])
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch + 1} of {EPOCHS}: loss {loss.item():.3f}, {time.monotonic() - clock:.0f} s")
network.eval()

# Evaluation on the test battery.
battery = nodule.Battery("quick", train="both")


@torch.no_grad()
def predict(images):
    return network(torch.from_numpy(images))[:, 0]


saliency = Saliency(network).attribute(torch.from_numpy(battery.images("maps"))).numpy()
clock = time.monotonic()
result = battery.audit(predict, name="resnet18", maps={"gradient": saliency})
print(f"audited in {time.monotonic() - clock:.0f} s")
for table in (result.reliance, result.maps):
    columns = [name for name in table if name not in ("model", "train", "read_out", "seed")]
    for row in zip(*(table[name] for name in columns)):
        print(", ".join(f"{name} {cell if isinstance(cell, str) else np.round(cell, 3)}" for name, cell in zip(columns, row)))
print(result.report("resnet18.html"))
