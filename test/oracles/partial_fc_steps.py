"""Training steps with sampled class centres in PyTorch: `partial_fc_steps.py REQUEST.json`.

Only the centres of a step and their momentum move, as SGD moves a tensor of those rows alone. Prints, in float64 and
as distances of float32 from it, the losses, the centres, their momentum and the head's statistics.
"""

import json
import sys

import numpy as np
import torch
from reference_model import build, hashed, hashed_values, margin_softmax


def train(request, case, dtype):
    network = request["network"]
    model = build(network)
    values = {
        entry["name"]: torch.from_numpy(hashed_values(entry["shape"], salt, entry["base"], entry["spread"]))
        for salt, entry in enumerate(case["state"])
    }
    model.load_state_dict(
        {name[len("backbone.") :]: value for name, value in values.items() if name.startswith("backbone.")}
    )
    model = model.to(dtype).train()
    weight = values["head.weight"].to(dtype)
    momentum = torch.zeros_like(weight)
    statistics = {
        name[len("head.") :]: value.to(dtype) for name, value in values.items() if name.startswith("head.batch_")
    }
    rate, factor, decay = request["learningRate"], request["momentum"], request["weightDecay"]
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=factor, weight_decay=decay)
    size, losses = network["imageSize"], []
    for step, sampled in enumerate(request["centres"]):
        pixels = hashed(request["batch"] * 3 * size * size, 1000 + step) >> np.uint32(24)
        images = torch.from_numpy(pixels.astype(np.float64).reshape(-1, 3, size, size)).to(dtype)
        labels = torch.tensor([sampled.index(label) for label in request["labels"][step]])
        centres = torch.tensor(sampled)
        rows = weight[centres].requires_grad_()
        embedding = model((images - 127.5) / 127.5)
        loss, value = margin_softmax(embedding, rows, labels, case["head"], statistics)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 5)
        optimizer.step()
        momentum[centres] = factor * momentum[centres] + rows.grad + decay * rows.detach()
        weight[centres] = rows.detach() - rate * momentum[centres]
        losses.append(value)
    tensors = {"losses": torch.tensor(losses, dtype=torch.float64), "weight": weight, "momentum": momentum, **statistics}
    return {name: value.double().flatten() for name, value in tensors.items()}


def main(request_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    torch.set_num_threads(1)
    results = []
    for case in request["cases"]:
        exact, single = train(request, case, torch.float64), train(request, case, torch.float32)
        results.append(
            {
                name: {"values": value.tolist(), "float32": (single[name] - value).norm().item()}
                for name, value in exact.items()
            }
        )
    json.dump(results, sys.stdout)


main(sys.argv[1])
