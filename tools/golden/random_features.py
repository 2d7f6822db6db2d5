"""Writes recipes/compress/random-features.onnx: the frozen teacher of the data set curved-clusters.

embedding = [cos(1.5 z R), sin(1.5 z R)] of the latent coordinates z, with R [6, 32] drawn from N(0, 1/6).
Only Python's standard library is needed: the file's protobuf fields are written by hand.

    python3 tools/golden/random_features.py recipes/compress/random-features.onnx
"""
import random
import struct
import sys

LATENT, HALF, SLOPE, SEED = 6, 32, 1.5, 1
FLOAT, INT = 1, 2                                       # TensorProto.FLOAT, AttributeProto.INT


def varint(value):
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def field(number, value):
    if isinstance(value, int):
        return varint(number << 3) + varint(value)
    if isinstance(value, str):
        value = value.encode()
    return varint(number << 3 | 2) + varint(len(value)) + value


def node(kind, inputs, output, attribute=b""):
    names = b"".join(field(1, name) for name in inputs)
    return field(1, names + field(2, output) + field(4, kind) + attribute)


def value_info(name, width):
    axes = field(1, field(2, "N")) + field(1, field(1, width))
    tensor = field(1, FLOAT) + field(2, axes)
    return field(1, name) + field(2, field(1, tensor))


def main(path):
    draw = random.Random(SEED)
    weights = [SLOPE * draw.gauss(0, 1 / LATENT ** 0.5) for _ in range(LATENT * HALF)]
    initializer = field(1, LATENT) + field(1, HALF) + field(2, FLOAT) + field(8, "weight") + field(
        9, struct.pack(f"<{len(weights)}f", *weights))
    axis = field(5, field(1, "axis") + field(3, 1) + field(20, INT))
    graph = (
        node("MatMul", ["features", "weight"], "angles")
        + node("Cos", ["angles"], "cosines")
        + node("Sin", ["angles"], "sines")
        + node("Concat", ["cosines", "sines"], "embedding", axis)
        + field(2, "random-features")
        + field(5, initializer)
        + field(11, value_info("features", LATENT))
        + field(12, value_info("embedding", 2 * HALF)))
    model = field(1, 8) + field(7, graph) + field(8, field(2, 17))
    with open(path, "wb") as file:
        file.write(model)


main(sys.argv[1])
