#!/usr/bin/python3
"""Golden numbers of the words and layers of Retort.Tensors, made by PyTorch in float64.

    /usr/bin/python3 tools/golden/floor.py > tests/Golden/floor.json

Every case holds its inputs, what comes out, and the gradient of sum(y * cos(0.7 k + 0.3)) over the k-th
number of the output y with respect to each floating input. Inputs are rounded to three decimals.
A case is called Word or Word/variant.
"""
import json
import sys
from math import prod

import torch
import torch.nn.functional as F

CASES = []
generator = torch.Generator().manual_seed(20)


def draw(*shape, low=-2.0, high=2.0):
    x = torch.rand(*shape, generator=generator, dtype=torch.float64) * (high - low) + low
    return (x * 1000).round() / 1000


def odds(*shape):
    return F.softmax(draw(*shape), -1)


def logodds(*shape):
    return F.log_softmax(draw(*shape), -1)


def spread(*shape):
    """Distinct numbers, at least 0.01 apart: no ties for maxima, none near a kink at 0."""
    n = prod(shape)
    x = (torch.randperm(n, generator=generator).double() - n / 2 + 0.5) * 0.037
    return x.reshape(shape)


def packed(x):
    x = x.detach()
    if x.dtype == torch.bool:
        return {"type": "bool", "shape": list(x.shape), "values": [int(v) for v in x.flatten().tolist()]}
    if x.dtype == torch.int64:
        return {"type": "int64", "shape": list(x.shape), "values": x.flatten().tolist()}
    return {"type": "float", "shape": list(x.shape), "values": [float(f"{v:.9g}") for v in x.flatten().tolist()]}


def case(name, forward, **inputs):
    given = {key: packed(value) for key, value in inputs.items()}
    # read back what was written, so that both sides start from the same numbers
    for key, value in inputs.items():
        if value.is_floating_point():
            inputs[key] = torch.tensor(given[key]["values"], dtype=torch.float64).reshape(value.shape).requires_grad_()
    made = forward(**inputs)
    made = made if isinstance(made, dict) else {"y": made}
    y = made["y"]
    probe = torch.cos(0.7 * torch.arange(y.numel(), dtype=torch.float64) + 0.3).reshape(y.shape)
    gradients = {}
    if y.requires_grad:
        leaves = {key: value for key, value in inputs.items() if value.requires_grad}
        found = torch.autograd.grad((y * probe).sum(), list(leaves.values()), allow_unused=True)
        gradients = {key: packed(g) for key, g in zip(leaves, found) if g is not None}
    CASES.append(
        {
            "name": name,
            "inputs": given,
            "outputs": {key: packed(value) for key, value in made.items()},
            "gradients": gradients,
        }
    )


