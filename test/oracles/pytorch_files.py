"""Files of torch.save, and what PyTorch reads in them.

write FOLDER   writes the golden files and `tensors.json`, what is in tensors.pt
read PATH      prints the state_dict of a file as JSON: {name: {dtype, shape, values}}; integers as text
"""

import json
import sys
from collections import OrderedDict

import torch
from torch import nn


def tensors():
    """Every element type, and every way in which a tensor may lie in its storage."""
    grid = torch.arange(24, dtype=torch.float32).reshape(2, 3, 4) / 8
    shared = torch.arange(12, dtype=torch.float64)
    return OrderedDict(
        [
            ("plain", grid),
            ("transposed", (torch.arange(6, dtype=torch.float32) - 2.5).reshape(2, 3).t()),
            ("sliced", grid[:, 1:, ::2]),
            ("expanded", torch.tensor([1.5, -2.0]).expand(3, 2)),
            ("channels_last", torch.arange(24.0).reshape(1, 2, 3, 4).contiguous(memory_format=torch.channels_last)),
            ("shared.head", shared[:5]),
            ("shared.tail", shared[5:].reshape(7, 1)),
            ("parameter", nn.Parameter(torch.tensor([0.1, 1e-40, -3e38]))),
            ("half", torch.tensor([1.0, -2.0, 65504.0, 6e-8, 1 / 3], dtype=torch.float16)),
            ("bfloat16", torch.tensor([1.0, -2.0, 3e38, 1e-40, 1 / 3], dtype=torch.bfloat16)),
            ("num_batches_tracked", torch.tensor(12345678901)),
            ("int64", torch.tensor([-(2**63), 2**63 - 1])),
            ("int32", torch.tensor([-(2**31), 7], dtype=torch.int32)),
            ("int16", torch.tensor([-300, 300], dtype=torch.int16)),
            ("int8", torch.tensor([-128, 127], dtype=torch.int8)),
            ("uint8", torch.tensor([0, 255], dtype=torch.uint8)),
            ("bool", torch.tensor([True, False, True])),
            ("scalar", torch.tensor(2.5)),
            ("empty", torch.zeros(0, 4)),
        ]
    )


def checkpoint():
    """As arcface_torch's train_v2.py saves it, of a network of one layer."""
    torch.manual_seed(1)
    backbone, head = nn.Sequential(nn.Linear(3, 2, bias=False), nn.BatchNorm1d(2)), nn.Linear(2, 4, bias=False)
    groups = [{"params": backbone.parameters()}, {"params": head.parameters()}]
    optimizer = torch.optim.SGD(groups, lr=0.1, momentum=0.9, weight_decay=5e-4)
    scheduler = torch.optim.lr_scheduler.LinearLR(optimizer)
    for _ in range(2):
        head(backbone(torch.randn(4, 3))).square().sum().backward()
        optimizer.step()
        scheduler.step()
    return {
        "epoch": 1,
        "global_step": 2,
        "state_dict_backbone": backbone.state_dict(),
        "state_dict_softmax_fc": head.state_dict(),
        "state_optimizer": optimizer.state_dict(),
        "state_lr_scheduler": scheduler.state_dict(),
    }


def describe(tensor):
    exact = tensor.dtype.is_floating_point
    values = tensor.double().flatten().tolist() if exact else [str(int(value)) for value in tensor.flatten()]
    return {"dtype": str(tensor.dtype).removeprefix("torch."), "shape": list(tensor.shape), "values": values}


def read(path):
    state = torch.load(path, map_location="cpu", weights_only=True)
    return {name: describe(tensor) for name, tensor in state.items()}


def write(folder):
    torch.save(tensors(), f"{folder}/tensors.pt")
    torch.save(checkpoint(), f"{folder}/checkpoint.pt")
    torch.save(tensors(), f"{folder}/legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(nn.Linear(1, 1), f"{folder}/module.pt")
    with open(f"{folder}/tensors.json", "w") as file:
        json.dump(read(f"{folder}/tensors.pt"), file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    command, path = sys.argv[1:]
    if command == "write":
        write(path)
    else:
        print(json.dumps(read(path)))
