"""One training step of a family in eager PyTorch in float64, from the files of a folder: see bench/family-steps.mjs."""

import importlib
import json
import os
import sys

import numpy
import torch

from step import Step
from training import flat


def main(folder, threads):
    torch.set_num_threads(threads)

    def read(name):
        return torch.from_numpy(numpy.fromfile(os.path.join(folder, f"{name}.f32"), dtype="float32")).double()

    def write(name, tensor):
        tensor.detach().float().contiguous().numpy().tofile(os.path.join(folder, f"peer.{name}.f32"))

    with open(os.path.join(folder, "case.json")) as file:
        case = json.load(file)
    step = Step(case, lambda state: read(f"check.{state}"))
    step.feeds = {name: read(f"feed.{name}").view(shape) for name, shape in case["shapes"].items()}
    step.outputs = case["outputs"]
    for name, tensor in importlib.import_module(f"{case['model']}_step").run(step).items():
        write(name, tensor)
    for name, tensors in step.state().items():
        write(f"next.{name}", flat(tensors))


main(sys.argv[1], int(sys.argv[2]))
