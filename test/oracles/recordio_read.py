"""Prints what MXNet reads in a .rec file, as JSON: the payload of each record in hex, and its image header.

    recordio_read.py FILE.rec [FILE.idx]

With an index, records are read by key, in the order of the index. A payload that is too short for an image header has
none (null).
"""
import json
import sys

import mxnet as mx


def describe(payload):
    try:
        header, body = mx.recordio.unpack(payload)
    except Exception:
        return {"payload": payload.hex(), "header": None}
    labels = header.label.tolist() if header.flag > 0 else []
    return {
        "payload": payload.hex(),
        "header": {
            "flag": header.flag,
            "label": 0 if header.flag > 0 else header.label,
            "labels": labels,
            "id": str(header.id),
            "id2": str(header.id2),
            "body": body.hex(),
        },
    }


def sequential(path):
    reader = mx.recordio.MXRecordIO(path, "r")
    while True:
        payload = reader.read()
        if payload is None:
            return
        yield describe(payload)


def by_key(path, index):
    reader = mx.recordio.MXIndexedRecordIO(index, path, "r")
    for key in reader.keys:
        yield {"key": key, **describe(reader.read_idx(key))}


records = sequential(sys.argv[1]) if len(sys.argv) == 2 else by_key(sys.argv[1], sys.argv[2])
json.dump(list(records), sys.stdout)
