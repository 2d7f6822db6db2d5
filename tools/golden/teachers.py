#!/usr/bin/python3
"""Small teachers for the tests: one network of three 3 × 3 kernels, saved as ONNX and TorchScript in several dresses.

    /usr/bin/python3 tools/golden/teachers.py

writes tests/Golden/Teachers/. answers.json has five pictures and what PyTorch says to them. The
TorchScript files go without their debug_pkl entries, which name the folder they were made in.
"""
import json
import pathlib
import zipfile

import torch
from torch import nn

TARGET = pathlib.Path(__file__).resolve().parents[2] / "tests/Golden/Teachers"


class Tiny(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 3, 3, padding=1)
        self.bn = nn.BatchNorm2d(3)
        self.fc = nn.Linear(3, 4)

    def forward(self, x):
        return self.parts(x)[0]

    @torch.jit.export
    def parts(self, x):
        stage = torch.relu(self.bn(self.conv(x)))
        embedding = stage.mean(dim=(2, 3))
        return self.fc(embedding), embedding, stage


class Parts(nn.Module):
    def __init__(self, tiny):
        super().__init__()
        self.tiny = tiny

    def forward(self, x):
        return self.tiny.parts(x)


class Dressed(nn.Module):
    """before and after stand round a network."""

    def __init__(self, inner, before=lambda x: x, after=lambda y: y):
        super().__init__()
        self.inner, self.before, self.after = inner, before, after

    def forward(self, x):
        return self.after(self.inner(self.before(x)))


class Named(nn.Module):
    def __init__(self, tiny):
        super().__init__()
        self.tiny = tiny

    def forward(self, x):
        return {"logits": self.tiny(x)}


class Listed(nn.Module):
    def __init__(self, tiny):
        super().__init__()
        self.tiny = tiny

    def forward(self, x):
        return [self.tiny(x)]


class Number(nn.Module):
    def forward(self, x):
        return x.size(0)


class Steep(nn.Module):
    """Fails inside: the picture's last axis does not fit."""

    def forward(self, x):
        return torch.matmul(x, torch.ones(99, 2))


class Many(nn.Module):
    def forward(self, x, y):
        return x + y


class Spy(nn.Module):
    """Would write a file when it is run."""

    def forward(self, x):
        torch.save(x, "retort-script-wrote")
        return x


def onnx(name, module, pictures, outputs=("logits",), fixed=False):
    axes = {} if fixed else {key: {0: "batch"} for key in ("pixels", *outputs)}
    torch.onnx.export(
        module,
        pictures,
        TARGET / name,
        input_names=["pixels"],
        output_names=list(outputs),
        dynamic_axes=axes,
        opset_version=13,
    )


def without_places(path):
    with zipfile.ZipFile(path) as archive:
        entries = [
            (entry, archive.read(entry)) for entry in archive.infolist() if not entry.filename.endswith(".debug_pkl")
        ]
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as archive:
        for entry, content in entries:
            archive.writestr(zipfile.ZipInfo(entry.filename), content)


def main():
    TARGET.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(5)
    tiny = Tiny()
    with torch.no_grad():
        tiny.bn.running_mean.uniform_(-0.3, 0.3)
        tiny.bn.running_var.uniform_(0.5, 1.5)
        for parameter in tiny.parameters():
            parameter.mul_(2)
    tiny.eval()
    x = (torch.randn(5, 1, 6, 5) * 100).round() / 100
    logits, embedding, stage = tiny.parts(x)

    onnx("tiny.onnx", Parts(tiny), x, ("logits", "embedding", "stage"))
    onnx("tiny-of-four.onnx", tiny, x[:4], fixed=True)
    onnx("tiny-half.onnx", Dressed(tiny, lambda v: v.float(), lambda v: v.half()), x.half())
    onnx("tiny-nhwc.onnx", Dressed(tiny, lambda v: v.permute(0, 3, 1, 2)), x.permute(0, 2, 3, 1).contiguous())
    onnx("tiny-numbers.onnx", Dressed(tiny, after=lambda v: v.argmax(1)), x, ("label",))

    torch.jit.script(tiny).save(str(TARGET / "tiny.pt"))
    torch.jit.script(Parts(tiny)).save(str(TARGET / "tiny-parts.pt"))
    training = torch.jit.script(tiny)
    training.train()
    training.save(str(TARGET / "tiny-training.pt"))
    tiny.eval()
    for name, module in (
        ("named", Named(tiny)),
        ("listed", Listed(tiny)),
        ("number", Number()),
        ("steep", Steep()),
        ("many", Many()),
        ("spy", Spy()),
    ):
        torch.jit.script(module).save(str(TARGET / f"odd-{name}.pt"))

    for path in TARGET.glob("*.pt"):
        without_places(path)

    def numbers(t):
        return [round(float(v), 6) for v in t.flatten()]

    (TARGET / "answers.json").write_text(
        json.dumps(
            {
                "made_with": f"torch {torch.__version__}",
                "pixels": numbers(x),
                "logits": numbers(logits),
                "embedding": numbers(embedding),
                "stage": numbers(stage),
            }
        )
        + "\n"
    )


main()
