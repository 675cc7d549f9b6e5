"""Training steps of PyTorch in mixed precision as arcface_torch takes them: `mixed_precision.py REQUEST.json TENSORS.bin`.

autocast to float16 up to the embedding's tail, GradScaler, gradients unscaled and then clipped. Prints the loss and the
loss scale of each step, and for each update the norm before clipping (null where it is no finite number) and whether the
update was skipped.
"""

import json
import math
import sys

import numpy as np
import torch
from reference_model import build, hashed, hashed_values, margin_softmax


def embed(model, images):
    """arcface_torch's forward with fp16: the tail takes float32 outside autocast."""
    with torch.autocast("cpu", dtype=torch.float16):
        x = images
        if hasattr(model, "conv_sep"):
            for layer in model.layers:
                x = layer(x)
        else:
            x = model.prelu(model.bn1(model.conv1(x)))
            x = model.layer4(model.layer3(model.layer2(model.layer1(x))))
            x = model.bn2(x).flatten(1)
    if hasattr(model, "conv_sep"):
        return model.features(model.conv_sep(x.float()))
    return model.features(model.fc(x.float()))


def train(request):
    network, classes = request["network"], request["classes"]
    model = build(network)
    values = {
        entry["name"]: torch.from_numpy(hashed_values(entry["shape"], salt, entry["base"], entry["spread"]))
        for salt, entry in enumerate(request["state"])
    }
    backbone = {name[len("backbone.") :]: value for name, value in values.items() if name.startswith("backbone.")}
    model.load_state_dict(backbone, strict=True)
    model.train()
    weight = torch.nn.Parameter(values["head.weight"])
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
    options = request["optimizer"]
    optimizer = torch.optim.SGD(
        [*parameters, weight],
        lr=request["learningRate"],
        momentum=options["momentum"],
        weight_decay=options["weightDecay"],
    )
    scaling = request["scaling"]
    scaler = torch.amp.GradScaler("cpu", init_scale=scaling["scale"], growth_interval=100)
    scaler._init_growth_tracker = scaling["growthTracker"]
    size = network["imageSize"]
    result = {"losses": [], "scales": [], "norms": [], "skipped": []}
    for step in range(request["steps"]):
        pixels = hashed(request["batch"] * 3 * size * size, 1000 + step) >> np.uint32(24)
        images = torch.from_numpy(pixels.astype(np.float32).reshape(-1, 3, size, size))
        labels = torch.from_numpy((hashed(request["batch"], 2000 + step) % np.uint32(classes)).astype(np.int64))
        loss, value = margin_softmax(embed(model, (images - 127.5) / 127.5), weight, labels, request["head"])
        scaler.scale(loss).backward()
        result["losses"].append(value)
        result["scales"].append(scaler.get_scale())
        if (step + 1) % request["gradientAccumulation"] == 0:
            scaler.unscale_(optimizer)
            norm = torch.nn.utils.clip_grad_norm_(parameters, 5).item()
            before = weight.detach().clone()
            scaler.step(optimizer)
            scaler.update()
            optimizer.zero_grad()
            result["norms"].append(norm if math.isfinite(norm) else None)
            result["skipped"].append(torch.equal(before, weight))
    return result


def main(request_path, _):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    torch.set_num_threads(1)
    json.dump(train(request), sys.stdout, allow_nan=False)


main(*sys.argv[1:])
