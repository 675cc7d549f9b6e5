"""Training steps in PyTorch on CUDA with arcface_torch's recipe, a measurement a line as bench/gpu/training-entry.ts.

gpu_training.py '{"work": {"network": "mbf", "batchSize": 128, "classes": 8277, "sampleRate": 1, "float16": true,
"imageSize": 112}, "rounds": 20}'

autocast to float16 up to the embedding's tail and GradScaler where float16 is asked for, ArcFace with its straight-through
gradient, PartialFC by rows drawn at random, clipping to 5, SGD; cudnn.benchmark as train_v2.py sets it.
Without CUDA it says so and ends with 3.
"""

import json
import sys
import time
from pathlib import Path

try:
    import torch
    from torch import nn
    from torch.nn import functional as F
except ImportError:
    sys.exit(3)

if not torch.cuda.is_available():
    sys.exit(3)

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "oracles"))
from reference_model import build  # noqa: E402

STEPS_A_ROUND, WARM_UP, IMAGE_SETS = 3, 5, 4
NETWORKS = {"mbf": {"blocks": [1, 4, 6, 2], "scale": 2}, "r50": {"layers": [3, 4, 14, 3]}}
SCALE, MARGIN = 64, 0.5

request = json.loads(sys.argv[1])
work = request["work"]
batch, classes, size, float16 = work["batchSize"], work["classes"], work["imageSize"], work["float16"]
sampled = max(batch, int(work["sampleRate"] * classes))
torch.backends.cudnn.benchmark = True
backbone = build({**NETWORKS[work["network"]], **work.get("shape", {}), "embeddingSize": 512, "imageSize": size}).cuda().train()
centres = torch.normal(0, 0.01, (classes, 512), device="cuda")
momentum = torch.zeros_like(centres)
sgd = {"lr": 0.01, "momentum": 0.9, "weight_decay": 5e-4}
optimizer = torch.optim.SGD(backbone.parameters(), **sgd)
scaler = torch.amp.GradScaler("cuda", growth_interval=100, enabled=float16)


def embed(images):
    with torch.autocast("cuda", dtype=torch.float16, enabled=float16):
        if work["network"] == "mbf":
            for layer in backbone.layers:
                images = layer(images)
        else:
            images = backbone.prelu(backbone.bn1(backbone.conv1(images)))
            images = backbone.layer4(backbone.layer3(backbone.layer2(backbone.layer1(images))))
            images = backbone.bn2(images).flatten(1)
    if work["network"] == "mbf":
        return backbone.features(backbone.conv_sep(images.float()))
    return backbone.features(backbone.fc(images.float()))


def sample(labels):
    """Rows of a step, and the labels among them: positives, and negatives drawn without replacement."""
    if sampled == classes:
        return None, labels
    order = torch.rand(classes, device="cuda")
    order[labels] = 2
    rows = torch.topk(order, sampled)[1].sort()[0]
    return rows, torch.searchsorted(rows, labels)


# Made beforehand, as a loader does in processes of its own.
image_sets = [torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8).pin_memory() for _ in range(IMAGE_SETS)]
steps = 0


def step():
    global steps
    steps += 1
    pixels = image_sets[steps % IMAGE_SETS].cuda(non_blocking=True)
    rows, labels = sample(torch.randint(0, classes, (batch,), device="cuda"))
    weight = nn.Parameter(centres if rows is None else centres[rows])
    head = torch.optim.SGD([weight], **sgd)
    head.state[weight]["momentum_buffer"] = momentum if rows is None else momentum[rows]
    cosines = F.linear(F.normalize(embed((pixels.float() - 127.5) / 127.5)), F.normalize(weight)).clamp(-1, 1)
    target = cosines.gather(1, labels[:, None])
    with torch.no_grad():
        moved = torch.cos(torch.acos(target) + MARGIN) - target
    loss = F.cross_entropy(cosines.scatter(1, labels[:, None], target + moved) * SCALE, labels)
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    for each in (optimizer, head):
        scaler.unscale_(each)
    nn.utils.clip_grad_norm_(backbone.parameters(), 5)
    for each in (optimizer, head):
        scaler.step(each)
    scaler.update()
    if rows is not None:
        centres[rows], momentum[rows] = weight.detach(), head.state[weight]["momentum_buffer"]
    return loss.item()


for _ in range(WARM_UP):
    step()
for _ in range(request["rounds"]):
    start = time.perf_counter()
    for _ in range(STEPS_A_ROUND):
        loss = step()
    torch.cuda.synchronize()
    seconds = time.perf_counter() - start
    print(json.dumps({"images": STEPS_A_ROUND * batch, "seconds": seconds, "loss": loss}), flush=True)
