"""Training of one family in eager PyTorch, its case in the files of a folder: see bench/families.mjs."""

import importlib
import json
import os
import time

import numpy
import torch

from step import Step
from training import flat


class FamilySide:
    def __init__(self, folder, threads):
        torch.set_num_threads(threads)
        self.folder = folder
        with open(os.path.join(folder, "case.json")) as file:
            self.case = json.load(file)
        self.run = importlib.import_module(f"{self.case['model']}_step").run
        self.step = None

    def read(self, name):
        return torch.from_numpy(numpy.fromfile(os.path.join(self.folder, f"{name}.f32"), dtype="float32"))

    def prepare(self, state, form, scalars):
        """Networks from a state, and the inputs of each kind of step with these scalars."""
        self.step = Step(self.case, lambda name: self.read(f"{state}.{name}"), form)
        self.kinds = []
        for index, kind in enumerate(self.case["kinds"]):
            given = {name: self.read(f"feed.{index}.{name}").view(shape) for name, shape in kind["shapes"].items()}
            numbers = {name: torch.tensor(float(value)) for name, value in kind[scalars].items()}
            self.kinds.append(({**given, **numbers}, kind["outputs"]))

    def advance(self, kind):
        self.step.feeds, self.step.outputs = self.kinds[kind]
        return self.run(self.step)

    def check(self, request):
        """One step of a kind from given numbers; writes the next state and what was seen."""
        self.prepare("check", request["form"], "checkScalars")
        seen = self.advance(request["kind"])
        results = {**{f"next.{name}": flat(tensors) for name, tensors in self.step.state().items()}, **seen}
        for name, tensor in results.items():
            tensor.detach().contiguous().numpy().tofile(os.path.join(self.folder, f"peer.{name}.f32"))
        return {"names": list(results)}

    def train(self, request):
        self.prepare("initial", request["form"], "scalars")
        return {}

    def cycles(self, request):
        """Seconds of whole cycles of the kinds of step; what the loop watches is read out each step."""
        start = time.perf_counter()
        for _ in range(request["count"]):
            for kind in self.case["cycle"]:
                last = {name: value.detach().mean().item() for name, value in self.advance(kind).items()}
        return {"seconds": time.perf_counter() - start, "last": last}
