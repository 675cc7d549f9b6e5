"""Writes a TensorBoard event file with Python's standard library alone, from the formats' descriptions."""

import struct
import sys


def crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def masked(data):
    crc = crc32c(data)
    return struct.pack("<I", (((crc >> 15) | (crc << 17)) + 0xA282EAD8) & 0xFFFFFFFF)


def record(data):
    length = struct.pack("<Q", len(data))
    return length + masked(length) + data + masked(data)


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def delimited(field, data):
    return varint(field << 3 | 2) + varint(len(data)) + data


def event(wall_time, step, *rest):
    at = b"" if step is None else varint(2 << 3) + varint(step)
    return varint(1 << 3 | 1) + struct.pack("<d", wall_time) + at + b"".join(rest)


def scalar(tag, value):
    content = delimited(1, tag.encode()) + varint(2 << 3 | 5) + struct.pack("<f", value)
    return delimited(1, content)


def scalars(wall_time, step, values):
    return event(wall_time, step, delimited(5, b"".join(scalar(tag, value) for tag, value in values)))


with open(sys.argv[1], "wb") as out:
    out.write(record(event(1700000000.25, None, delimited(3, b"brain.Event:2"))))
    out.write(record(scalars(1700000001.5, 10, [("loss", 41.7), ("learning_rate", 0.1)])))
    out.write(record(scalars(1700000002.75, 300, [("lfw", 0.9973)])))
    out.write(record(event(1700000003.0, 301, delimited(7, b"\x08\x01"))))
