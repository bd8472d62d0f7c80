#!/usr/bin/env python3
"""Writes the binary seeds of the fuzz targets: small files, valid and nearly so. The texts in Seeds
are written by hand. Needs Python's own library alone; run it from anywhere."""

import gzip
import io
import json
import pathlib
import struct
import zipfile
import zlib

SEEDS = pathlib.Path(__file__).parent / "Seeds"


def write(target: str, name: str, data: bytes) -> None:
    folder = SEEDS / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def packed(data: bytes) -> bytes:
    return gzip.compress(data, mtime=0)


def npy(code: str, shape: tuple, data: bytes, fortran: bool = False, version: int = 1) -> bytes:
    text = f"{{'descr': '{code}', 'fortran_order': {fortran}, 'shape': {shape}, }}"
    start = 10 if version == 1 else 12
    text += " " * (63 - (start + len(text)) % 64) + "\n"
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode() + data


def npz(files: dict, method: int) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), data, method)
    return stream.getvalue()


def safetensors(header: dict, data: bytes) -> bytes:
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def checkpoint(course: dict, best: bool, **changes) -> bytes:
    """Of a training of 2-3-2 with momentum. The checksum is left to the target."""
    shapes = {"hidden.weight": [2, 3], "hidden.bias": [3], "output.weight": [3, 2], "output.bias": [2]}
    shapes |= {f"{name}#velocity": shape for name, shape in shapes.items()}
    names = [f"state/{name}" for name in shapes]
    names += [f"best/{name}" for name in shapes if "#" not in name] if best else []
    training = {
        "format": "backprop-checkpoint", "format_version": 1, "library_version": "0.1.0",
        "recipe": {"network": "2-3-2 tanh identity"}, "machine": {"kernels": "avx2"}, "step": 3,
        "best_step": 2 if best else None, "key": [1, 2], "course": course,
    } | changes
    header = {"__metadata__": {"checksum": "crc32:00000000", "training": json.dumps(training)}}
    data = b""
    for name in names:
        shape = shapes[name.split("/")[1]]
        count = shape[0] * (shape[1] if len(shape) == 2 else 1)
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [len(data), len(data) + 4 * count]}
        data += struct.pack(f"<{count}f", *(0.25 * (i - 1) for i in range(count)))
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text + data


def idx(kind: int, sizes: list, data: bytes) -> bytes:
    return bytes([0, 0, kind, len(sizes)]) + struct.pack(f">{len(sizes)}I", *sizes) + data


