#!/usr/bin/env python3
"""Golden numbers of the networks: parameter counts, keys, one forward and one gradient in eval and in train mode.

    /usr/bin/python3 tools/golden/models.py [CASE …]

writes tests/Golden/Models/*.json, or those of these cases. The networks below are written from the papers in plain
torch.nn, with the keys of the distillation literature's checkpoints. Weights and images come from a formula over whole
numbers (`noise`) that the tests compute too, so that no weights are kept. Checked once against
github.com/HobbitLong/RepDistiller, commit b84f547: its resnet8, 56, 8x4, wrn_40_1, wrn_16_2, vgg8_bn, vgg13_bn and
mobile_half have the same keys and, with the same weights, the same logits and features. The networks of torchvision
are torchvision's own (Debian's python3-torchvision 0.14.1).
"""
import json
import pathlib
import sys

import numpy
import torch
import torchvision
from torch import nn
from torch.nn import functional as F

TARGET = pathlib.Path(__file__).parents[2] / "tests/Golden/Models"
BATCH, PICTURES, LESSON, RULER = 6, 1000, 2000, 3000


def noise(which, shape):
    """Numbers in [-1, 1) from the place i and the number of the tensor; exact in 32-bit whole numbers."""
    i = numpy.arange(int(numpy.prod(shape)), dtype=numpy.uint32)
    h = i * numpy.uint32(0x9E3779B1) + numpy.uint32(which * 0x85EBCA6B % 2**32)
    h ^= h >> numpy.uint32(15)
    h *= numpy.uint32(0x2C1B3C6D)
    h ^= h >> numpy.uint32(12)
    return torch.from_numpy((h.astype(numpy.float64) / 2**31 - 1).astype(numpy.float32)).reshape(shape)


def fill(network):
    """Kernels and matrices of variance 2 / inputs, norms near 1, the rest near 0; by the sorted keys' numbers."""
    with torch.no_grad():
        for number, (key, tensor) in enumerate(sorted(network.state_dict().items())):
            u = noise(number, tuple(tensor.shape))
            if key.endswith("num_batches_tracked"):
                continue
            if tensor.dim() > 1:
                tensor.copy_(u * float((6 / tensor[0].numel()) ** 0.5))
            elif key.endswith(("running_var", "weight")):
                tensor.copy_(1 + 0.25 * u)
            else:
                tensor.copy_(0.125 * u)


class Mlp(nn.Module):
    def __init__(self, shape, classes, hidden):
        super().__init__()
        sizes = [int(numpy.prod(shape)), *hidden]
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.output = nn.Linear(sizes[-1], classes)

    def forward(self, x):
        x, hidden = x.flatten(1), []
        for layer in self.layers:
            x = F.relu(layer(x))
            hidden.append(x)
        return hidden, x, self.output(x)


class LeNet(nn.Module):
    def __init__(self, shape, classes, batchNorm=False):
        super().__init__()
        self.conv1 = nn.Conv2d(shape[0], 6, 5, padding=2)
        self.bn1 = nn.BatchNorm2d(6) if batchNorm else nn.Identity()
        self.conv2 = nn.Conv2d(6, 16, 5)
        with torch.no_grad():
            size = self.maps(torch.zeros(1, *shape))[1].numel()
        self.fc1, self.fc2, self.fc3 = nn.Linear(size, 120), nn.Linear(120, 84), nn.Linear(84, classes)

    def maps(self, x):
        low = F.max_pool2d(F.relu(self.bn1(self.conv1(x))), 2)
        return low, F.max_pool2d(F.relu(self.conv2(low)), 2)

    def forward(self, x):
        low, high = self.maps(x)
        embedding = F.relu(self.fc2(F.relu(self.fc1(high.flatten(1)))))
        return [low, high], embedding, self.fc3(embedding)


