#!/usr/bin/env python3
"""Makes arrays.json: files of NumPy (in base64) with the numbers they hold.

The file here was made with numpy 2.4.6 under Python 3.11 (Linux, x86-64):

    python3 -m venv VENV
    VENV/bin/pip install numpy==2.4.6
    VENV/bin/python make_arrays.py

`type` is the type that a tensor of the array has; null where no tensor can hold it. Numbers that
JSON cannot hold are texts.
"""
import base64
import io
import json
import math
import os
import warnings

import numpy as np

warnings.simplefilter("ignore")  # that a version is newer than some readers
FOLDER = os.path.dirname(os.path.abspath(__file__))
TENSOR_TYPES = {"f4": "float32", "f8": "float64", "u1": "uint8", "b1": "bool"}


def plain(value):
    value = float(value)
    return value if math.isfinite(value) else str(value)


def npy(name, array, version=None):
    stream = io.BytesIO()
    np.lib.format.write_array(stream, array, version=version)
    kind = array.dtype.str[1:]
    limits = np.iinfo(np.int32)
    fits = kind in TENSOR_TYPES or (
        array.dtype.kind in "iu" and (array.size == 0
        or (array.min() >= limits.min and array.max() <= limits.max)))
    return {
        "name": name, "file": base64.b64encode(stream.getvalue()).decode(),
        "type": TENSOR_TYPES.get(kind, "int32") if fits else None, "shape": list(array.shape),
        "values": [plain(v) for v in array.ravel(order="C")] if fits else [],
    }


def npz(name, save, arrays):
    stream = io.BytesIO()
    save(stream, **arrays)
    return {
        "name": name, "file": base64.b64encode(stream.getvalue()).decode(),
        "arrays": {key: [plain(v) for v in value.ravel()] for key, value in arrays.items()},
    }


cases = []
for kind in ["f4", "f8", "i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"]:
    for order in "<>" if kind[1] != "1" else "|":
        dtype = np.dtype(order + kind)
        if dtype.kind == "f":
            numbers = [0.1, -0.0, np.inf, -np.inf, 1e-40, 3]
        else:
            limits, small = np.iinfo(dtype), np.iinfo(np.int32)
            numbers = [max(limits.min, small.min), min(limits.max, small.max), 0, 1, 2, 100]
        cases.append(npy(order + kind, np.array(numbers, dtype).reshape(2, 3)))
count = np.arange(24, dtype="<i4")
cases += [
    npy("bool", np.array([[True, False], [False, True]])),
    npy("scalar", np.array(7.5)),
    npy("vector", np.array([1.5, 2.5], "<f4")),
    npy("empty", np.zeros((0, 3), "<f8")),
    npy("empty, three axes", np.zeros((2, 0, 3), "<f8")),
    npy("Fortran matrix", np.asfortranarray(count.reshape(4, 6))),
    npy("Fortran, three axes", np.asfortranarray(count.reshape(2, 3, 4))),
    npy("Fortran, big-endian", np.asfortranarray(count.reshape(2, 3, 4).astype(">f8"))),
    npy("version 2", count.reshape(2, 12), (2, 0)),
    npy("version 3", count.reshape(3, 8), (3, 0)),
    npy("a large i8", np.array([[1, 2], [3, 1 << 31]])),
    npy("a large u4", np.array([4294967295], "<u4")),
    npy("a large u8", np.array([1, (1 << 64) - 1], ">u8")),
    npy("f2", np.zeros(2, "<f2")),
    npy("complex", np.zeros(2, "<c8")),
    npy("texts", np.array(["ab", "c"])),
    npy("bytes", np.array([b"ab", b"c"])),
    npy("times", np.array(["2020-01-01"], "<M8[D]")),
    npy("records", np.zeros(2, [("a", "<f4"), ("b", "<i4")])),
    npy("objects", np.array([1, None], object)),
]
arrays = {"x": np.arange(6.0).reshape(2, 3), "y": np.array([1, 0]), "größe": np.zeros(300, "<f4")}
archives = [
    npz("savez", np.savez, arrays), npz("savez_compressed", np.savez_compressed, arrays),
    npz("no array", np.savez, {}),
]
with open(os.path.join(FOLDER, "arrays.json"), "w") as file:
    file.write('{"npy": [\n' + ",\n".join(map(json.dumps, cases)) + '],\n"npz": [\n')
    file.write(",\n".join(map(json.dumps, archives)) + "]}\n")
