"""Writes tests/Golden/Pth: PyTorch state files in every usual dress, and what PyTorch reads from them.

    /usr/bin/python3 tools/golden/pth.py        (torch 1.13, numpy)
"""
import argparse
import collections
import json
import os
import pathlib

import numpy
import torch

FOLDER = pathlib.Path(__file__).parents[2] / "tests/Golden/Pth"


def all_types():
    values = torch.tensor([[1.5, -2.0, 3.0], [0.0, 4.25, -1.0]])
    named = collections.OrderedDict()
    for kind in ("float16", "bfloat16", "float32", "float64"):
        named[kind] = values.to(getattr(torch, kind))
    for kind in ("int8", "int16", "int32", "int64"):
        named[kind] = torch.tensor([1, -2, 100], dtype=getattr(torch, kind))
    named["uint8"] = torch.tensor([0, 7, 255], dtype=torch.uint8)
    named["bool"] = torch.tensor([True, False, True])
    named["scalar"] = torch.tensor(7)
    named["empty"] = torch.zeros(0, 3)
    named._metadata = collections.OrderedDict([("", {"version": 1})])
    return named


def views():
    base = torch.arange(24, dtype=torch.float32)
    tied = torch.tensor([3.0, 5.0])
    return {
        "whole": base,
        "window": base[2:8].reshape(2, 3),
        "transposed": base.reshape(4, 6).t(),
        "steps": base[1::5],
        "channels_last": torch.arange(16, dtype=torch.float32)
        .reshape(1, 2, 2, 4)
        .contiguous(memory_format=torch.channels_last),
        "tied.a": tied,
        "tied.b": tied,
    }


def small(add=0.0):
    return collections.OrderedDict(weight=torch.tensor([[1.0, 2.0]]) + add, bias=torch.tensor([0.5]) + add)


def prefixed(prefix):
    return collections.OrderedDict((prefix + name, value) for name, value in small().items())


def checkpoint():
    network = torch.nn.Linear(2, 1)
    network.load_state_dict(small())
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    return {
        "epoch": 3,
        "arch": "linear",
        "args": argparse.Namespace(lr=0.1, wide=True),
        "best": numpy.float64(0.25),
        "accuracy": torch.tensor(0.5),
        "state_dict": prefixed("module."),
        "optimizer": optimizer.state_dict(),
        "counts": collections.defaultdict(list, {"a": [1, 2]}),
    }


FILES = {
    "types": (all_types, {}, "types"),
    "types-legacy": (all_types, {"_use_new_zipfile_serialization": False}, "types"),
    "types-protocol4": (all_types, {"pickle_protocol": 4}, "types"),
    "types-legacy-protocol4": (all_types, {"pickle_protocol": 4, "_use_new_zipfile_serialization": False}, "types"),
    "views": (views, {}, "views"),
    "views-legacy": (views, {"_use_new_zipfile_serialization": False}, "views"),
    "parameters": (lambda: {name: torch.nn.Parameter(value) for name, value in small().items()}, {}, "small"),
    "checkpoint": (checkpoint, {}, "small"),
    "checkpoint-legacy": (checkpoint, {"_use_new_zipfile_serialization": False}, "small"),
    "nested": (lambda: {"model": {"state_dict": small()}, "epoch": 1}, {}, "small"),
    "compiled": (lambda: prefixed("_orig_mod.module."), {}, "small"),
    "extra": (lambda: {**small(), "head._extra_state": {"a": 1}}, {}, "small"),
    "two": (lambda: {"model": small(), "ema": {"shadow": small(1.0)}, "epoch": 1}, {}, None),
    "none": (lambda: {"epoch": 3, "loss": 0.5}, {}, None),
    "whole": (lambda: torch.nn.Linear(2, 1), {}, None),
}


def numbers(tensor):
    return {
        "type": str(tensor.dtype).removeprefix("torch."),
        "shape": list(tensor.shape),
        "values": tensor.detach().to(torch.float64).reshape(-1).tolist(),
    }


def main():
    FOLDER.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(1)
    expected = {"torch": torch.__version__, "files": {}, "contents": {}}
    for made, name in ((all_types, "types"), (views, "views"), (small, "small")):
        expected["contents"][name] = {key: numbers(value) for key, value in made().items()}
    expected["contents"]["shadow"] = {key: numbers(value) for key, value in small(1.0).items()}
    for name, (make, options, content) in FILES.items():
        torch.save(make(), os.fspath(FOLDER / f"{name}.pth"), **options)
        if content:
            expected["files"][name] = content
    torch.jit.script(torch.nn.Linear(2, 1)).save(os.fspath(FOLDER / "script.pth"))
    (FOLDER / "pth.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
