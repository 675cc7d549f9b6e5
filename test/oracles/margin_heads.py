"""
Loss and gradients of margin heads in PyTorch, float64: `margin_heads.py REQUEST.json`. A request with `steps` gives a
list of steps a case, each with embeddings of its own (rows multiplied by `row_factors`) and the statistics after it.
"""

import json
import sys

import numpy as np
import torch
from reference_model import hashed_values, margin_softmax


def run(request, case, embedding_salt, statistics):
    values = [
        hashed_values(entry["shape"], salt, entry["base"], entry["spread"])
        for salt, entry in [(embedding_salt, request["embedding"]), (1, request["weight"])]
    ]
    if "rowFactors" in request:
        values[0] *= np.array(request["rowFactors"], dtype=np.float32)[:, None]
    tensors = [torch.from_numpy(value).double().requires_grad_() for value in values]
    loss, value = margin_softmax(*tensors, torch.tensor(request["labels"]), case, statistics)
    loss.backward()
    gradients = [tensor.grad.flatten().tolist() for tensor in tensors]
    return {"loss": value, "embedding": gradients[0], "weight": gradients[1]}


def run_steps(request, case):
    statistics = {name: torch.tensor(value).double() for name, value in request["statistics"].items()}
    steps = []
    for step in range(request["steps"]):
        result = run(request, case, 10 + step, statistics)
        steps.append({**result, "statistics": {name: value.item() for name, value in statistics.items()}})
    return steps


def main(request_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    if "steps" in request:
        results = [run_steps(request, case) for case in request["cases"]]
    else:
        results = [run(request, case, 0, None) for case in request["cases"]]
    json.dump(results, sys.stdout)


main(sys.argv[1])
