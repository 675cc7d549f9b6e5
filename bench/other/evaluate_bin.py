"""Embeds the images of a bin and their mirror images with mbf, as upstream's verification does: evaluate_bin.py BIN THREADS

OpenCV decodes them, not MXNet: MXNet's OpenMP beside PyTorch's in one process would slow PyTorch down.
"""

import pickle
import sys
from pathlib import Path

import cv2
import numpy as np
import torch
from rounds import serve

sys.path.insert(0, str(Path(__file__).parents[2] / "test" / "oracles"))
from reference_model import build  # noqa: E402

BATCH = 64
MBF = {"blocks": [1, 4, 6, 2], "scale": 2, "embeddingSize": 512, "imageSize": 112}

torch.set_num_threads(int(sys.argv[2]))
with open(sys.argv[1], "rb") as file:
    encoded, _ = pickle.load(file, encoding="bytes")


def decode(image):
    bgr = cv2.imdecode(np.frombuffer(image, np.uint8), cv2.IMREAD_COLOR)
    return torch.from_numpy(np.ascontiguousarray(bgr[:, :, ::-1]))


pixels = torch.stack([decode(image) for image in encoded]).permute(0, 3, 1, 2)
# The faster of PyTorch's memory formats for this network.
backbone = build(MBF).to(memory_format=torch.channels_last).eval()


def embed_all():
    with torch.inference_mode():
        for mirrored in (False, True):
            for start in range(0, len(pixels), BATCH):
                images = pixels[start : start + BATCH].float().contiguous(memory_format=torch.channels_last)
                images = images.flip(3) if mirrored else images
                backbone((images - 127.5) / 127.5)
    return len(pixels)


serve(embed_all)
