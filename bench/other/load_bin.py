"""A verification bin to two tensors [images, 3, 112, 112], plain and mirrored, as upstream loads it: load_bin.py BIN"""

import pickle
import sys

import mxnet as mx
import torch
from rounds import serve

SIZE = 112


def load(path):
    with open(path, "rb") as file:
        images, _ = pickle.load(file, encoding="bytes")
    tensors = [torch.empty((len(images), 3, SIZE, SIZE)) for _ in range(2)]
    for index, encoded in enumerate(images):
        image = mx.image.imdecode(encoded)
        if image.shape[1] != SIZE:
            image = mx.image.resize_short(image, SIZE)
        image = mx.nd.transpose(image, axes=(2, 0, 1))
        for mirrored, tensor in enumerate(tensors):
            if mirrored:
                image = mx.nd.flip(data=image, axis=2)
            tensor[index][:] = torch.from_numpy(image.asnumpy())
    return len(images)


serve(lambda: load(sys.argv[1]))
