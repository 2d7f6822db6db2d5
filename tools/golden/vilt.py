#!/usr/bin/env python3
"""Golden numbers of the vision-and-language transformer: keys, and a forward pass on texts with padding and images.

    /usr/bin/python3 tools/golden/vilt.py

writes tests/Golden/vilt.json. The network is written from the paper (Kim, Son and Kim 2021, arXiv:2102.03334) in plain
torch.nn, with the keys of Hugging Face's ViltForQuestionAnswering. Weights and inputs come from the formula of
models.py.
"""
import json
import pathlib

import torch
from torch import nn
from torch.nn import functional as F

from models import digits, fill, measured, noise

TARGET = pathlib.Path(__file__).parents[2] / "tests/Golden/vilt.json"
SIZE, HEADS, LAYERS, PATCH, VOCABULARY, POSITIONS, CLASSES = 24, 3, 2, 4, 30, 9, 5
SHAPE = (3, 8, 12)


def module(**parts):
    made = nn.Module()
    for name, part in parts.items():
        setattr(made, name, part)
    return made


def norm(size=SIZE):
    return nn.LayerNorm(size, eps=1e-12)


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        names = ("query", "key", "value")
        self.attention = module(
            attention=module(**{name: nn.Linear(SIZE, SIZE) for name in names}),
            output=module(dense=nn.Linear(SIZE, SIZE)),
        )
        self.intermediate = module(dense=nn.Linear(SIZE, 4 * SIZE))
        self.output = module(dense=nn.Linear(4 * SIZE, SIZE))
        self.layernorm_before, self.layernorm_after = norm(), norm()

    def forward(self, x, mask):
        b, t, d = x.shape
        own, y = self.attention.attention, self.layernorm_before(x)
        q, k, v = (part(y).reshape(b, t, HEADS, d // HEADS).transpose(1, 2) for part in (own.query, own.key, own.value))
        scores = q @ k.transpose(-2, -1) / (d // HEADS) ** 0.5
        weights = scores.masked_fill(~mask[:, None, None, :], -torch.inf).softmax(-1)
        x = x + self.attention.output.dense((weights @ v).transpose(1, 2).reshape(b, t, d))
        return x + self.output.dense(F.gelu(self.intermediate.dense(self.layernorm_after(x)))), weights


class Vilt(nn.Module):
    def __init__(self):
        super().__init__()
        patches = SHAPE[1] // PATCH * (SHAPE[2] // PATCH)
        self.vilt = module(
            embeddings=module(
                cls_token=nn.Parameter(torch.zeros(1, 1, SIZE)),
                position_embeddings=nn.Parameter(torch.zeros(1, patches + 1, SIZE)),
                text_embeddings=module(
                    word_embeddings=nn.Embedding(VOCABULARY, SIZE),
                    position_embeddings=nn.Embedding(POSITIONS, SIZE),
                    token_type_embeddings=nn.Embedding(2, SIZE),
                    LayerNorm=norm(),
                ),
                patch_embeddings=module(projection=nn.Conv2d(SHAPE[0], SIZE, PATCH, PATCH)),
                token_type_embeddings=nn.Embedding(2, SIZE),
            ),
            encoder=module(layer=nn.ModuleList(Layer() for _ in range(LAYERS))),
            layernorm=norm(),
            pooler=module(dense=nn.Linear(SIZE, SIZE)),
        )
        self.classifier = nn.Sequential(
            nn.Linear(SIZE, 2 * SIZE), nn.LayerNorm(2 * SIZE), nn.GELU(), nn.Linear(2 * SIZE, CLASSES)
        )

    def forward(self, ids, types, mask, pixels):
        own = self.vilt.embeddings
        text = own.text_embeddings
        words = text.word_embeddings(ids) + text.token_type_embeddings(types)
        words = text.LayerNorm(words + text.position_embeddings.weight[: ids.shape[1]])
        image = own.patch_embeddings.projection(pixels).flatten(2).transpose(1, 2)
        image = torch.cat([own.cls_token.expand(len(image), -1, -1), image], 1) + own.position_embeddings
        kind = own.token_type_embeddings.weight
        x = torch.cat([words + kind[0], image + kind[1]], 1)
        full = torch.cat([mask.bool(), torch.ones(image.shape[:2], dtype=torch.bool)], 1)
        hidden, attentions = [x], []
        for layer in self.vilt.encoder.layer:
            x, weights = layer(x, full)
            hidden.append(x)
            attentions.append(weights)
        pooled = self.vilt.pooler.dense(self.vilt.layernorm(x)[:, 0]).tanh()
        embedding = self.classifier[:3](pooled)
        return hidden, attentions, embedding, self.classifier[3](embedding), full


def main():
    network = Vilt().eval()
    fill(network)
    network.double()
    lengths, longest = [6, 3], 6
    ids = ((noise(1000, (2, longest)) + 1) / 2 * VOCABULARY).long()
    mask = torch.tensor([[int(t < length) for t in range(longest)] for length in lengths])
    types = torch.tensor([[int(t > 2) for t in range(longest)] for _ in lengths])
    pixels = noise(1001, (2, *SHAPE)).double()
    with torch.no_grad():
        hidden, attentions, embedding, logits, full = network(ids, types, mask, pixels)
    real = full[:, :, None].double()
    pairs = (full[:, :, None] & full[:, None, :])[:, None].double()
    golden = dict(
        keys=[" ".join([key, *map(str, value.shape)]) for key, value in network.state_dict().items()],
        ids=ids.tolist(),
        mask=mask.tolist(),
        types=types.tolist(),
        logits=[[digits(value) for value in row] for row in logits.tolist()],
        embedding=measured(embedding),
        hidden=[measured(state * real) for state in hidden],
        attentions=[measured(maps * pairs) for maps in attentions],
    )
    TARGET.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