# --- words that networks are made of -------------------------------------------------------------------------------
a, b = draw(2, 3), draw(2, 3)
case("Add", lambda x, y: x + y, x=a, y=draw(3))
case("Add/number", lambda x: x + 1.5, x=a)
case("Subtract", lambda x, y: x - y, x=a, y=b)
case("Times", lambda x, y: x * y, x=a, y=draw(2, 1))
case("Times/number", lambda x: x * -2.5, x=a)
case("DividedBy", lambda x, y: x / y, x=a, y=draw(2, 3, low=0.5))
case("Sqrt", lambda x: x.sqrt(), x=draw(4, low=0.1))
case("Squared", lambda x: x.square(), x=torch.tensor([0.371, 1.004, -0.853, 1.632]))
case("Exp", lambda x: x.exp(), x=a)
case("Log", lambda x: x.log(), x=draw(4, low=0.1))
z = torch.tensor([-7.5, -3.2, -2.4, -1.1, -0.3, 0.2, 0.9, 2.2, 3.4, 6.7], dtype=torch.float64)
case("Relu", lambda x: F.relu(x), x=z)
case("Relu6", lambda x: F.relu6(x), x=z)
case("Clip", lambda x: x.clamp(-0.5, 0.75), x=z)
case("LeakyRelu", lambda x: F.leaky_relu(x, 0.1), x=z)
case("Elu", lambda x: F.elu(x), x=z)
case("Gelu", lambda x: F.gelu(x), x=z)
case("GeluTanh", lambda x: F.gelu(x, approximate="tanh"), x=z)
case("Sigmoid", lambda x: torch.sigmoid(x), x=z)
case("HardSigmoid", lambda x: F.hardsigmoid(x), x=z)
case("HardSwish", lambda x: F.hardswish(x), x=z)
case("Silu", lambda x: F.silu(x), x=z)
case("Tanh", lambda x: torch.tanh(x), x=z)
case("Softplus", lambda x: F.softplus(x), x=z)
case("Softmax", lambda x: F.softmax(x, -1), x=draw(2, 4))
case("Softmax/2", lambda x: F.softmax(x / 2, -1), x=draw(2, 4))
case("LogSoftmax", lambda x: F.log_softmax(x, -1), x=draw(2, 4))
case("LogSoftmax/4", lambda x: F.log_softmax(x / 4, -1), x=draw(2, 4))
keep = torch.tensor([[True, False, True], [False, True, True]])
case("ToMask", lambda x: x.bool().to(x.dtype), x=torch.tensor([[0, 0.5, -1], [0, 2, 0]]))
case("MaskToWeights", lambda x: x.bool().to(x.dtype), x=torch.tensor([[0, 0.5, -1], [0, 2, 0]]))
case("AtLeastOne", lambda x: x.clamp_min(1), x=a)
case("Where", lambda x, keep: torch.where(keep, x, torch.tensor(-3.0, dtype=x.dtype)), x=a, keep=keep)
case("MatMul", lambda x, y: x @ y, x=draw(2, 3, 4), y=draw(2, 4, 2))
case("MatMul/broadcast", lambda x, y: x @ y, x=draw(2, 2, 3, 4), y=draw(4, 2))
case("Linear", lambda x, weight, bias: F.linear(x, weight, bias), x=draw(2, 3, 4), weight=draw(2, 4), bias=draw(2))
case("Transpose", lambda x: x.transpose(-2, -1), x=draw(2, 3, 4))
case("Transpose/axes", lambda x: x.transpose(0, 2), x=draw(2, 3, 4))
case("Permute", lambda x: x.permute(2, 0, 1), x=draw(2, 3, 4))
case("Reshape", lambda x: x.reshape(4, -1), x=draw(2, 3, 4))
case("Flatten", lambda x: x.flatten(1), x=draw(2, 3, 2))
case("Unsqueeze", lambda x: x.unsqueeze(1), x=a)
case("Squeeze", lambda x: x.squeeze(1), x=draw(2, 1, 3))
case("Expand", lambda x: x.expand(2, 4, 3), x=draw(2, 1, 3))
case("Slice", lambda x: x[:, :, 1:5:2], x=draw(2, 2, 6))
case("Concat", lambda x, y, z: torch.cat([x, y, z], 1), x=draw(2, 1), y=draw(2, 2), z=draw(2, 3))
case("Mean", lambda x: x.mean(1), x=draw(2, 3, 2))
case("Sum", lambda x: x.sum(-1), x=draw(2, 3, 2))
case("Max", lambda x: x.amax(1), x=spread(2, 3, 2))
case("GlobalAvgPool2d", lambda x: x.mean((2, 3)), x=draw(2, 3, 2, 3))
rows = torch.tensor([[0, 3, 1], [3, 3, 2]])
case("TakeRows", lambda x, rows: F.embedding(rows, x), x=draw(4, 2), rows=rows)
case(
    "Conv2d",
    lambda x, weight, bias: F.conv2d(x, weight, bias, 2, 1),
    x=draw(2, 3, 5, 4),
    weight=draw(4, 3, 3, 3),
    bias=draw(4),
)
case(
    "Conv2d/groups",
    lambda x, weight: F.conv2d(x, weight, None, 1, 1, groups=4),
    x=draw(1, 4, 4, 4),
    weight=draw(4, 1, 3, 3),
)
case("MaxPool2d", lambda x: F.max_pool2d(x, 2), x=spread(2, 2, 4, 5))
case("MaxPool2d/padded", lambda x: F.max_pool2d(x, 3, 2, 1), x=spread(1, 2, 5, 5))
case("AvgPool2d", lambda x: F.avg_pool2d(x, 2), x=draw(2, 2, 4, 4))
case("AvgPool2d/padded", lambda x: F.avg_pool2d(x, 3, 2, 1), x=draw(1, 2, 5, 5))
case("Upsample", lambda x: F.interpolate(x, scale_factor=2, mode="nearest"), x=draw(1, 2, 2, 3))
case("ZeroPad2d", lambda x: F.pad(x, (1, 1, 1, 1)), x=draw(1, 2, 2, 3))
case("PadChannels", lambda x: F.pad(x, (0, 0, 0, 0, 1, 2)), x=draw(1, 2, 2, 3))


