"""Losses of PyTorch over many steps: `same_curve.py REQUEST.json TENSORS.bin`.

The request names files of the initial state (float32, tensor after tensor) and of the batches (uint8 [steps, batch, 3,
size, size]). Prints the losses in float64 and in float32 as PyTorch computes in three ways, the gradient norms, and
the losses with one thing done otherwise, for fewer steps.
"""

import json
import math
import sys

import numpy as np
import torch
from reference_model import build, margin_softmax

RECIPE = {"momentum": 0.9, "weightDecay": 5e-3, "clip": 5, "marginGradient": "straight-through"}
OTHERWISE = {
    "momentum 0": {"momentum": 0},
    "decay 0": {"weightDecay": 0},
    "no clipping": {"clip": math.inf},
    "the other margin gradient": {"marginGradient": "exact"},
}


def state_of(request):
    values = np.fromfile(request["stateFile"], dtype="<f4")
    state, start = {}, 0
    for entry in request["state"]:
        count = math.prod(entry["shape"])
        state[entry["name"]] = torch.from_numpy(values[start : start + count].reshape(entry["shape"]).copy())
        start += count
    return state


def train(request, dtype, steps, recipe, channels_last=False, onednn=True):
    torch.backends.mkldnn.enabled = onednn
    state = state_of(request)
    model = build(request["network"])
    prefix = "backbone."
    model.load_state_dict(
        {name[len(prefix) :]: value for name, value in state.items() if name.startswith(prefix)}, strict=True
    )
    layout = torch.channels_last if channels_last else torch.contiguous_format
    model = model.to(dtype, memory_format=layout).train()
    weight = torch.nn.Parameter(state["head.weight"].to(dtype))
    optimizer = torch.optim.SGD(
        [*model.parameters(), weight],
        lr=request["learningRate"],
        momentum=recipe["momentum"],
        weight_decay=recipe["weightDecay"],
    )
    head = {**request["head"], "marginGradient": recipe["marginGradient"]}
    size = request["network"]["imageSize"]
    batches = np.fromfile(request["imagesFile"], dtype=np.uint8).reshape(-1, request["batch"], 3, size, size)
    losses, norms = [], []
    for step in range(steps):
        images = torch.from_numpy(batches[step]).to(dtype, memory_format=layout)
        labels = torch.tensor(request["labels"][step])
        optimizer.zero_grad()
        loss, value = margin_softmax(model((images - 127.5) / 127.5), weight, labels, head)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), recipe["clip"]).item())
        optimizer.step()
        losses.append(value)
    return losses, norms


def main(request_path, _):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    torch.set_num_threads(2)
    steps = request["steps"]
    losses, norms = train(request, torch.float64, steps, RECIPE)
    ways = ({}, {"channels_last": True}, {"onednn": False})
    losses32 = [train(request, torch.float32, steps, RECIPE, **way)[0] for way in ways]
    otherwise = {
        name: train(request, torch.float64, request["otherwiseSteps"], {**RECIPE, **change})[0]
        for name, change in OTHERWISE.items()
        if request["otherwiseSteps"] > 0
    }
    summary = {
        "inputs": request["inputs"],
        "losses": losses,
        "losses32": losses32,
        "norms": norms,
        "otherwise": otherwise,
    }
    json.dump(summary, sys.stdout)


main(*sys.argv[1:])
