"""Golden vectors for nodule-explain, computed by captum and scikit-image in double precision.

    pip install -r tests/golden/requirements.txt
    python tests/golden/explain/make_golden.py

writes captum.safetensors and versions.json beside this script: a small LeNet's weights, images, and
the map of every method that captum has. The decision is the logit margin, abnormal minus normal.
"""

import json
import platform
from pathlib import Path

import captum
import numpy
import safetensors.torch
import skimage
import torch
from captum.attr import (
    InputXGradient,
    IntegratedGradients,
    LayerAttribution,
    LayerGradCam,
    Occlusion,
    Saliency,
)
from captum.metrics import infidelity, sensitivity_max
from skimage.metrics import structural_similarity

HERE = Path(__file__).parent
SIZE, CHANNELS, HIDDEN, EMBEDDING = 23, (3, 5), 9, 7
N, NOISES, STEPS = 4, 3, 16


class LeNet(torch.nn.Module):
    def __init__(self):
        super().__init__()
        block = lambda i, o: torch.nn.Sequential(
            torch.nn.Conv2d(i, o, 5), torch.nn.ReLU(), torch.nn.MaxPool2d(2)
        )
        self.block1, self.block2 = block(1, CHANNELS[0]), block(*CHANNELS)
        pooled = ((SIZE - 4) // 2 - 4) // 2
        self.fc1 = torch.nn.Linear(CHANNELS[1] * pooled**2, HIDDEN)
        self.fc2, self.fc3 = torch.nn.Linear(HIDDEN, EMBEDDING), torch.nn.Linear(EMBEDDING, 2)
        # A module's ReLU is used once each: captum's hooks need that.
        self.relu1, self.relu2 = torch.nn.ReLU(), torch.nn.ReLU()

    def forward(self, images):
        x = self.block2(self.block1(images)).flatten(1)
        logits = self.fc3(self.relu2(self.fc2(self.relu1(self.fc1(x)))))
        return logits[:, 1] - logits[:, 0]


def main():
    torch.manual_seed(9)
    torch.set_num_threads(1)
    net = LeNet().double()
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.copy_((parameter * 2).float().double())
    images = torch.rand(N, 1, SIZE, SIZE).float().double()
    noises = (torch.randn(NOISES, N, 1, SIZE, SIZE) * 0.05).float().double()
    saliency = lambda x: Saliency(net).attribute(x, abs=False)
    names = {
        "block1.0": "conv1", "block2.0": "conv2", "fc1": "fc1", "fc2": "fc2", "fc3": "fc3",
    }
    out = {}
    for key, value in net.state_dict().items():
        layer, kind = key.rsplit(".", 1)
        out[f"initial.{names[layer]}.{kind}"] = value
    out["images"], out["noises"] = images, noises
    out["decision"] = net(images)
    out["gradient"] = saliency(images)
    out["gradient-x-input"] = InputXGradient(net).attribute(images)
    out["smooth-grad"] = sum(saliency(images + noise) for noise in noises) / NOISES
    out["integrated-gradients"] = IntegratedGradients(net).attribute(
        images, baselines=0.1, n_steps=STEPS, method="riemann_middle"
    )
    cam = LayerGradCam(net, net.block2).attribute(images, relu_attributions=True)
    out["grad-cam"] = LayerAttribution.interpolate(cam, (SIZE, SIZE), "bilinear")
    out["occlusion"] = Occlusion(net).attribute(
        images, sliding_window_shapes=(1, 5, 5), strides=(1, 3, 3), baselines=0.2
    )
    turn = iter(noises)
    out["infidelity"] = infidelity(
        net,
        lambda x: (lambda p: (p, x - p))(next(turn)),
        images,
        out["gradient"],
        n_perturb_samples=NOISES,
        max_examples_per_batch=N,
    )
    turn_again = iter(noises)
    out["sensitivity"] = sensitivity_max(
        saliency,
        images,
        perturb_func=lambda x, *_: (x + next(turn_again),),
        n_perturb_samples=NOISES,
        max_examples_per_batch=N,
    )
    a, b = (out[k][0, 0].detach().numpy() for k in ("gradient", "smooth-grad"))
    out["similarity"] = torch.tensor([structural_similarity(a, b, data_range=2.0)])
    tensors = {k: v.detach().float().contiguous().clone() for k, v in out.items()}
    settings = {
        "image_size": SIZE, "channels": CHANNELS, "hidden": HIDDEN, "embedding": EMBEDDING,
        "steps": STEPS,
    }
    meta = {"settings": json.dumps(settings)}
    safetensors.torch.save_file(tensors, HERE / "captum.safetensors", metadata=meta)
    versions = {
        "python": platform.python_version(), "torch": torch.__version__,
        "captum": captum.__version__, "scikit-image": skimage.__version__,
        "numpy": numpy.__version__,
    }
    (HERE / "versions.json").write_text(json.dumps(versions, indent=2) + "\n")
    print(json.dumps(versions))


if __name__ == "__main__":
    main()
