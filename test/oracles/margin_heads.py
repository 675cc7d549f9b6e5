"""Loss and gradients of margin heads in PyTorch, float64: `margin_heads.py REQUEST.json`."""

import json
import sys

import torch
from reference_model import hashed_values, margin_softmax


def main(request_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    results = []
    for case in request["cases"]:
        tensors = [
            torch.from_numpy(hashed_values(entry["shape"], salt, entry["base"], entry["spread"])).double().requires_grad_()
            for salt, entry in enumerate([request["embedding"], request["weight"]])
        ]
        loss, value = margin_softmax(*tensors, torch.tensor(request["labels"]), case)
        loss.backward()
        gradients = [tensor.grad.flatten().tolist() for tensor in tensors]
        results.append({"loss": value, "embedding": gradients[0], "weight": gradients[1]})
    json.dump(results, sys.stdout)


main(sys.argv[1])
