#!/usr/bin/env python3
"""Makes the data sets that CBackpropData embeds, from CSV tables.

    Scripts/make_bundled_data.py ../shared/data/tables

digits.bin: 1,797 records of 65 bytes: 64 pixels of 0...16, row by row, then the class 0...9.
iris.bin: 150 records of 5 bytes: sepal length, sepal width, petal length and petal width in millimetres
(the table's centimetres times ten, which is exact), then the class 0...2 in the order of NAMES.
"""

import csv
import pathlib
import sys
from decimal import Decimal

NAMES = ["setosa", "versicolor", "virginica"]


def rows(path):
    with open(path, newline="") as file:
        reader = csv.reader(file)
        next(reader)
        return list(reader)


def byte(text, factor, largest):
    value = Decimal(text) * factor
    if value != int(value) or not 0 <= value <= largest:
        raise SystemExit(f"{text} does not fit a byte exactly")
    return int(value)


def main(tables, target):
    digits = bytearray()
    for row in rows(tables / "digits.csv"):
        assert len(row) == 65
        digits += bytes([byte(x, 1, 16) for x in row[:64]] + [byte(row[64], 1, 9)])
    iris = bytearray()
    for row in rows(tables / "iris.csv"):
        assert len(row) == 5
        iris += bytes([byte(x, 10, 255) for x in row[:4]] + [NAMES.index(row[4])])
    assert len(digits) == 1797 * 65 and len(iris) == 150 * 5
    (target / "digits.bin").write_bytes(digits)
    (target / "iris.bin").write_bytes(iris)


if __name__ == "__main__":
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    root = pathlib.Path(__file__).resolve().parent.parent
    main(pathlib.Path(sys.argv[1]), root / "Sources" / "CBackpropData")
