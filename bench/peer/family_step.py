"""One training step of a family in eager PyTorch, from the files of a folder: see bench/family-steps.mjs."""

import importlib
import json
import os
import sys

import numpy
import torch

from training import STATES, Network, flat


class Step:
    """Both networks, the average and the inputs of a step; the family's module says what the step does."""

    def __init__(self, case, read):
        def network(name, state, second):
            return Network(case["layouts"][name], read(f"check.{state}"), read(f"check.{second}"), torch.contiguous_format)

        self.a, self.recipe = case["architecture"], case["recipe"]
        # Names of what the step of this kind hands out.
        self.outputs = case["outputs"]
        self.g = network("generator", "generator", "generatorSecond")
        self.d = network("discriminator", "discriminator", "discriminatorSecond")
        self.first = {}
        if "beta1" in self.recipe:
            for name, net in (("generator", self.g), ("discriminator", self.d)):
                self.first[net] = network(name, f"{name}First", f"{name}First").list
        self.average = network("generator", "average", "generatorSecond")
        # Names of weights whose moments Adam corrects by updates of their own: of the newest layers while they are faded in.
        self.is_new = lambda name: False
        self.feeds = {name: read(f"feed.{name}").view(shape) for name, shape in case["shapes"].items()}

    def update(self, network, loss, rate):
        """Adam on what the loss depends on; what it does not has a gradient of zero."""
        gradients = torch.autograd.grad(loss, network.list, allow_unused=True)
        given = [torch.zeros_like(w) if g is None else g for w, g in zip(network.list, gradients)]
        rate, correction = self.feeds[rate].item(), self.feeds["correction"].item()
        beta2, epsilon = self.recipe["beta2"], self.recipe["epsilon"]
        with torch.no_grad():
            if network not in self.first:
                parts = zip(network.weights.items(), given, network.second, network.factors)
                for (name, w), gradient, second, factor in parts:
                    own = self.feeds["newest.correction"].item() if self.is_new(name) else correction
                    second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
                    w.sub_(rate * factor * gradient / ((second * own).sqrt() + epsilon))
                return
            beta1, first_correction = self.recipe["beta1"], self.feeds["firstCorrection"].item()
            moments = zip(network.list, given, self.first[network], network.second, network.factors)
            for w, gradient, first, second, factor in moments:
                first.mul_(beta1).add_(gradient, alpha=1 - beta1)
                second.mul_(beta2).addcmul_(gradient, gradient, value=1 - beta2)
                w.sub_(rate * factor * first * first_correction / ((second * correction).sqrt() + epsilon))

    def held(self, network):
        return {name: w.detach() for name, w in network.weights.items()}

    def move_average(self):
        with torch.no_grad():
            decay = self.feeds["decay"].item()
            for mean, now in zip(self.average.list, self.g.list):
                mean.mul_(decay).add_(now, alpha=1 - decay)

    def state(self):
        kept = [self.g.list, self.g.second, self.average.list, self.d.list, self.d.second]
        firsts = {"generatorFirst": self.first.get(self.g), "discriminatorFirst": self.first.get(self.d)}
        return {**dict(zip(STATES, kept)), **{name: list for name, list in firsts.items() if list is not None}}


def main(folder, threads):
    torch.set_num_threads(threads)

    def read(name):
        return torch.from_numpy(numpy.fromfile(os.path.join(folder, f"{name}.f32"), dtype="float32")).double()

    def write(name, tensor):
        tensor.detach().float().contiguous().numpy().tofile(os.path.join(folder, f"peer.{name}.f32"))

    with open(os.path.join(folder, "case.json")) as file:
        case = json.load(file)
    step = Step(case, read)
    for name, tensor in importlib.import_module(f"{case['model']}_step").run(step).items():
        write(name, tensor)
    for name, tensors in step.state().items():
        write(f"next.{name}", flat(tensors))


main(sys.argv[1], int(sys.argv[2]))