class ConvNet(nn.Module):
    def __init__(self, shape, classes, widths, kernel=3, norm="batch", downsampling="maxPool", hidden=()):
        super().__init__()
        self.downsampling = downsampling
        self.blocks = nn.ModuleList()
        for a, b in zip([shape[0], *widths], widths):
            block = nn.Module()
            block.conv = nn.Conv2d(a, b, kernel, 2 if downsampling == "stride" else 1, kernel // 2, bias=norm == "none")
            if norm == "batch":
                block.norm = nn.BatchNorm2d(b)
            self.blocks.append(block)
        with torch.no_grad():
            size = self.eval().maps(torch.zeros(1, *shape))[-1].numel()
        sizes = [size, *hidden]
        self.hidden = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.fc = nn.Linear(sizes[-1], classes)

    def maps(self, x):
        found = []
        for block in self.blocks:
            x = block.conv(x)
            x = F.relu(block.norm(x) if hasattr(block, "norm") else x)
            x = {"maxPool": F.max_pool2d, "averagePool": F.avg_pool2d, "stride": lambda y, _: y}[self.downsampling](
                x, 2
            )
            found.append(x)
        return found

    def forward(self, x):
        maps = self.maps(x)
        embedding = maps[-1].flatten(1)
        for layer in self.hidden:
            embedding = F.relu(layer(embedding))
        return maps, embedding, self.fc(embedding)


def conv(a, b, kernel, stride=1, groups=1):
    return nn.Conv2d(a, b, kernel, stride, kernel // 2, groups=groups, bias=False)


class Residual(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.conv1, self.bn1 = conv(a, b, 3, stride), nn.BatchNorm2d(b)
        self.conv2, self.bn2 = conv(b, b, 3), nn.BatchNorm2d(b)
        if stride > 1 or a != b:
            self.downsample = nn.Sequential(conv(a, b, 1, stride), nn.BatchNorm2d(b))

    def forward(self, x):
        y = self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x)))))
        return F.relu(y + (self.downsample(x) if hasattr(self, "downsample") else x))


class ResNet(nn.Module):
    def __init__(self, shape, classes, depth, widths=(16, 16, 32, 64)):
        super().__init__()
        n = (depth - 2) // 6
        self.conv1, self.bn1 = conv(shape[0], widths[0], 3), nn.BatchNorm2d(widths[0])
        for i in (1, 2, 3):
            blocks = [Residual(widths[i - 1], widths[i], 1 if i == 1 else 2)]
            blocks += [Residual(widths[i], widths[i], 1) for _ in range(n - 1)]
            setattr(self, f"layer{i}", nn.Sequential(*blocks))
        self.fc = nn.Linear(widths[3], classes)

    def forward(self, x):
        low = self.layer1(F.relu(self.bn1(self.conv1(x))))
        middle = self.layer2(low)
        high = self.layer3(middle)
        embedding = high.mean((2, 3))
        return [low, middle, high], embedding, self.fc(embedding)


