"""Training of one case in eager PyTorch on a GPU: the steps of training.py. One JSON request a line in, one reply a line out."""

import json
import os
import sys

import numpy
import torch

torch.set_default_device("cuda")
folder, batch = sys.argv[1], int(sys.argv[2])
# Both sides compute convolutions in float32; PyTorch's default rounds them to TF32.
torch.backends.cudnn.allow_tf32 = sys.argv[3] == "tf32"
torch.backends.cudnn.benchmark = True
torch.manual_seed(0)

from training import STATES, Training  # noqa: E402, after the device is set: the module makes constants on it

with open(os.path.join(folder, "case.json")) as file:
    case = json.load(file)
case["recipe"]["batch"] = batch


def read(name, dtype="float32"):
    return torch.from_numpy(numpy.fromfile(os.path.join(folder, name), dtype=dtype)).to("cuda")


a = case["architecture"]
state = {name: read(f"initial.{name}.f32") for name in STATES}
training = Training(case, state, {"passes": "joined", "memory": "contiguous"})
shape = (-1, a["channels"], a["resolution"], a["resolution"])
store = {"images": read("store.images.u8", "uint8").view(shape), "labels": read("store.labels.u8", "uint8").long()}
print(json.dumps({"torch": torch.__version__, "device": torch.cuda.get_device_name()}), flush=True)
for line in sys.stdin:
    print(json.dumps(training.intervals(json.loads(line)["count"], store)), flush=True)
