#!/usr/bin/env python3
"""Makes data/fashion-mnist-12k from the whole Fashion-MNIST: the first 1,000 training and the first 200 test pictures
of each class, in the order of the publisher's files.

    python3 tools/data/fashion_mnist_12k.py [/usr/share/datasets/fashion-mnist]     (Debian: dataset-fashion-mnist)
"""
import gzip
import pathlib
import struct
import sys

SOURCE = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/share/datasets/fashion-mnist")
TARGET = pathlib.Path(__file__).resolve().parents[2] / "data" / "fashion-mnist-12k"
CLASSES = ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]


def write(name, content):
    with open(TARGET / name, "wb") as file, gzip.GzipFile("", "wb", 9, file, mtime=0) as packed:
        packed.write(content)


def part(name, per_class):
    pixels = gzip.open(SOURCE / f"{name}-images-idx3-ubyte.gz").read()
    labels = gzip.open(SOURCE / f"{name}-labels-idx1-ubyte.gz").read()
    magic, count, height, width = struct.unpack(">4i", pixels[:16])
    assert magic == 2051 and struct.unpack(">2i", labels[:8]) == (2049, count)
    seen, kept = [0] * len(CLASSES), []
    for i, label in enumerate(labels[8:]):
        seen[label] += 1
        if seen[label] <= per_class:
            kept.append(i)
    size = height * width
    write(f"{name}-images-idx3-ubyte.gz", struct.pack(">4i", magic, len(kept), height, width)
          + b"".join(pixels[16 + i * size:16 + (i + 1) * size] for i in kept))
    write(f"{name}-labels-idx1-ubyte.gz", struct.pack(">2i", 2049, len(kept)) + bytes(labels[8 + i] for i in kept))


TARGET.mkdir(parents=True, exist_ok=True)
part("train", 1000)
part("t10k", 200)
(TARGET / "classes.txt").write_text("\n".join(CLASSES) + "\n", encoding="utf-8")
