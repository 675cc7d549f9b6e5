"""Training steps or embeddings in PyTorch, float32 on the CPU, with the models of test/oracles.

training_step.py '{"network": "mbf", "batch_size": 64, "classes": 8277, "threads": 2, "embed": false}' FORMAT

FORMAT is contiguous, channels_last, or compiled: torch.compile with channels last. ArcFace with its straight-through gradient, clipping and SGD, as arcface_torch.
Says at its end how much memory it had.
"""

import json
import resource
import sys
from pathlib import Path

import torch
from rounds import serve
from torch import nn
from torch.nn import functional as F

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "oracles"))
from reference_model import build  # noqa: E402

STEPS = 3
SIZES = {"embeddingSize": 512, "imageSize": 112}
NETWORKS = {
    "mbf": {"blocks": [1, 4, 6, 2], "scale": 2},
    "r18": {"layers": [2, 2, 2, 2]},
    "r50": {"layers": [3, 4, 14, 3]},
}
SCALE, MARGIN = 64, 0.5

request = json.loads(sys.argv[1])
memory_format = torch.contiguous_format if sys.argv[2] == "contiguous" else torch.channels_last
torch.set_num_threads(request["threads"])
batch, classes = request["batch_size"], request["classes"]
backbone = build({**NETWORKS[request["network"]], **SIZES}).to(memory_format=memory_format)
centres = nn.Parameter(torch.normal(0, 0.01, (classes, 512)))
optimizer = torch.optim.SGD([*backbone.parameters(), centres], lr=0.01, momentum=0.9, weight_decay=5e-4)
backbone.train(not request["embed"])
forward = torch.compile(backbone) if sys.argv[2] == "compiled" else backbone


def images():
    pixels = torch.randint(0, 256, (batch, 3, 112, 112), dtype=torch.uint8)
    return ((pixels.float() - 127.5) / 127.5).contiguous(memory_format=memory_format)


def step():
    labels = torch.randint(0, classes, (batch, 1))
    cosines = F.linear(F.normalize(forward(images())), F.normalize(centres)).clamp(-1, 1)
    target = cosines.gather(1, labels)
    with torch.no_grad():
        moved = torch.cos(torch.acos(target) + MARGIN) - target
    logits = cosines.scatter(1, labels, target + moved) * SCALE
    loss = F.cross_entropy(logits, labels[:, 0])
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(backbone.parameters(), 5)
    optimizer.step()
    return loss.item()


def embed():
    with torch.inference_mode():
        forward(images())


def work():
    for _ in range(STEPS):
        embed() if request["embed"] else step()
    return batch * STEPS


serve(work)
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e9
print(f"PyTorch, {sys.argv[2]}: {peak:.2f} GB at most", file=sys.stderr)
