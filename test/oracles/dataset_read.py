"""Reads a dataset as arcface_torch's loader does, with MXNet, and prints its images.

    dataset_read.py STEM

STEM.idx and STEM.rec. Record 0 with several labels is a header: images are the keys below its first number. Output: JSON
with the identity ranges and, for each image, key, id, labels, SHA-256 of its bytes.
"""
import hashlib
import json
import sys

import mxnet as mx

stem = sys.argv[1]
reader = mx.recordio.MXIndexedRecordIO(f"{stem}.idx", f"{stem}.rec", "r")


def unpack(key):
    header, body = mx.recordio.unpack(reader.read_idx(key))
    labels = header.label.tolist() if header.flag > 0 else [header.label]
    return header.id, labels, body


ranges = {}
keys = list(reader.keys)
if 0 in keys:
    _, labels, body = unpack(0)
    if len(labels) > 1 and len(body) == 0:
        keys = list(range(1, int(labels[0])))
        for key in range(int(labels[0]), int(labels[1])):
            ranges[key] = [int(number) for number in unpack(key)[1]]

images = []
for key in keys:
    record_id, labels, body = unpack(key)
    images.append({"key": key, "id": record_id, "labels": labels, "sha256": hashlib.sha256(body).hexdigest()})

json.dump({"ranges": ranges, "images": images}, sys.stdout)
