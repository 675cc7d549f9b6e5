"""Prints the path of the im2rec.py that the MXNet package ships."""

import os

import mxnet

print(os.path.join(os.path.dirname(mxnet.__file__), "tools", "im2rec.py"))