def batch_norm(training):
    def forward(x, mean, variance, weight, bias):
        mean, variance = mean.detach().clone(), variance.detach().clone()
        y = F.batch_norm(x, mean, variance, weight, bias, training, 0.1, 1e-5)
        return {"y": y, "mean": mean, "variance": variance}

    return forward


moments = dict(mean=draw(3), variance=draw(3, low=0.5), weight=draw(3), bias=draw(3))
case("BatchNorm/train", batch_norm(True), x=draw(4, 3, 2, 2), **moments)
case("BatchNorm/eval", batch_norm(False), x=draw(4, 3, 2, 2), **moments)
case(
    "LayerNorm",
    lambda x, weight, bias: F.layer_norm(x, (4,), weight, bias),
    x=draw(2, 3, 4),
    weight=draw(4),
    bias=draw(4),
)
case(
    "GroupNorm",
    lambda x, weight, bias: F.group_norm(x, 2, weight, bias),
    x=draw(2, 4, 2, 2),
    weight=draw(4),
    bias=draw(4),
)

# --- words that papers are written in ------------------------------------------------------------------------------
n, m = draw(3, 4), draw(2, 4)
case("UnitRows", lambda x: F.normalize(x, dim=-1), x=n)
case("RowNorms", lambda x: x.norm(dim=-1), x=n)
case("CenteredRows", lambda x: x - x.mean(-1, keepdim=True), x=n)
case("CenteredColumns", lambda x: x - x.mean(0), x=n)
case("StandardizedRows", lambda x: (x - x.mean(-1, keepdim=True)) / x.std(-1, unbiased=False, keepdim=True), x=n)
case("MaskDiagonal", lambda x: F.softmax(x.masked_fill(torch.eye(3, dtype=torch.bool), -torch.inf), -1), x=draw(3, 3))
case("OffDiagonal", lambda x: torch.stack([torch.cat([x[i, :i], x[i, i + 1 :]]) for i in range(3)]), x=draw(3, 3))
case("Gram", lambda x: x @ x.T, x=n)
case("AttentionMap", lambda x: F.normalize(x.pow(2).mean(1).flatten(1)), x=draw(2, 3, 2, 2))
labels = torch.tensor([2, 0, 1])
case("AtLabels", lambda x, labels: torch.stack([x[i, labels[i]] for i in range(3)]), x=n, labels=labels)
case("OneHot", lambda labels: F.one_hot(labels, 4).double(), labels=labels)
case("SmoothedLabels", lambda labels: F.one_hot(labels, 4).double() * 0.9 + 0.025, labels=labels)
case("LogMeanProbability", lambda x: x.exp().mean(0).log(), x=logodds(3, 2, 4))
case("CosineMatrix", lambda x, y: torch.stack([F.cosine_similarity(x, row.unsqueeze(0)) for row in y], 1), x=n, y=m)
case("CosineMatrix/self", lambda x: torch.stack([F.cosine_similarity(x, row.unsqueeze(0)) for row in x], 1), x=n)
case("CosineSimilarity", lambda x, y: F.cosine_similarity(x, y, -1), x=n, y=draw(3, 4))
case("SquaredDistanceMatrix", lambda x, y: (x.unsqueeze(1) - y.unsqueeze(0)).pow(2).sum(-1), x=n, y=m)
case("DistanceMatrix", lambda x, y: (x.unsqueeze(1) - y.unsqueeze(0)).pow(2).sum(-1).sqrt(), x=n, y=m)
case("DistanceMatrix/self", lambda x: torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist"), x=n)
case(
    "PearsonCorrelation",
    lambda x, y: torch.stack([torch.corrcoef(torch.stack([p, q]))[0, 1] for p, q in zip(x, y)]),
    x=n,
    y=draw(3, 4),
)


def alignment(x, y):
    x, y = x - x.mean(0), y - y.mean(0)
    return (y.T @ x).pow(2).sum() / ((x.T @ x).norm() * (y.T @ y).norm())


case("LinearCka", alignment, x=draw(5, 3), y=draw(5, 2))
case(
    "CrossEntropy", lambda x, labels: F.cross_entropy(x, labels, ignore_index=-1), x=n, labels=torch.tensor([2, -1, 1])
)
case(
    "CrossEntropy/none",
    lambda x, labels: F.cross_entropy(x, labels, ignore_index=-1, reduction="sum"),
    x=n,
    labels=torch.tensor([-1, -1, -1]),
)
p, q = odds(3, 4), logodds(3, 4)
case("KlDivergence", lambda p, q: F.kl_div(q, p, reduction="batchmean"), p=p, q=q)
case("SoftCrossEntropy", lambda p, q: -(p * q).sum(-1).mean(), p=p, q=q)
case("Entropy", lambda p: -(p * p.log()).sum(-1).mean(), p=p)


def jensen(p, r):
    middle = ((p + r) / 2).log()
    return (F.kl_div(middle, p, reduction="batchmean") + F.kl_div(middle, r, reduction="batchmean")) / 2


case("JensenShannon", jensen, p=p, r=odds(3, 4))
case("BinaryCrossEntropy", lambda p, x: F.binary_cross_entropy_with_logits(x, p), p=odds(3, 4), x=n)
case("MeanSquaredError", lambda t, x: F.mse_loss(x, t), t=draw(3, 4), x=n)
case("MeanAbsoluteError", lambda t, x: F.l1_loss(x, t), t=draw(3, 4), x=n)
case("SmoothL1", lambda t, x: F.huber_loss(x, t), t=draw(3, 4), x=n)
case("CosineDistance", lambda t, x: (1 - F.cosine_similarity(x, t, -1)).mean(), t=draw(3, 4), x=n)
case("InfoNce", lambda x: F.cross_entropy(x, torch.arange(3)), x=draw(3, 3))
mask = torch.tensor([[True, True, False], [True, False, False]])
t, s, y3 = draw(2, 3, 4), draw(2, 3, 4), torch.tensor([[2, 0, 3], [1, 3, 0]])
case("SelectTokens", lambda x, mask: x[mask], x=s, mask=mask)
case("MaskedSoftmax", lambda x, mask: F.softmax(x.masked_fill(~mask, -torch.inf), -1), x=draw(2, 3), mask=mask)
case("MeanTokens", lambda x, mask: torch.stack([x[0, :2].mean(0), x[1, :1].mean(0)]), x=s, mask=mask)
case("MaskedMean", lambda x, mask: (x[0, 0] + x[0, 1] + x[1, 0]) / 3, x=draw(2, 3), mask=mask)
case(
    "TokenCrossEntropy",
    lambda x, labels, mask: F.cross_entropy(x.flatten(0, 1), labels.where(mask, torch.tensor(-100)).flatten()),
    x=s,
    labels=y3,
    mask=mask,
)
case(
    "TokenKlDivergence",
    lambda p, q, mask: (F.kl_div(q, p, reduction="none").sum(-1) * mask).sum() / 3,
    p=odds(2, 3, 4),
    q=logodds(2, 3, 4),
    mask=mask,
)
case("TokenMeanSquaredError", lambda t, x, mask: ((x - t).pow(2).mean(-1) * mask).sum() / 3, t=t, x=s, mask=mask)
case(
    "TokenCosineDistance",
    lambda t, x, mask: ((1 - F.cosine_similarity(x, t, -1)) * mask).sum() / 3,
    t=t,
    x=s,
    mask=mask,
)


# --- layers ----------------------------------------------------------------------------------------------------------
def layer(name, module, x, training=True, buffers=()):
    """The layer's parameters and buffers are inputs under their PyTorch names; buffers after the step are outputs."""
    module = module.double().train(training)
    state = {}
    for key, value in module.state_dict().items():
        if key == "num_batches_tracked":
            continue
        state[key] = draw(*value.shape, low=0.5) if key == "running_var" else draw(*value.shape)

    def forward(x, **given):
        module.load_state_dict({**module.state_dict(), **{k: v.detach() for k, v in given.items()}})
        for key, value in given.items():
            if key not in buffers:
                del module._parameters[key]
                setattr(module, key, value)
        y = module(x)
        return {"y": y, **{key: module._buffers[key].clone() for key in buffers}}

    case("layer " + name, forward, x=x, **state)


nn = torch.nn
running = ("running_mean", "running_var")
layer("Linear", nn.Linear(4, 2), draw(3, 4))
layer("Linear/unbiased", nn.Linear(4, 2, bias=False), draw(3, 4))
layer("Conv2d", nn.Conv2d(3, 4, 3, stride=2, padding=1), draw(2, 3, 5, 5))
layer("Conv2d/depthwise", nn.Conv2d(4, 4, 3, padding=1, groups=4, bias=False), draw(1, 4, 3, 3))
layer("BatchNorm1d/train", nn.BatchNorm1d(3), draw(5, 3), buffers=running)
layer("BatchNorm1d/eval", nn.BatchNorm1d(3), draw(5, 3), training=False, buffers=running)
layer("BatchNorm1d/sequence", nn.BatchNorm1d(3), draw(2, 3, 4), buffers=running)
layer("BatchNorm2d/train", nn.BatchNorm2d(3), draw(2, 3, 2, 2), buffers=running)
layer("BatchNorm2d/eval", nn.BatchNorm2d(3), draw(2, 3, 2, 2), training=False, buffers=running)
layer("LayerNorm", nn.LayerNorm(4), draw(2, 3, 4))
layer("GroupNorm", nn.GroupNorm(2, 4), draw(2, 4, 2, 2))
layer("Embedding", nn.Embedding(5, 3), rows)
layer("Embedding/padding", nn.Embedding(5, 3, padding_idx=3), rows)


# --- words that came later: behind the others, so that those keep their draws -----------------------------------------
def smoothed(x, labels, b):
    rows = []
    for row, label, weight in zip(F.log_softmax(x, -1), labels.tolist(), b):
        if label >= 0:
            target = (1 - weight) / (x.shape[1] - 1) * torch.ones_like(row)
            rows.append(-(torch.where(torch.arange(x.shape[1]) == label, weight, target) * row).sum())
    return torch.stack(rows).mean()


case("SmoothedCrossEntropy", smoothed, x=draw(3, 4), labels=torch.tensor([2, -1, 0]), b=draw(3, low=0.0, high=1.0))

# --- first numbers of fresh layers after manual_seed(7), in float32 as users make them --------------------------------
case(
    "ResizeBicubic",
    lambda x: F.interpolate(x, size=(2, 5), mode="bicubic", align_corners=False, antialias=True),
    x=draw(1, 2, 4, 3),
)

DRAWN = {}
for name, make in {
    "Linear": lambda: nn.Linear(20, 6),
    "Conv2d": lambda: nn.Conv2d(6, 4, 3, groups=2),
    "Embedding": lambda: nn.Embedding(6, 8, padding_idx=1),
}.items():
    torch.manual_seed(7)
    DRAWN[name] = {key: packed(value.flatten()[:24].double()) for key, value in make().state_dict().items()}

json.dump({"torch": torch.__version__, "cases": CASES, "drawn": DRAWN}, sys.stdout, separators=(",", ":"))
print()
