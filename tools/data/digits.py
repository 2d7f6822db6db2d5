#!/usr/bin/env python3
"""Makes data/digits/digits.csv.gz from scikit-learn's copy: the same 1,797 lines in the same order, with a line of
names before them.

    python3 tools/data/digits.py     (Debian: python3-sklearn)
"""
import gzip
import pathlib
import sys

SOURCE = pathlib.Path(
    sys.argv[1] if len(sys.argv) > 1 else "/usr/lib/python3/dist-packages/sklearn/datasets/data/digits.csv.gz"
)
TARGET = pathlib.Path(__file__).resolve().parents[2] / "data" / "digits" / "digits.csv.gz"

names = [f"r{row}c{column}" for row in range(8) for column in range(8)] + ["digit"]
lines = [",".join(names)]
for line in gzip.open(SOURCE, "rt", encoding="ascii"):
    values = [int(float(value)) for value in line.strip().split(",")]
    assert len(values) == 65 and all(0 <= value <= 16 for value in values[:64]) and 0 <= values[64] <= 9
    lines.append(",".join(map(str, values)))
assert len(lines) == 1 + 1797

TARGET.parent.mkdir(parents=True, exist_ok=True)
with open(TARGET, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
    packed.write(("\n".join(lines) + "\n").encode("ascii"))
