"""Writes pickles of the kinds that verification bins hold into FOLDER, one file for each form and protocol.

usage: pickles.py write FOLDER        the forms below
       pickles.py load FILE           prints what pickle.load and upstream's load_bin call read, as JSON
"""
import json
import pickle
import sys

import numpy as np

ITEMS = [bytes(range(256)), b"", b"a'\"\\\n", b"\xff\xd8" + bytes(300) + b"\xff\xd9"]
FLAGS = [True, False]


def forms():
    arrays = [np.frombuffer(item, dtype=np.uint8) for item in ITEMS]
    return {
        "bytes": (ITEMS, FLAGS),
        "rows": ([array.reshape(1, -1) for array in arrays], FLAGS),
        "arrays": (arrays, FLAGS),
        "numpy_bools": (ITEMS, [np.bool_(flag) for flag in FLAGS]),
        "bool_array": (ITEMS, np.array(FLAGS)),
        "numpy_integers": (ITEMS, [np.int64(1), np.uint8(0)]),
        "repeated": ([ITEMS[0], ITEMS[0], ITEMS[3], ITEMS[3]], FLAGS),
        "plain": (
            [None, -1, 255, 65535, -(2**31), 2**53, -(2**80), 1.5, float("inf"), "\u00e9\u20ac\U0001f600\\u0041\n"],
            {"a": (), "b": (1,), "c": (1, 2), "d": (1, 2, 3), "e": (1, 2, 3, 4)},
        ),
    }


def write(folder):
    for name, value in forms().items():
        for protocol in range(6):
            with open(f"{folder}/{name}.{protocol}.pkl", "wb") as file:
                pickle.dump(value, file, protocol)


def load(path):
    with open(path, "rb") as file:
        plain = pickle.load(file)
    with open(path, "rb") as file:
        upstream = pickle.load(file, encoding="bytes")
    assert plain == upstream and type(plain) is tuple
    items, flags = plain
    assert all(type(item) is bytes for item in items) and all(type(flag) is bool for flag in flags)
    print(json.dumps({"items": [item.hex() for item in items], "flags": flags}))


if __name__ == "__main__":
    {"write": write, "load": load}[sys.argv[1]](sys.argv[2])
