#!/usr/bin/python3
"""Golden values of the losses on attention maps, written as loops in PyTorch in float64.

    /usr/bin/python3 tools/golden/attentions.py > tests/Golden/attentions.json

Two examples of five tokens, the second with two tokens of padding. For every pair of head counts: the teacher's and
the student's attentions, and of each loss the value and the gradient with respect to the student's attentions.
"""
import json
import sys

import torch
import torch.nn.functional as F

TOKENS, LENGTHS, EPSILON = 5, (5, 3), 1e-8
generator = torch.Generator().manual_seed(11)


def attentions(heads):
    """Probabilities over the real keys; queries that are padding attend to real keys, too."""
    scores = torch.randn(len(LENGTHS), heads, TOKENS, TOKENS, generator=generator, dtype=torch.float64) * 2
    for b, length in enumerate(LENGTHS):
        scores[b, :, :, length:] = -torch.inf
    return (F.softmax(scores, -1) * 1e6).round() / 1e6


def weights(t, s, similarity, temperature):
    scores = torch.stack([torch.stack([similarity(one, other) for other in s]) for one in t])
    return F.softmax(scores / temperature, -1)


def cosine(x, y):
    return x @ y / (x.norm() * y.norm())


def sum_normalized(x, y):
    return (x / x.sum()) @ (y / y.sum())


def kl(p, q):
    return (p * ((p + EPSILON).log() - (q + EPSILON).log())).sum()


def aligned_kl(t, s, similarity=cosine, temperature=1.0):
    a = weights(t, s, similarity, temperature)
    total = 0
    for i in range(len(t)):
        mixture = sum(a[i, j] * s[j] / s[j].sum() for j in range(len(s)))
        total = total + kl(t[i] / t[i].sum(), mixture)
    return total


def aligned_squares(t, s):
    a = weights(t, s, cosine, 1.0)
    total = 0
    for i in range(len(t)):
        mixture = sum(a[i, j] * s[j] / s[j].norm() for j in range(len(s)))
        total = total + (t[i] / t[i].norm() - mixture).square().sum()
    return total


def flat(x):
    return x.flatten(1)


LOSSES = {
    "squaredError": lambda t, s: aligned_squares(flat(t), flat(s)),
    "kl": lambda t, s: aligned_kl(flat(t), flat(s)),
    "tokenKl": lambda t, s: sum(aligned_kl(t[:, q], s[:, q]) for q in range(t.shape[1])),
    "kl/sumNormalized": lambda t, s: aligned_kl(flat(t), flat(s), similarity=sum_normalized),
    "kl/0.2": lambda t, s: aligned_kl(flat(t), flat(s), temperature=0.2),
    "mean": lambda t, s: kl(flat(t).mean(0) / flat(t).mean(0).sum(), flat(s).mean(0) / flat(s).mean(0).sum()),
}


def case(teacher_heads, student_heads):
    t, s = attentions(teacher_heads), attentions(student_heads).requires_grad_()
    losses = {}
    for name, loss in LOSSES.items():
        value = sum(loss(t[b, :, :n, :n], s[b, :, :n, :n]) for b, n in enumerate(LENGTHS)) / len(LENGTHS)
        (gradient,) = torch.autograd.grad(value, s)
        losses[name] = {"value": value.item(), "gradient": [float(f"{g:.12g}") for g in gradient.flatten().tolist()]}
    return {
        "teacherHeads": teacher_heads, "studentHeads": student_heads, "teacher": t.flatten().tolist(),
        "student": s.detach().flatten().tolist(), "losses": losses,
    }


CASES = [case(t, s) for t, s in ((1, 1), (3, 2), (8, 5), (2, 5))]
json.dump({"torch": torch.__version__, "cases": CASES}, sys.stdout, separators=(",", ":"))
print()
