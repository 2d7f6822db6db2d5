"""One KD step in eager PyTorch, timed in rounds: `bench/run steps` compares Retort with it.

usage: steps.py NETWORK THREADS [channels-last] [bfloat16]
Reads a number of steps per line and prints the milliseconds per step. For `memory` it prints the peak of resident
bytes over the first three steps, minus those before them.
"""
import sys
import time
import torch
from networks import kd_loss, make

name, threads, flags = sys.argv[1], int(sys.argv[2]), sys.argv[3:]
torch.set_num_threads(threads)
torch.manual_seed(1)
last, half = "channels-last" in flags, "bfloat16" in flags
student, shape = make(name)
teacher, _ = make(name)
x, y = torch.randn(64, *shape), torch.randint(0, 10, (64,))
if last:
    student, teacher = student.to(memory_format=torch.channels_last), teacher.to(memory_format=torch.channels_last)
    x = x.to(memory_format=torch.channels_last)
teacher.eval()
student.train()
optimizer = torch.optim.SGD(student.parameters(), lr=0.01, momentum=0.9, weight_decay=5e-4, nesterov=True)


def step():
    optimizer.zero_grad(set_to_none=True)
    with torch.autocast("cpu", dtype=torch.bfloat16, enabled=half):
        with torch.no_grad():
            teacher_logits = teacher(x)
        student_logits = student(x)
    loss = kd_loss(student_logits.float(), teacher_logits.float(), y)
    loss.backward()
    optimizer.step()
    return loss.item()


def resident(key):
    with open("/proc/self/status") as status:
        return next(int(line.split()[1]) * 1024 for line in status if line.startswith(key))


for line in sys.stdin:
    if line.strip() == "memory":
        before = resident("VmRSS")
        with open("/proc/self/clear_refs", "w") as refs:
            refs.write("5")
        for _ in range(3):
            step()
        print(resident("VmHWM") - before, flush=True)
        continue
    count = int(line)
    start = time.perf_counter()
    for _ in range(count):
        step()
    print(1000 * (time.perf_counter() - start) / count, flush=True)