class Wide(nn.Module):
    def __init__(self, a, b, stride):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(a), conv(a, b, 3, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(b), conv(b, b, 3)
        if a != b:
            self.convShortcut = conv(a, b, 1, stride)

    def forward(self, x):
        ready = F.relu(self.bn1(x))
        y = self.conv2(F.relu(self.bn2(self.conv1(ready))))
        return y + (self.convShortcut(ready) if hasattr(self, "convShortcut") else x)


class WideResNet(nn.Module):
    def __init__(self, shape, classes, depth, widening):
        super().__init__()
        n, widths = (depth - 4) // 6, [16, 16 * widening, 32 * widening, 64 * widening]
        self.conv1 = conv(shape[0], 16, 3)
        for i in (1, 2, 3):
            stage = nn.Module()
            stage.layer = nn.Sequential(
                Wide(widths[i - 1], widths[i], 1 if i == 1 else 2),
                *[Wide(widths[i], widths[i], 1) for _ in range(n - 1)],
            )
            setattr(self, f"block{i}", stage)
        self.bn1, self.fc = nn.BatchNorm2d(widths[3]), nn.Linear(widths[3], classes)

    def forward(self, x):
        low = self.block1.layer(self.conv1(x))
        middle = self.block2.layer(low)
        high = self.block3.layer(middle)
        embedding = F.relu(self.bn1(high)).mean((2, 3))
        return [low, middle, high], embedding, self.fc(embedding)


class Vgg(nn.Module):
    STAGES = {8: [1] * 5, 11: [1, 1, 2, 2, 2], 13: [2] * 5, 16: [2, 2, 3, 3, 3], 19: [2, 2, 4, 4, 4]}

    def __init__(self, shape, classes, depth):
        super().__init__()
        before = shape[0]
        for i, (count, width) in enumerate(zip(self.STAGES[depth], [64, 128, 256, 512, 512])):
            places = []
            for _ in range(count):
                places += [nn.Conv2d(before, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()]
                before = width
            setattr(self, f"block{i}", nn.Sequential(*places[:-1]))
        self.classifier = nn.Linear(512, classes)
        self.pools = [False, True, True, True, min(shape[1:]) >= 64]

    def forward(self, x):
        hidden = []
        for i, pool in enumerate(self.pools):
            x = F.relu(getattr(self, f"block{i}")(F.max_pool2d(x, 2) if pool else x))
            hidden.append(x)
        embedding = x.mean((2, 3))
        return hidden, embedding, self.classifier(embedding)


class Inverted(nn.Module):
    def __init__(self, a, b, stride, expansion):
        super().__init__()
        inside = a * expansion
        self.residual = stride == 1 and a == b
        self.conv = nn.Sequential(
            conv(a, inside, 1),
            nn.BatchNorm2d(inside),
            nn.ReLU(),
            conv(inside, inside, 3, stride, inside),
            nn.BatchNorm2d(inside),
            nn.ReLU(),
            conv(inside, b, 1),
            nn.BatchNorm2d(b),
        )

    def forward(self, x):
        return x + self.conv(x) if self.residual else self.conv(x)


class MobileNetV2(nn.Module):
    STAGES = [(16, 1, 1), (24, 2, 1), (32, 3, 2), (64, 4, 2), (96, 3, 1), (160, 3, 2), (320, 1, 1)]

    def __init__(self, shape, classes, width=0.5, expansion=6):
        super().__init__()
        before, last = int(32 * width), max(1280, int(1280 * width))
        self.conv1 = nn.Sequential(conv(shape[0], before, 3, 2), nn.BatchNorm2d(before), nn.ReLU())
        self.blocks = nn.ModuleList()
        for number, (full, count, stride) in enumerate(self.STAGES):
            stage = []
            for i in range(count):
                stage.append(Inverted(before, int(full * width), stride if i == 0 else 1, expansion if number else 1))
                before = int(full * width)
            self.blocks.append(nn.Sequential(*stage))
        self.conv2 = nn.Sequential(conv(before, last, 1), nn.BatchNorm2d(last), nn.ReLU())
        self.classifier = nn.Sequential(nn.Linear(last, classes))

    def forward(self, x):
        x, maps = self.conv1(x), []
        for stage in self.blocks:
            x = stage(x)
            maps.append(x)
        embedding = self.conv2(x).mean((2, 3))
        return [maps[i] for i in (1, 2, 4, 6)], embedding, self.classifier(embedding)


class TorchvisionResNet(nn.Module):
    """torchvision's own network, with the stages' maps and the embedding."""

    def __init__(self, shape, classes, depth):
        super().__init__()
        own = getattr(torchvision.models, f"resnet{depth}")(num_classes=classes)
        for name, module in own.named_children():
            setattr(self, name, module)

    def forward(self, x):
        x, maps = self.maxpool(self.relu(self.bn1(self.conv1(x)))), []
        for i in (1, 2, 3, 4):
            x = getattr(self, f"layer{i}")(x)
            maps.append(x)
        embedding = x.mean((2, 3))
        return maps, embedding, self.fc(embedding)


class TorchvisionMobileNet(nn.Module):
    """The same of the MobileNets; their last maps of each size are those before the next stride."""

    def __init__(self, own, last):
        super().__init__()
        self.features, self.classifier, self.last = own.features, own.classifier, last

    def forward(self, x):
        maps = []
        for i, layer in enumerate(self.features):
            x = layer(x)
            if i in self.last:
                maps.append(x)
        embedding = x.mean((2, 3))
        for layer in self.classifier[:-1]:
            embedding = layer(embedding)
        return maps, embedding, self.classifier[-1](embedding)


def torchvision_mobilenet_v2(shape, classes, width=1.0, dropout=0.2):
    own = torchvision.models.mobilenet_v2(num_classes=classes, width_mult=width, dropout=dropout)
    return TorchvisionMobileNet(own, [1, 3, 6, 13, 17])


def torchvision_mobilenet_v3(shape, classes, size="small", width=1.0, dropout=0.2):
    own = getattr(torchvision.models, f"mobilenet_v3_{size}")(
        num_classes=classes, width_mult=width, dropout=dropout
    )
    return TorchvisionMobileNet(own, [0, 1, 3, 8, 11] if size == "small" else [1, 3, 6, 12, 15])


class VitAttention(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.heads, self.qkv, self.proj = heads, nn.Linear(size, 3 * size), nn.Linear(size, size)

    def forward(self, x):
        b, t, d = x.shape
        q, k, v = self.qkv(x).reshape(b, t, 3, self.heads, d // self.heads).permute(2, 0, 3, 1, 4)
        weights = (q @ k.transpose(-2, -1) * (d // self.heads) ** -0.5).softmax(-1)
        return self.proj((weights @ v).transpose(1, 2).reshape(b, t, d))


class VitBlock(nn.Module):
    def __init__(self, size, heads):
        super().__init__()
        self.norm1, self.attn = nn.LayerNorm(size, eps=1e-6), VitAttention(size, heads)
        self.norm2, self.mlp = nn.LayerNorm(size, eps=1e-6), nn.Module()
        self.mlp.fc1, self.mlp.fc2 = nn.Linear(size, 4 * size), nn.Linear(4 * size, size)

    def forward(self, x):
        x = x + self.attn(self.norm1(x))
        return x + self.mlp.fc2(F.gelu(self.mlp.fc1(self.norm2(x))))


class Vit(nn.Module):
    """With the keys of timm's VisionTransformer."""

    def __init__(self, shape, classes, patchSize=16, layers=12, hiddenSize=192, heads=3):
        super().__init__()
        count = shape[1] // patchSize * (shape[2] // patchSize)
        self.cls_token = nn.Parameter(torch.zeros(1, 1, hiddenSize))
        self.pos_embed = nn.Parameter(torch.zeros(1, 1 + count, hiddenSize))
        self.patch_embed = nn.Module()
        self.patch_embed.proj = nn.Conv2d(shape[0], hiddenSize, patchSize, patchSize)
        self.blocks = nn.ModuleList(VitBlock(hiddenSize, heads) for _ in range(layers))
        self.norm, self.head = nn.LayerNorm(hiddenSize, eps=1e-6), nn.Linear(hiddenSize, classes)

    def forward(self, x):
        x = self.patch_embed.proj(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls_token.expand(len(x), -1, -1), x], 1) + self.pos_embed
        hidden = [x]
        for block in self.blocks:
            hidden.append(block(hidden[-1]))
        embedding = self.norm(hidden[-1])[:, 0]
        return hidden, embedding, self.head(embedding)


FAMILIES = {
    "mlp": Mlp,
    "lenet": LeNet,
    "convnet": ConvNet,
    "resnet": ResNet,
    "wide-resnet": WideResNet,
    "vgg": Vgg,
    "mobilenet-v2": MobileNetV2,
    "torchvision-resnet": TorchvisionResNet,
    "torchvision-mobilenet-v2": torchvision_mobilenet_v2,
    "torchvision-mobilenet-v3": torchvision_mobilenet_v3,
    "vit": Vit,
}

CASES = {
    "vit": ((3, 24, 32), 10, dict(name="vit", patchSize=8, layers=3, hiddenSize=48, heads=3)),
    "mlp": ((1, 8, 8), 10, dict(name="mlp", hidden=[16, 12])),
    "lenet": ((1, 28, 28), 10, dict(name="lenet")),
    "lenet-batch-norm": ((1, 28, 28), 10, dict(name="lenet", batchNorm=True)),
    "convnet-strided": (
        (1, 28, 28),
        10,
        dict(name="convnet", widths=[4, 8], kernel=5, norm="none", downsampling="stride"),
    ),
    "convnet-strided-odd": ((2, 13, 9), 5, dict(name="convnet", widths=[4, 6, 8], downsampling="stride", hidden=[7])),
    "convnet-max": ((3, 32, 32), 10, dict(name="convnet", widths=[8, 16, 24])),
    "convnet-average": (
        (3, 21, 18),
        7,
        dict(name="convnet", widths=[8, 16], downsampling="averagePool", hidden=[20, 11]),
    ),
    "resnet-8": ((3, 32, 32), 100, dict(name="resnet", depth=8)),
    "resnet-14-widths": ((1, 17, 14), 10, dict(name="resnet", depth=14, widths=[8, 12, 16, 24])),
    "resnet-20": ((3, 32, 32), 10, dict(name="resnet", depth=20)),
    "wide-resnet-10-1": ((1, 14, 17), 10, dict(name="wide-resnet", depth=10, widening=1)),
    "wide-resnet-16-2": ((3, 32, 32), 10, dict(name="wide-resnet", depth=16, widening=2)),
    "vgg-8": ((3, 32, 32), 10, dict(name="vgg", depth=8)),
    "vgg-11": ((1, 20, 16), 4, dict(name="vgg", depth=11)),
    "mobilenet-v2-half": ((3, 32, 32), 10, dict(name="mobilenet-v2")),
    "mobilenet-v2-narrow": ((1, 28, 28), 10, dict(name="mobilenet-v2", width=0.25, expansion=3)),
    "torchvision-resnet-18": ((3, 64, 64), 10, dict(name="torchvision-resnet", depth=18)),
    "torchvision-resnet-50": ((3, 56, 40), 10, dict(name="torchvision-resnet", depth=50)),
    "torchvision-mobilenet-v2": ((3, 64, 48), 10, dict(name="torchvision-mobilenet-v2", dropout=0)),
    "torchvision-mobilenet-v2-narrow": (
        (3, 45, 70),
        10,
        dict(name="torchvision-mobilenet-v2", width=0.35, dropout=0),
    ),
    "torchvision-mobilenet-v3-small": (
        (3, 64, 64),
        10,
        dict(name="torchvision-mobilenet-v3", size="small", dropout=0),
    ),
    "torchvision-mobilenet-v3-large": (
        (3, 70, 45),
        10,
        dict(name="torchvision-mobilenet-v3", size="large", width=0.75, dropout=0),
    ),
}


def digits(value):
    return float(f"{value:.8g}")


def measured(tensor):
    """Length, and product with a fixed direction: together they notice any entry that is wrong or misplaced."""
    flat = tensor.detach().double().flatten()
    return [digits(flat.norm().item()), digits((flat * noise(RULER, (flat.numel(),)).double()).sum().item())]


def lesson(network, shape, classes):
    network.zero_grad()
    hidden, embedding, logits = network(noise(PICTURES, (BATCH, *shape)).double())
    loss = (logits * noise(LESSON, (BATCH, classes)).double()).sum() / BATCH + embedding.square().mean()
    loss = loss + sum(map.square().mean() for map in hidden)
    loss.backward()
    return dict(
        loss=digits(loss.item()),
        logits=[digits(v) for v in logits.flatten().tolist()],
        embedding=measured(embedding),
        hidden=[dict(shape=list(map.shape), measured=measured(map)) for map in hidden],
        gradients={name: measured(p.grad) for name, p in network.named_parameters()},
    )


def golden(shape, classes, recipe):
    network = FAMILIES[recipe["name"]](shape, classes, **{k: v for k, v in recipe.items() if k != "name"})
    fill(network)
    network.double()  # the weights of 32 bits, the sums of 64: what is left between the two is the tests' own rounding
    evaluated = lesson(network.eval(), shape, classes)
    trained = lesson(network.train(), shape, classes)
    return dict(
        made=f"tools/golden/models.py, torch {torch.__version__}, float64",
        recipe=recipe,
        shape=list(shape),
        classes=classes,
        parameters=sum(p.numel() for p in network.parameters()),
        keys=[" ".join([key, *map(str, tensor.shape)]) for key, tensor in sorted(network.state_dict().items())],
        eval=evaluated,
        train=trained,
        running={key: measured(t) for key, t in network.state_dict().items() if key.endswith(("_mean", "_var"))},
    )


def written(value, depth=0):
    """JSON with one line an entry down to the third level, so that a difference can be read."""
    if (
        depth == 3
        or not isinstance(value, (dict, list))
        or (isinstance(value, list) and not any(isinstance(v, (dict, list, str)) for v in value))
    ):
        return json.dumps(value)
    pad = "\n" + "  " * (depth + 1)
    entries = (
        [f"{json.dumps(k)}: {written(v, depth + 1)}" for k, v in value.items()]
        if isinstance(value, dict)
        else [written(v, depth + 1) for v in value]
    )
    left, right = "{}" if isinstance(value, dict) else "[]"
    return left + pad + ("," + pad).join(entries) + "\n" + "  " * depth + right if entries else left + right


if __name__ == "__main__":
    torch.set_num_threads(1)
    TARGET.mkdir(parents=True, exist_ok=True)
    for case in sys.argv[1:] or CASES:
        shape, classes, recipe = CASES[case]
        (TARGET / f"{case}.json").write_text(written(golden(shape, classes, recipe)) + "\n", encoding="utf-8")
