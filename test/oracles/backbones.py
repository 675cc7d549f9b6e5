"""Embeddings of backbones that run: `backbones.py REQUEST.json TENSORS.bin`.

Prints for each network of the request, as it is for images of 112 pixels, its number of parameters and the hash of its
state_dict's names and shapes; then a summary of its embeddings, in float64. Writes the whole embeddings.
"""

import hashlib
import json
import sys

import numpy as np
import torch
from reference_model import build, hashed, hashed_values, rounded

IMAGES = 2


def measure(network, fillings):
    with torch.device("meta"):
        full, model = build({**network, "imageSize": 112}), build(network)
    parameters = sum(parameter.numel() for parameter in full.parameters())
    layout = "".join(f"{name} {list(value.shape)}\n" for name, value in full.state_dict().items())
    state = {
        entry["name"]: torch.from_numpy(hashed_values(entry["shape"], salt, entry["base"], entry["spread"]))
        for salt, entry in enumerate(fillings)
    }
    model.load_state_dict(state, strict=True, assign=True)
    size = network["imageSize"]
    pixels = hashed(IMAGES * 3 * size * size, 1000) >> np.uint32(24)
    images = torch.from_numpy(pixels.astype(np.float64).reshape(-1, 3, size, size))
    with torch.no_grad():
        embeddings = model.double().eval()((images - 127.5) / 127.5).numpy()
    summary = {
        "parameters": parameters,
        "layout": hashlib.sha256(layout.replace(" ", "").encode()).hexdigest()[:16],
        "norm": rounded(np.linalg.norm(embeddings)),
        "samples": [rounded(value) for value in embeddings.ravel()[:: embeddings.size // 8]],
    }
    return summary, embeddings


def main(request_path, tensors_path):
    with open(request_path, encoding="utf-8") as file:
        request = json.load(file)
    torch.set_num_threads(2)
    summaries = {}
    with open(tensors_path, "wb") as file:
        for name, entry in request.items():
            summaries[name], embeddings = measure(entry["network"], entry["state"])
            file.write(embeddings.astype("<f8").tobytes())
    json.dump(summaries, sys.stdout)


main(*sys.argv[1:])