def main() -> None:
    images = idx(8, [4, 2, 2], bytes(range(16)))
    labels = idx(8, [6], bytes([0, 1, 2, 0, 1, 2]))
    floats = idx(13, [2, 2], struct.pack(">4f", 0.5, -1, 2, 1e30))
    for name, data in {
        "images": images, "labels": labels, "floats": floats,
        "whole": idx(12, [3], struct.pack(">3i", 1, -2, 3)), "empty-axis": idx(8, [0, 9], b""),
        "images.gz": packed(images), "not-a-number": idx(13, [1], struct.pack(">f", float("nan"))),
        "too-large": idx(8, [0xFFFFFFFF, 0xFFFFFFFF], b"1234"),
        "too-large.gz": packed(idx(8, [0xFFFFFF], b"1234")),
    }.items():
        write("idx", name, data)

    text = b"some text, some text, some text"
    deflate = zlib.compressobj(9, zlib.DEFLATED, -15)
    raw = deflate.compress(text) + deflate.flush()
    for name, data in {
        "text.gz": packed(text), "empty.gz": packed(b""), "two.gz": packed(b"one") + packed(b"two"),
        "zeros.gz": packed(bytes(100_000)), "cut.gz": packed(text)[:-6],
        "behind.gz": packed(text) + b"x", "deflate": struct.pack("<H", len(text)) + raw,
        "named.gz": b"\x1f\x8b\x08\x08\0\0\0\0\0\3name\0" + packed(text)[10:],
    }.items():
        write("gzip", name, data)

    x = npy("<f4", (4, 2), struct.pack("<8f", *range(8)))
    y = npy("<i8", (4,), struct.pack("<4q", 0, 1, 0, 1))
    arrays = {
        "x": x, "y": y, "double": npy("<f8", (2, 1), struct.pack("<2d", 1e300, -0.0)),
        "big-endian": npy(">i2", (3,), struct.pack(">3h", 1, -2, 300)),
        "fortran": npy("<f4", (2, 3), struct.pack("<6f", *range(6)), fortran=True),
        "bool": npy("|b1", (3,), b"\0\1\1"), "bytes": npy("|u1", (2, 2), b"\0\1\2\3"),
        "signed": npy("|i1", (3,), b"\xff\x01\x7f"), "scalar": npy("<f4", (), struct.pack("<f", 3)),
        "empty": npy("<f4", (0, 3), b""), "holes": npy("<f4", (1 << 40, 0), b""),
        "unsigned": npy("<u8", (1,), struct.pack("<Q", 1 << 63)),
        "version-2": npy("<f4", (1,), struct.pack("<f", 1), version=2),
        "version-3": npy("<u4", (1,), struct.pack("<I", 7), version=3),
        "not-finite": npy("<f4", (2, 1), struct.pack("<2f", float("inf"), float("nan"))),
        "half": npy("<f2", (1,), b"\0\0"), "objects": npy("|O", (1,), b"\x80\x04N."),
        "too-large": npy("<f8", (1 << 62, 4), b"12345678"),
    }
    for name, data in arrays.items():
        write("npy", name, data)

    for name, data in {
        "stored": npz({"x.npy": x, "y.npy": y}, zipfile.ZIP_STORED),
        "deflated": npz({"x.npy": x, "y.npy": y}, zipfile.ZIP_DEFLATED),
        "names": npz({"inputs.npy": x, "targets.npy": arrays["double"], "größe.npy": y}, 0),
        "no-arrays": npz({}, 0), "text": npz({"readme.txt": b"text"}, 0),
        "outside": npz({"../x.npy": x}, 0), "comment": npz({"x.npy": x}, 0)[:-2] + b"\2\0ok",
    }.items():
        write("npz", name, data)

    entry = {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24]}
    six = struct.pack("<6f", *range(6))
    for name, data in {
        "one": safetensors({"hidden.weight": entry}, six), "none": safetensors({}, b""),
        "two": safetensors(
            {"__metadata__": {"format": "x", "step": "7"}, "w": entry,
             "b": {"dtype": "U8", "shape": [], "data_offsets": [24, 25]}}, six + b"\7"),
        "types": safetensors(
            {"d": {"dtype": "F64", "shape": [1], "data_offsets": [0, 8]},
             "i": {"dtype": "I32", "shape": [1, 1], "data_offsets": [8, 12]},
             "t": {"dtype": "BOOL", "shape": [2], "data_offsets": [12, 14]},
             "e": {"dtype": "F32", "shape": [0, 5], "data_offsets": [14, 14]}},
            struct.pack("<di", 1.5, -3) + b"\0\1"),
        "overlap": safetensors({"a": entry, "b": entry}, six),
        "too-large": safetensors(
            {"w": {"dtype": "F32", "shape": [1 << 40, 1 << 40], "data_offsets": [0, 1 << 62]}}, six),
        "long-header": struct.pack("<Q", 1 << 60) + b"{}",
    }.items():
        write("safetensors", name, data)

    course = {"epoch": 1, "batch": 1, "loss_sum": 1.5, "samples": 2, "seconds": 0.5, "best": None,
              "rate_factor": 1.0, "skipped": 0, "returns": 0, "events": 0, "history": []}
    epoch = {"epoch": 1, "loss": 0.7, "seconds": 0.1, "samples_per_second": 40.0, "best": True,
             "validation": {"loss": 0.6, "accuracy": 0.5}}
    second = course | {"epoch": 2, "batch": 0, "best": {"epoch": 1, "loss": 0.6}, "events": 1,
                       "history": [epoch]}
    for name, data in {
        "first-epoch": checkpoint(course, False), "second-epoch": checkpoint(second, True),
        "far": checkpoint(course | {"epoch": 1 << 60}, False),
        "large-counts": checkpoint(course | {"samples": 1 << 53, "events": 1 << 53}, False, step=1 << 53),
        "no-best": checkpoint(second, False), "key": checkpoint(course, False, key=[-1, 1 << 40]),
    }.items():
        write("checkpoint", name, data)


if __name__ == "__main__":
    main()
