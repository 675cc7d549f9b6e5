"""Reads and decodes images in a given order: random_read.py DATASET ORDER, one key a line."""

import sys

import mxnet as mx
from rounds import serve

folder, order = sys.argv[1:]
records = mx.recordio.MXIndexedRecordIO(f"{folder}/train.idx", f"{folder}/train.rec", "r")
with open(order) as lines:
    keys = [int(line) for line in lines]


def read_all():
    for key in keys:
        _, image = mx.recordio.unpack(records.read_idx(key))
        # MXNet decodes in a thread of its own: without waiting only the orders would be timed.
        mx.image.imdecode(image).wait_to_read()
    return len(keys)


serve(read_all)
