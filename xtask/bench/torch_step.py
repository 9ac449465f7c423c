"""Training step in PyTorch, measured by `cargo xtask bench`.

    python torch_step.py --threads 2 --network residual --batch 32 --layout channels_last --run compile

prints images per second: forward, cross-entropy, backward and fused Adam on random images on the CPU. `timing.py` describes `--serve`.
"""

import argparse

import torch
import torch._inductor.config
from torch import nn
from torch.nn import functional as F

import timing


class LeNet(nn.Module):
    """The study's LeNet: 5x5 convolutions of 6 and 16 channels, dense layers of 120, 84 and 2."""

    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = nn.Conv2d(1, 6, 5), nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = nn.Linear(2704, 120), nn.Linear(120, 84)
        self.fc3 = nn.Linear(84, 2)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


def norm(width):
    return nn.GroupNorm(8, width, eps=1e-5)


class Block(nn.Module):
    """Two 3x3 convolutions with a shortcut, which is a 1x1 convolution if shapes differ."""

    def __init__(self, inputs, width, stride):
        super().__init__()
        self.conv1, self.norm1 = nn.Conv2d(inputs, width, 3, stride, 1, bias=False), norm(width)
        self.conv2, self.norm2 = nn.Conv2d(width, width, 3, 1, 1, bias=False), norm(width)
        self.shortcut = None
        if (inputs, stride) != (width, 1):
            self.shortcut = nn.Conv2d(inputs, width, 1, stride, bias=False)
            self.shortcut_norm = norm(width)

    def forward(self, x):
        y = F.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        if self.shortcut is not None:
            x = self.shortcut_norm(self.shortcut(x))
        return F.relu(y + x)


class Residual(nn.Module):
    """ResNet-8 with group normalisation: a stem, three blocks of 16, 32 and 64 channels, the mean, an embedding of 84."""

    def __init__(self):
        super().__init__()
        self.stem, self.stem_norm = nn.Conv2d(1, 16, 3, 1, 1, bias=False), norm(16)
        self.block1, self.block2, self.block3 = Block(16, 16, 1), Block(16, 32, 2), Block(32, 64, 2)
        self.fc1, self.fc2 = nn.Linear(64, 84), nn.Linear(84, 2)

    def forward(self, images):
        x = F.relu(self.stem_norm(self.stem(images)))
        x = self.block3(self.block2(self.block1(x)))
        return self.fc2(F.relu(self.fc1(x.mean((2, 3)))))


NETWORKS = {"lenet": LeNet, "residual": Residual}


def make(options):
    """Returns a step and its number of images."""
    torch.set_num_threads(options.threads)
    layout = torch.channels_last if options.layout == "channels_last" else torch.contiguous_format
    net = NETWORKS[options.network]().to(memory_format=layout)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, fused=True)
    images = torch.rand(options.batch, 1, 64, 64).to(memory_format=layout)
    labels = torch.arange(options.batch) % 2
    half = options.precision == "bfloat16"

    def loss():
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
            return F.cross_entropy(net(images), labels)

    if options.run == "compile":
        # All steps of a process share this function's code, so allow many compilations of it.
        torch._dynamo.config.recompile_limit = 1000
        # Compiled code contains the number of threads and is cached on disk, so it must be part of the cache key.
        torch._inductor.config.cpp.threads = options.threads
        loss = torch.compile(loss, fullgraph=True, dynamic=False)

    def step():
        optimizer.zero_grad()
        loss().backward()
        optimizer.step()

    return step, options.batch


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=sorted(NETWORKS), default="lenet")
    parser.add_argument("--batch", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--layout", choices=["default", "channels_last"], default="default")
    parser.add_argument("--run", choices=["eager", "compile"], default="eager")
    parser.add_argument("--precision", choices=["float32", "bfloat16"], default="float32")
    timing.answer(parser, make)


if __name__ == "__main__":
    main()
