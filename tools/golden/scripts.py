#!/usr/bin/python3
"""Small TorchScript programs of the kinds that people save, for the tests of the checks on such files.

    /usr/bin/python3 tools/golden/scripts.py

writes tests/Golden/Scripts/: the programs, and answers.json with inputs and what PyTorch returns for them. The files go
without their debug_pkl entries, which name the folder they were made in.
"""
import json
import pathlib
import zipfile
from typing import Dict, List

import torch
from torch import nn

TARGET = pathlib.Path(__file__).resolve().parents[2] / "tests/Golden/Scripts"


class Block(nn.Module):
    """A residual block; its ReLU and its addition write over their input."""

    def __init__(self, width, stride):
        super().__init__()
        self.conv = nn.Conv2d(4, width, 3, stride, padding=1, bias=False)
        self.bn = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.short = nn.Sequential(nn.Conv2d(4, width, 1, stride), nn.BatchNorm2d(width))

    def forward(self, x):
        y = self.bn(self.conv(x))
        y += self.short(x)
        return self.relu(y)


def resnet():
    return nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), Block(6, 2), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Dropout(0.5),
        nn.Linear(6, 4))


class Encoder(nn.Module):
    """A transformer encoder with a mask."""

    def __init__(self):
        super().__init__()
        self.embed = nn.Embedding(20, 8, padding_idx=0)
        self.position = nn.Parameter(torch.randn(1, 12, 8))
        self.encoder = nn.TransformerEncoder(nn.TransformerEncoderLayer(8, 2, 16, batch_first=True), 1)
        self.fc = nn.Linear(8, 4)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor):
        x = self.embed(ids) + self.position[:, : ids.shape[1]]
        x = self.encoder(x, src_key_padding_mask=(mask == 0))
        m = mask.unsqueeze(-1).to(x.dtype)
        return self.fc((x * m).sum(1) / m.sum(1).clamp(min=1))


class Recurrent(nn.Module):
    def __init__(self, layer):
        super().__init__()
        self.embed = nn.Embedding(20, 8)
        self.rnn = layer(8, 6, batch_first=True, bidirectional=True)
        self.fc = nn.Linear(12, 4)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor):
        out, _ = self.rnn(self.embed(ids) * mask.unsqueeze(-1).float())
        return self.fc(out[:, -1])


class Loops(nn.Module):
    """What scripting keeps and tracing does not: loops, branches, lists, dicts, messages, errors."""

    rounds: int

    def __init__(self):
        super().__init__()
        self.rounds = 3
        self.steps = nn.ModuleList([nn.Linear(30, 30), nn.Linear(30, 30)])
        self.fc = nn.Linear(30, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(1)
        assert x.dim() == 2, "must be flat"
        if x.size(0) == 0:
            raise ValueError(f"no examples: {x.size(0)}")
        seen: List[torch.Tensor] = []
        for _ in range(self.rounds):
            for step in self.steps:
                x = torch.relu(step(x))
                if x.sum() > 1e6:
                    x = x / 2
            seen.append(x)
        count = 0
        while count < 3:
            x = x + count
            count += 1
        named: Dict[str, torch.Tensor] = {"last": x}
        print("from the program", x.shape)
        return self.fc(named["last"] + torch.einsum("bi,i->bi", torch.stack(seen).mean(0), torch.ones(30)))


def save(program, name):
    path = TARGET / f"{name}.pt"
    program.save(str(path))
    with zipfile.ZipFile(path) as archive:
        parts = [(one.filename, archive.read(one)) for one in archive.infolist() if "debug_pkl" not in one.filename]
    with zipfile.ZipFile(path, "w") as archive:
        for part, content in parts:
            packed = zipfile.ZIP_DEFLATED if part.endswith(".py") else zipfile.ZIP_STORED
            archive.writestr(zipfile.ZipInfo(part), content, packed)


def main():
    torch.manual_seed(1)
    TARGET.mkdir(parents=True, exist_ok=True)
    images = torch.randn(3, 1, 6, 5)
    ids, mask = torch.randint(1, 20, (3, 7)), torch.ones(3, 7, dtype=torch.int64)
    ids[1, 5:], mask[1, 5:] = 0, 0
    answers = {"pixel_values": images.tolist(), "input_ids": ids.tolist(), "attention_mask": mask.tolist()}
    cases = [
        ("resnet", resnet(), (images,)),
        ("encoder", Encoder(), (ids, mask)),
        ("gru", Recurrent(nn.GRU), (ids, mask)),
        ("lstm", Recurrent(nn.LSTM), (ids, mask)),
        ("loops", Loops(), (images,)),
    ]
    for name, network, inputs in cases:
        network.eval()
        with torch.no_grad():
            answers[name] = network(*inputs).flatten().tolist()
        save(torch.jit.script(network), f"{name}-script")
        if name != "loops":
            save(torch.jit.trace(network, inputs, check_trace=False), f"{name}-trace")
    (TARGET / "answers.json").write_text(json.dumps(answers) + "\n")


main()
