"""Prints the versions of the other side."""

import platform

import cv2
import mxnet
import numpy
import torch

print(
    f"Python {platform.python_version()}, MXNet {mxnet.__version__}, NumPy {numpy.__version__}, "
    f"OpenCV {cv2.__version__}, PyTorch {torch.__version__}"
)
