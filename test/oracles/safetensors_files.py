"""The reference implementation of safetensors (Hugging Face's, as PyTorch users have it).

write PATH   writes the golden file
read PATH    prints every tensor of a file as JSON: {name: {dtype, shape, values}}
"""

import json
import sys

import numpy as np
from safetensors import safe_open
from safetensors.numpy import save_file


def golden():
    return {
        "conv.weight": np.arange(24, dtype=np.float32).reshape(2, 3, 2, 2) / 8,
        "bn.num_batches_tracked": np.array(12345678901, dtype=np.int64),
        "double": np.array([1e300, -0.0, np.pi]),
        "half": np.array([1.0, -2.0, 65504.0], dtype=np.float16),
        "labels": np.array([-1, 2147483647], dtype=np.int32),
        "image": np.arange(6, dtype=np.uint8).reshape(2, 3),
        "flags": np.array([True, False, True]),
        "empty": np.zeros((0, 4), dtype=np.float32),
    }


def read(path):
    with safe_open(path, framework="np") as file:
        tensors = {name: file.get_tensor(name) for name in file.keys()}
        return {
            "metadata": file.metadata(),
            "tensors": {
                name: {"dtype": str(t.dtype), "shape": list(t.shape), "values": t.astype(np.float64).ravel().tolist()}
                for name, t in tensors.items()
            },
        }


if __name__ == "__main__":
    command, path = sys.argv[1:]
    if command == "write":
        save_file(golden(), path, metadata={"step": "7"})
    else:
        print(json.dumps(read(path)))
