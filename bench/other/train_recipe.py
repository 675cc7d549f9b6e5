"""arcface_torch's recipe in PyTorch, float32 on the CPU, with the models of test/oracles: trains MobileFaceNet with
CosFace on a dataset of insightface's layout and saves the backbone's state_dict.

train_recipe.py DATASET MODEL.pt '{"blocks": [1, 4, 6, 2], "scale": 2, "embedding_size": 512, "batch_size": 64,
"num_epoch": 12, "lr": 0.05, "momentum": 0.9, "weight_decay": 5e-4, "margin": 0.4, "seed": 0}'

The order of the images, the flips and the initial weights are PyTorch's own: the other side of an accuracy, not of a
loss curve.
"""

import json
import math
import sys
from pathlib import Path

import mxnet as mx
import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "oracles"))
from reference_model import MobileFaceNet  # noqa: E402

SCALE = 64
GRADIENT_NORM_LIMIT = 5


def read_images(folder):
    """uint8 [images, 3, height, width] RGB and int64 [images]."""
    records = mx.recordio.MXIndexedRecordIO(f"{folder}/train.idx", f"{folder}/train.rec", "r")
    header, _ = mx.recordio.unpack(records.read_idx(0))
    images, labels = [], []
    for key in range(1, int(header.label[0])):
        header, encoded = mx.recordio.unpack(records.read_idx(key))
        images.append(mx.image.imdecode(encoded).asnumpy().transpose(2, 0, 1))
        labels.append(int(np.atleast_1d(header.label)[0]))
    return torch.from_numpy(np.stack(images)), torch.tensor(labels)


def initialise(backbone):
    """As upstream's MobileFaceNet; PReLU and BatchNorm keep PyTorch's own values."""
    for module in backbone.modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            nn.init.kaiming_normal_(module.weight, mode="fan_out", nonlinearity="relu")


def main():
    folder, output, recipe = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    torch.manual_seed(recipe["seed"])
    images, labels = read_images(folder)
    classes = int(labels.max()) + 1
    batch = recipe["batch_size"]
    steps_per_epoch = len(images) // batch
    total = steps_per_epoch * recipe["num_epoch"]
    backbone = MobileFaceNet(recipe["blocks"], recipe["scale"], recipe["embedding_size"], images.shape[2])
    initialise(backbone)
    centres = nn.Parameter(torch.normal(0, 0.01, (classes, recipe["embedding_size"])))
    optimizer = torch.optim.SGD(
        [{"params": backbone.parameters()}, {"params": [centres]}],
        lr=recipe["lr"],
        momentum=recipe["momentum"],
        weight_decay=recipe["weight_decay"],
    )
    backbone.train()
    step = 0
    for epoch in range(recipe["num_epoch"]):
        order = torch.randperm(len(images))
        for start in range(0, steps_per_epoch * batch, batch):
            for group in optimizer.param_groups:
                group["lr"] = recipe["lr"] * (1 - step / total)
            chosen = order[start : start + batch]
            x = (images[chosen].float() - 127.5) / 127.5
            mirrored = torch.rand(batch) < 0.5
            x[mirrored] = x[mirrored].flip(3)
            cosines = F.linear(F.normalize(backbone(x)), F.normalize(centres)).clamp(-1, 1)
            index = labels[chosen, None]
            logits = cosines.scatter(1, index, cosines.gather(1, index) - recipe["margin"]) * SCALE
            loss = F.cross_entropy(logits, labels[chosen])
            optimizer.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(backbone.parameters(), GRADIENT_NORM_LIMIT)
            optimizer.step()
            step += 1
            if not math.isfinite(loss.item()):
                raise SystemExit(f"step {step}: loss {loss.item()}")
            if step % 10 == 0:
                print(f"step {step}/{total} epoch {epoch} loss {loss.item():.4f}", flush=True)
    torch.save(backbone.state_dict(), output)


main()
