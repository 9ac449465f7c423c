"""The training step of the study's LeNet in PyTorch: the peer that `cargo xtask bench` measures.

    python torch_step.py BATCH STEPS THREADS (default|channels_last)

prints images a second: forward, cross-entropy, backward and Adam on random images, CPU.
"""

import sys
import time

import torch
from torch.nn import functional as F


class LeNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1, self.conv2 = torch.nn.Conv2d(1, 6, 5), torch.nn.Conv2d(6, 16, 5)
        self.fc1, self.fc2 = torch.nn.Linear(2704, 120), torch.nn.Linear(120, 84)
        self.fc3 = torch.nn.Linear(84, 2)

    def forward(self, images):
        x = F.max_pool2d(F.relu(self.conv1(images)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        x = F.relu(self.fc1(x.flatten(1)))
        return self.fc3(F.relu(self.fc2(x)))


def main():
    batch, steps, threads = (int(a) for a in sys.argv[1:4])
    layout = torch.channels_last if sys.argv[4] == "channels_last" else torch.contiguous_format
    torch.set_num_threads(threads)
    net = LeNet().to(memory_format=layout)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    images = torch.rand(batch, 1, 64, 64).to(memory_format=layout)
    labels = torch.arange(batch) % 2
    for step in range(steps + 5):
        if step == 5:
            start = time.perf_counter()
        optimizer.zero_grad()
        F.cross_entropy(net(images), labels).backward()
        optimizer.step()
    print(f"{batch * steps / (time.perf_counter() - start):.1f}")


if __name__ == "__main__":
    main()
