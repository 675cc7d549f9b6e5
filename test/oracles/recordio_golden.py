"""Writes the golden files of fixtures/golden/recordio with MXNet 1.9.1.

    recordio_golden.py FOLDER

`parts.rec`: payloads with the magic word at every alignment, empty ones, every length mod 4; `parts.json` holds them in
hex. `images.rec` and `.idx`: image headers of every form; `images.json` holds what MXNet reads back, by key.
"""
import json
import os
import struct
import sys

import mxnet as mx
import numpy as np

folder = sys.argv[1]
MAGIC = struct.pack("<I", 0xCED7230A)


def path(name):
    return os.path.join(folder, name)


def write_json(name, content):
    with open(path(name), "w") as file:
        json.dump(content, file, indent=1)
        file.write("\n")


payloads = [b"x" * length for length in range(9)]
payloads += [b"y" * shift + MAGIC + b"z" * rest for shift in range(5) for rest in range(5)]
payloads += [MAGIC * 4, MAGIC + b"1234" + MAGIC + MAGIC + b"5", MAGIC[:3], MAGIC[1:], b"12" + MAGIC * 2]
writer = mx.recordio.MXRecordIO(path("parts.rec"), "w")
for payload in payloads:
    writer.write(payload)
writer.close()
write_json("parts.json", [payload.hex() for payload in payloads])

headers = {
    0: mx.recordio.IRHeader(0, 3.0, 0, 0),
    10: mx.recordio.IRHeader(0, 16777216.0, 1, 0),
    20: mx.recordio.IRHeader(0, 16777217.0, 2, 7),
    30: mx.recordio.IRHeader(0, 0.5, 2**63 + 1, 2**50),
    40: mx.recordio.IRHeader(1, [5.0], 4, 0),
    50: mx.recordio.IRHeader(2, np.array([7.0, 1.0], dtype=np.float32), 5, 0),
    60: mx.recordio.IRHeader(9, list(range(9)), 6, 0),
    7: mx.recordio.IRHeader(0, 1.0, 7, 0),
}
writer = mx.recordio.MXIndexedRecordIO(path("images.idx"), path("images.rec"), "w")
for key, header in headers.items():
    writer.write_idx(key, mx.recordio.pack(header, MAGIC + str(key).encode()))
writer.close()

reader = mx.recordio.MXIndexedRecordIO(path("images.idx"), path("images.rec"), "r")
images = {}
for key in reader.keys:
    header, body = mx.recordio.unpack(reader.read_idx(key))
    images[str(key)] = {
        "flag": header.flag,
        "label": header.label.tolist() if header.flag > 0 else header.label,
        "id": str(header.id),
        "id2": str(header.id2),
        "body_hex": body.hex(),
    }
write_json("images.json", images)
