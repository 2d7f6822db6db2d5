"""A whole KD run on MNIST as a PyTorch user writes it: a given teacher, 5 epochs over the first 50,000 images,
validation on the other 10,000 after each.

usage: mnist_run.py FOLDER TEACHER THREADS WORKERS
FOLDER has the four IDX files (.gz), TEACHER is a flat float32 file of LeNet's parameters in order.
"""
import gzip
import os
import sys
import time
import numpy
import torch
from torch.utils.data import DataLoader, TensorDataset
from networks import LeNet, kd_loss

folder, teacher_file, threads, workers = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
torch.set_num_threads(threads)
torch.manual_seed(1)


def read(name, offset):
    with gzip.open(os.path.join(folder, name + ".gz")) as file:
        return torch.from_numpy(numpy.frombuffer(file.read(), numpy.uint8, offset=offset).copy())


pixels = (read("train-images-idx3-ubyte", 16).view(-1, 1, 28, 28).float() / 255 - 0.1307) / 0.3081
labels = read("train-labels-idx1-ubyte", 8).long()
training_set = TensorDataset(pixels[:50000], labels[:50000])
validation_set = TensorDataset(pixels[50000:], labels[50000:])
train = DataLoader(training_set, batch_size=64, shuffle=True, num_workers=workers, drop_last=True)
validation = DataLoader(validation_set, batch_size=256, num_workers=workers)
teacher, student = LeNet().eval(), LeNet()
flat = torch.from_numpy(numpy.fromfile(teacher_file, numpy.float32))
torch.nn.utils.vector_to_parameters(flat, teacher.parameters())
optimizer = torch.optim.SGD(student.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4)
schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 5 * len(train))
start = time.perf_counter()
for epoch in range(5):
    student.train()
    for x, y in train:
        optimizer.zero_grad(set_to_none=True)
        with torch.no_grad():
            teacher_logits = teacher(x)
        loss = kd_loss(student(x), teacher_logits, y)
        loss.backward()
        optimizer.step()
        schedule.step()
    student.eval()
    with torch.no_grad():
        correct = sum((student(x).argmax(1) == y).sum().item() for x, y in validation)
    print(f"epoch {epoch + 1} accuracy {correct / 10000:.4f} after {time.perf_counter() - start:.1f} s", flush=True)
