"""Training steps of PyTorch in float64 and float32: `training_steps.py REQUEST.json TENSORS.bin`.

Prints a summary of the first step's gradients and of the state after the last step; writes the whole float64 tensors.
"""

import json
import math
import sys

import numpy as np
import torch
from reference_model import build, hashed, hashed_values, margin_softmax, summarize


def optimizer_of(request, parameters):
    options, rate = request["optimizer"], request["learningRate"]
    if options["name"] == "adamw":
        return torch.optim.AdamW(parameters, lr=rate, weight_decay=options["weightDecay"])
    return torch.optim.SGD(parameters, lr=rate, momentum=options["momentum"], weight_decay=options["weightDecay"])


def train(request, dtype):
    network, steps, classes = request["network"], request["steps"], request["classes"]
    model = build(network)
    values = {
        entry["name"]: torch.from_numpy(hashed_values(entry["shape"], salt, entry["base"], entry["spread"]))
        for salt, entry in enumerate(request["state"])
    }
    backbone = {name[len("backbone.") :]: value for name, value in values.items() if name.startswith("backbone.")}
    model.load_state_dict(backbone, strict=True)
    model = model.to(dtype).train()
    weight = torch.nn.Parameter(values["head.weight"].to(dtype))
    names = {
        f"backbone.{name}": parameter for name, parameter in model.named_parameters() if parameter.requires_grad
    }
    names["head.weight"] = weight
    optimizer = optimizer_of(request, names.values())
    accumulation = request.get("gradientAccumulation", 1)

    size = network["imageSize"]
    losses, norms, tensors = [], [], {}
    for step in range(steps):
        pixels = hashed(request["batch"] * 3 * size * size, 1000 + step) >> np.uint32(24)
        images = torch.from_numpy(pixels.astype(np.float64).reshape(-1, 3, size, size)).to(dtype)
        labels = torch.from_numpy((hashed(request["batch"], 2000 + step) % np.uint32(classes)).astype(np.int64))
        loss, value = margin_softmax(model((images - 127.5) / 127.5), weight, labels, request["head"])
        loss.backward()
        if step == 0 and accumulation == 1:
            tensors = {f"gradient.{name}": parameter.grad.clone() for name, parameter in names.items()}
        losses.append(value)
        update = (step + 1) % accumulation == 0
        limit = 5 if update else math.inf
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), limit).item())
        if update:
            optimizer.step()
            optimizer.zero_grad()
    for name, value in model.state_dict().items():
        tensors[f"backbone.{name}"] = value
    tensors["head.weight"] = weight
    for name, parameter in names.items():
        for slot, value in optimizer.state[parameter].items():
            if slot != "step":
                tensors[f"optimizer.{name}.{slot}"] = value
        if accumulation > 1:
            waiting = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
            tensors[f"optimizer.{name}.accumulated_gradient"] = waiting
    return losses, norms, {name: value.detach().to(torch.float64).numpy() for name, value in tensors.items()}


def main(request_path, tensors_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    torch.set_num_threads(1)
    losses, norms, tensors = train(request, torch.float64)
    losses32, norms32, tensors32 = train(request, torch.float32)
    with open(tensors_path, "wb") as file:
        for value in tensors.values():
            file.write(value.astype("<f8").tobytes())
    summary = {
        "losses": losses,
        "losses32": losses32,
        "norms": norms,
        "norms32": norms32,
        "tensors": {name: summarize(value, tensors32[name]) for name, value in tensors.items()},
    }
    json.dump(summary, sys.stdout)


main(*sys.argv[1:])
