"""An encoder's training step and its forward in eager PyTorch: `bench/run encoder` compares Retort with them.

usage: encoder.py THREADS
Reads lines `step COUNT` or `forward COUNT` and prints the milliseconds of one.
"""
import math
import sys
import time
import torch
from torch import nn
import torch.nn.functional as F

VOCABULARY, WIDTH, HEADS, LAYERS, CLASSES, BATCH, TOKENS = 8000, 256, 4, 4, 10, 32, 64


class Layer(nn.Module):
    def __init__(self):
        super().__init__()
        self.query, self.key, self.value, self.output = (nn.Linear(WIDTH, WIDTH) for _ in range(4))
        self.norm1, self.norm2 = nn.LayerNorm(WIDTH, 1e-12), nn.LayerNorm(WIDTH, 1e-12)
        self.inner, self.outer = nn.Linear(WIDTH, 4 * WIDTH), nn.Linear(4 * WIDTH, WIDTH)
        self.dropout = nn.Dropout(0.1)

    def forward(self, x, mask):
        def split(y):
            return y.view(*y.shape[:2], HEADS, -1).transpose(1, 2)

        q, k, v = split(self.query(x)), split(self.key(x)), split(self.value(x))
        scores = q @ k.transpose(-1, -2) / math.sqrt(WIDTH / HEADS) + mask
        context = (self.dropout(scores.softmax(-1)) @ v).transpose(1, 2).flatten(2)
        x = self.norm1(x + self.dropout(self.output(context)))
        return self.norm2(x + self.dropout(self.outer(F.gelu(self.inner(x)))))


class Encoder(nn.Module):
    def __init__(self):
        super().__init__()
        self.words, self.positions = nn.Embedding(VOCABULARY, WIDTH), nn.Embedding(TOKENS, WIDTH)
        self.types, self.norm, self.dropout = nn.Embedding(2, WIDTH), nn.LayerNorm(WIDTH, 1e-12), nn.Dropout(0.1)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))
        self.pooler, self.classifier = nn.Linear(WIDTH, WIDTH), nn.Linear(WIDTH, CLASSES)

    def forward(self, ids, mask):
        x = self.words(ids) + self.positions(torch.arange(ids.shape[1])) + self.types(torch.zeros_like(ids))
        x = self.dropout(self.norm(x))
        additive = (1 - mask[:, None, None, :].float()) * torch.finfo(torch.float32).min
        for layer in self.layers:
            x = layer(x, additive)
        return self.classifier(self.dropout(torch.tanh(self.pooler(x[:, 0]))))


torch.set_num_threads(int(sys.argv[1]))
torch.manual_seed(1)
network = Encoder()
ids, mask = torch.randint(0, VOCABULARY, (BATCH, TOKENS)), torch.ones(BATCH, TOKENS, dtype=torch.long)
labels = torch.randint(0, CLASSES, (BATCH,))
optimizer = torch.optim.AdamW(network.parameters(), lr=1e-4, weight_decay=0.01)


def step():
    network.train()
    optimizer.zero_grad(set_to_none=True)
    loss = F.cross_entropy(network(ids, mask), labels)
    loss.backward()
    optimizer.step()
    return loss.item()


def forward():
    network.eval()
    with torch.no_grad():
        return network(ids, mask).sum().item()


for line in sys.stdin:
    what, count = line.split()
    start = time.perf_counter()
    for _ in range(int(count)):
        step() if what == "step" else forward()
    print(1000 * (time.perf_counter() - start) / int(count), flush=True)
