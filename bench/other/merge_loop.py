"""Joins two datasets record by record: merge_loop.py FIRST SECOND OUTPUT."""

import os
import sys

from mxnet import recordio

*inputs, output = sys.argv[1:]
os.makedirs(output)
writer = recordio.MXIndexedRecordIO(f"{output}/train.idx", f"{output}/train.rec", "w")
key = 1
first_label = 0
for folder in inputs:
    with open(f"{folder}/property") as text:
        identities = int(text.read().split(",")[0])
    reader = recordio.MXRecordIO(f"{folder}/train.rec", "r")
    while (record := reader.read()) is not None:
        header, image = recordio.unpack(record)
        if header.flag > 0 and len(image) == 0:
            continue
        header = recordio.IRHeader(0, first_label + header.label, key, 0)
        writer.write_idx(key, recordio.pack(header, image))
        key += 1
    reader.close()
    first_label += identities
writer.close()
