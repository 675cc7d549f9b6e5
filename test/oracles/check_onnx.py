"""Runs onnx.checker on the given files; with `--run INPUT.bin OUTPUT.bin` also the last one in Python's onnxruntime.

INPUT.bin holds float32 images for an input [N, 3, H, W]; OUTPUT.bin receives the first output.
"""

import sys

import numpy as np
import onnx
import onnxruntime

arguments = sys.argv[1:]
run = arguments.index("--run") if "--run" in arguments else len(arguments)
for path in arguments[:run]:
    onnx.checker.check_model(path, full_check=True)
if run < len(arguments):
    session = onnxruntime.InferenceSession(arguments[run - 1], providers=["CPUExecutionProvider"])
    info = session.get_inputs()[0]
    images = np.fromfile(arguments[run + 1], "<f4").reshape(-1, *info.shape[1:])
    session.run(None, {info.name: images})[0].astype("<f4").tofile(arguments[run + 2])
