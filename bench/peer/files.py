"""Writes a state dict of about BYTES bytes, in both file formats: files.py FOLDER BYTES."""
import collections
import os
import sys

import torch

folder, size = sys.argv[1], int(sys.argv[2])
side = 2048
count = size // (4 * side * side)
state = collections.OrderedDict((f"layers.{i}.weight", torch.randn(side, side)) for i in range(count))
torch.save(state, os.path.join(folder, "zip.pth"))
torch.save(state, os.path.join(folder, "legacy.pth"), _use_new_zipfile_serialization=False)
