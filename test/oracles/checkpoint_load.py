"""Loads the backbone of a checkpoint into PyTorch: `checkpoint_load.py backbone.safetensors NETWORK.json IMAGES.bin`.

NETWORK has blocks and scale, or layers, and embedding_size and image_size; IMAGES holds uint8 RGB planes [n, 3, size, size]. Prints the
embeddings as JSON, and the number of batches that BatchNorm counted.
"""

import json
import sys

import numpy as np
import torch
from reference_model import IResNet, MobileFaceNet
from safetensors.torch import load_file

backbone_path, network_path, images_path = sys.argv[1:]
with open(network_path) as file:
    network = json.load(file)
model = IResNet(**network) if "layers" in network else MobileFaceNet(**network)
model.load_state_dict(load_file(backbone_path), strict=True)
size = network["image_size"]
images = torch.from_numpy(np.fromfile(images_path, dtype=np.uint8).reshape(-1, 3, size, size))
with torch.no_grad():
    embeddings = model.eval()((images.float() - 127.5) / 127.5)
counted = {int(value) for name, value in model.state_dict().items() if name.endswith("num_batches_tracked")}
print(json.dumps({"embeddings": embeddings.flatten().tolist(), "batches": sorted(counted)}))
