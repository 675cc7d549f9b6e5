"""A PyTorch DataLoader over a dataset of insightface's layout, as arcface_torch trains from it.

training_loader.py DATASET BATCH_SIZE WORKERS WARM_UP BATCHES
"""

import sys
import time

import mxnet as mx
import torch
from rounds import serve
from torchvision import transforms

folder = sys.argv[1]
batch_size, workers, warm_up, batches = map(int, sys.argv[2:])


class FaceRecords(torch.utils.data.Dataset):
    """Images as float32 [3, height, width] in -1 to 1, mirrored at random, and their labels."""

    def __init__(self):
        self.records = mx.recordio.MXIndexedRecordIO(f"{folder}/train.idx", f"{folder}/train.rec", "r")
        header, _ = mx.recordio.unpack(self.records.read_idx(0))
        self.keys = range(1, int(header.label[0]))
        self.transform = transforms.Compose(
            [
                transforms.ToPILImage(),
                transforms.RandomHorizontalFlip(),
                transforms.ToTensor(),
                transforms.Normalize(mean=[0.5, 0.5, 0.5], std=[0.5, 0.5, 0.5]),
            ]
        )

    def __len__(self):
        return len(self.keys)

    def __getitem__(self, index):
        header, image = mx.recordio.unpack(self.records.read_idx(self.keys[index]))
        sample = mx.image.imdecode(image).asnumpy()
        return self.transform(sample), torch.tensor(header.label, dtype=torch.long)


def endless(loader):
    while True:
        yield from loader


def load():
    loader = torch.utils.data.DataLoader(
        dataset, batch_size=batch_size, shuffle=True, num_workers=workers, drop_last=True
    )
    iterator = endless(loader)
    for _ in range(warm_up):
        next(iterator)
    start = time.perf_counter()
    for _ in range(batches):
        next(iterator)
    return batches * batch_size, time.perf_counter() - start


dataset = FaceRecords()
serve(load)
