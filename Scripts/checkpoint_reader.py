#!/usr/bin/env python3
"""Reads checkpoints independently of the library: the checksum over the whole file, then the arrays.

    checkpoint_reader.py FILE…      a line each; exits with 1 if one cannot be read

A file is a safetensors file: 8 bytes of length, a JSON header, the arrays. Its header begins with the
checksum, which was taken while its eight digits were zeros.
"""
import hashlib, json, os, re, sys, zlib

BEFORE = b'{"__metadata__":{"checksum":"crc32:'
NAME = re.compile(r"checkpoint-(\d{6,})\.safetensors")
BEST = "best.safetensors"
SIZES = {"F64": 8, "F32": 4, "BF16": 2, "F16": 2, "I64": 8, "I32": 4, "U32": 4, "I8": 1, "U8": 1, "BOOL": 1}


class Unreadable(Exception):
    """Why a file is no checkpoint."""


class Checkpoint:
    """What a whole file says: step, epoch, batch within it, lines of the log; and a digest of its arrays."""

    def __init__(self, data):
        start = 8 + len(BEFORE)
        if len(data) < start + 8:
            raise Unreadable(f"a file of {len(data)} bytes")
        length = int.from_bytes(data[:8], "little")
        if data[8:start] != BEFORE or 8 + length > len(data):
            raise Unreadable("its header is not that of a checkpoint")
        expected = b"%08x" % zlib.crc32(data[start + 8:], zlib.crc32(b"00000000", zlib.crc32(data[:start])))
        if data[start:start + 8] != expected:
            raise Unreadable(f"the checksum of its bytes is {expected.decode()}")
        header = json.loads(data[8:8 + length])
        training = json.loads(header.pop("__metadata__")["training"])
        if (training["format"], training["format_version"]) != ("backprop-checkpoint", 1):
            raise Unreadable("another format")
        end = 0
        for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
            size = SIZES[entry["dtype"]]
            for count in entry["shape"]:
                size *= count
            if entry["data_offsets"] != [end, end + size]:
                raise Unreadable(f"'{name}' is not where it should be")
            end += size
        if 8 + length + end != len(data):
            raise Unreadable("the arrays do not fill the file")
        course = training["course"]
        self.step, self.epoch, self.batch = training["step"], course["epoch"], course["batch"]
        self.events = course["events"]
        self.arrays = hashlib.sha256(data[8 + length:]).hexdigest()


def read(path):
    with open(path, "rb") as file:
        return Checkpoint(file.read())


def number(name):
    """The number of a checkpoint's file, None for another name."""
    match = NAME.fullmatch(name)
    return int(match[1]) if match else None


def order(names):
    """The names that resuming tries, in that order: the newest first, that of the best epoch last."""
    numbered = sorted((name for name in names if number(name) is not None), key=number, reverse=True)
    return numbered + [name for name in names if name == BEST]


def files(folder):
    """The paths that resuming tries, in that order; none if the folder is not there."""
    names = os.listdir(folder) if os.path.isdir(folder) else []
    return [os.path.join(folder, name) for name in order(names)]


def logged(text):
    """How many whole lines of a log a checkpoint counts."""
    count = 0
    for line in text.split(b"\n")[:-1]:
        try:
            count += json.loads(line).get("event") in ("layers", "epoch", "nonfinite")
        except ValueError:
            break
    return count


def main():
    status = 0
    for path in sys.argv[1:]:
        try:
            found = read(path)
            print(f"{path}: step {found.step}, epoch {found.epoch}, batch {found.batch}")
        except (OSError, Unreadable) as problem:
            print(f"{path}: {problem}", file=sys.stderr)
            status = 1
    sys.exit(status)


if __name__ == "__main__":
    main()
