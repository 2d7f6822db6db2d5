"""NLL and ECE after one temperature fitted on validation: python3 tools/tables/scaled.py RUN... (no packages needed; the first run's control is listed too)

Differences are those of the first run's student less each other's, paired by seed, with the 95 % Student-t interval.
"""
import json
import math
import pathlib
import statistics
import struct
import sys

from smoothing import T975


def predictions(network, part):
    data = (network / "predictions.safetensors").read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    head, body = json.loads(data[8:8 + length]), data[8 + length:]

    def numbers(name, letter):
        start, end = head[name]["data_offsets"]
        return struct.unpack(f"<{(end - start) // struct.calcsize(letter)}{letter}", body[start:end])

    classes = head[f"{part}/logits"]["shape"][1]
    logits = numbers(f"{part}/logits", "f")
    return [logits[i:i + classes] for i in range(0, len(logits), classes)], numbers(f"{part}/labels", "q")


def nll(rows, labels, t):
    return statistics.fmean(math.log(sum(math.exp((x - max(row)) / t) for x in row)) - (row[y] - max(row)) / t for row, y in zip(rows, labels))


def ece(rows, labels, t, bins=10):
    sums = [0.0] * bins
    for row, y in zip(rows, labels):
        top = max(row)
        sure = 1 / sum(math.exp((x - top) / t) for x in row)
        sums[max(math.ceil(sure * bins) - 1, 0)] += (row.index(top) == y) - sure
    return sum(map(abs, sums)) / len(rows)


def fitted(rows, labels):
    low, high, golden = math.log(0.05), math.log(20), (5 ** 0.5 - 1) / 2
    for _ in range(28):
        one, other = high - golden * (high - low), low + golden * (high - low)
        if nll(rows, labels, math.exp(one)) < nll(rows, labels, math.exp(other)):
            high = other
        else:
            low = one
    return math.exp((low + high) / 2)


def figures(run, role):
    found = []
    for seed in json.loads((run / "run.json").read_text())["seeds"]:
        network = run / "networks" / f"{role}-seed{seed}"
        t = fitted(*predictions(network, "validation"))
        rows, labels = predictions(network, "test")
        found.append((t, nll(rows, labels, t), 100 * ece(rows, labels, t)))
    return list(zip(*found))


def main(runs):
    first = None
    for run, role in [(runs[0], "control"), *((run, "student") for run in runs)]:
        found = figures(run, role)
        print(f"| {run.name if role == 'student' else 'labels alone'} | " + " | ".join(f"{statistics.fmean(x):.{d}f} ± {statistics.stdev(x):.{d}f}" for x, d in zip(found, (2, 3, 2))), end=" |")
        if role == "student" and first is not None:
            for k, digits in ((1, 3), (2, 1)):
                d = [a - b for a, b in zip(first[k], found[k])]
                half = T975[len(d) - 1] * statistics.stdev(d) / len(d) ** 0.5
                print(f" {statistics.fmean(d):+.{digits}f} ({statistics.fmean(d) - half:+.{digits}f} to {statistics.fmean(d) + half:+.{digits}f}) |", end="")
        elif role == "student":
            first = found
        print(flush=True)


if __name__ == "__main__":
    main([pathlib.Path(run) for run in sys.argv[1:]])
