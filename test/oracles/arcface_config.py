"""Prints what arcface_torch's get_config makes of configs/NAME.py, as JSON. usage: arcface_config.py FOLDER NAME

FOLDER holds the package `configs`. easydict is stood in for: attributes are keys, dicts inside become the same.
"""
import importlib
import json
import sys
import types


class EasyDict(dict):
    def __init__(self, given=None, **keys):
        super().__init__()
        for key, value in {**(given or {}), **keys}.items():
            self[key] = EasyDict(value) if isinstance(value, dict) else value

    __getattr__ = dict.__getitem__
    __setattr__ = dict.__setitem__


folder, name = sys.argv[1:]
sys.modules["easydict"] = types.ModuleType("easydict")
sys.modules["easydict"].EasyDict = EasyDict
sys.path.insert(0, folder)
config = importlib.import_module("configs.base").config
config.update(importlib.import_module("configs." + name).config)
if config.output is None:
    config.output = "work_dirs/" + name
print(json.dumps(config))
