"""The peer's side of the benchmarks: one JSON request a line in, one JSON reply a line out. See docs/benchmarks.md."""

import json
import os
import shutil
import sys
import time

THREADS = 2


def linked_libraries():
    with open("/proc/self/maps") as maps:
        return {os.path.basename(line.split()[-1]) for line in maps if ".so" in line}


def describe(_):
    import numpy
    import scipy.linalg
    import torch

    return {
        "python": sys.version.split()[0],
        "torch": torch.__version__,
        "numpy": numpy.__version__,
        "scipy": scipy.__version__,
        # torch.compile writes C++.
        "compiles": hasattr(torch, "compile") and any(shutil.which(name) for name in ("g++", "clang++")),
        "vectors": torch.backends.cpu.get_cpu_capability() if hasattr(torch.backends, "cpu") else "unknown",
        "openblas": any("openblas" in name for name in linked_libraries()),
    }


class TorchSide:
    """Training and generation of one case, whose files lie in a folder."""

    def __init__(self, folder):
        import torch

        torch.set_num_threads(THREADS)
        torch.manual_seed(0)
        self.torch = torch
        self.folder = folder
        with open(os.path.join(folder, "case.json")) as file:
            self.case = json.load(file)
        self.training = None
        self.store = None

    def read(self, name, dtype="float32"):
        import numpy

        return self.torch.from_numpy(numpy.fromfile(os.path.join(self.folder, name), dtype=dtype))

    def initial(self, prefix):
        from training import STATES

        return {name: self.read(f"{prefix}.{name}.f32") for name in STATES}

    def images(self):
        a = self.case["architecture"]
        shape = (-1, a["channels"], a["resolution"], a["resolution"])
        return {"images": self.read("store.images.u8", "uint8").view(shape), "labels": self.read("store.labels.u8", "uint8").long()}

    def check(self, request):
        """One step from given numbers; writes the next state and what was seen."""
        from training import Training

        a, batch = self.case["architecture"], self.case["recipe"]["batch"]
        size, channels, n = a["resolution"], a["channels"], 2 * batch
        shapes = {
            "rows": (n, 1, size, size),
            "columns": (n, 1, size, size),
            "swap": (n, 1, 1, 1),
            "colour": (n, channels, channels),
            "offset": (n, channels, 1),
        }
        training = Training(self.case, self.initial("check"), request["form"])
        seen = training.advance(
            self.read("check.real.f32").view(batch, channels, size, size),
            self.read("check.labels.f32").view(batch, -1),
            self.read("check.z.f32").view(batch, -1),
            {name: self.read(f"check.augment.{name}.f32").view(shape) for name, shape in shapes.items()},
            self.case["scalars"],
            request["withPenalty"],
        )
        results = {**{f"next.{name}": t for name, t in training.state().items()}, **seen}
        for name, tensor in results.items():
            tensor.contiguous().numpy().tofile(os.path.join(self.folder, f"{request['prefix']}.{name}.f32"))
        return {"names": list(results)}

    def train(self, request):
        from training import Training

        self.training = Training(self.case, self.initial("initial"), request["form"])
        self.store = self.images()
        return {}

    def intervals(self, request):
        return self.training.intervals(request["count"], self.store)

    def generation(self, request):
        from networks import generate
        from training import Network

        torch, a, n = self.torch, self.case["architecture"], request["batch"]
        weights = self.initial("initial")["generator"]
        network = Network(self.case["layouts"]["generator"], weights, weights, torch.contiguous_format).weights
        weights = {name: w.detach() for name, w in network.items()}
        z = self.read("generation.z.f32").view(-1, a["latent"])
        classes = self.read("generation.classes.u8", "uint8").long()

        draw_images = torch.compile(generate) if request.get("compiled") else generate

        def draw(start):
            labels = torch.nn.functional.one_hot(classes[start : start + n], a["classes"]).float()
            images = draw_images(a, weights, z[start : start + n], labels)
            return images.clamp_(-1, 1).add_(1).mul_(127.5).round_().to(torch.uint8).numpy()

        self.draw = draw
        return {}

    def images_of(self, request):
        with self.torch.inference_mode():
            self.draw(0).tofile(os.path.join(self.folder, request["name"]))
        return {}

    def generate(self, request):
        n, count = request["batch"], request["images"]
        start = time.perf_counter()
        with self.torch.inference_mode():
            for first in range(0, count, n):
                self.draw(first)
        return {"seconds": time.perf_counter() - start}


def main():
    side = None
    for line in sys.stdin:
        request = json.loads(line)
        what = request.pop("do")
        if what == "describe":
            reply = describe(request)
        elif what == "open":
            side, reply = TorchSide(request["folder"]), {}
        elif what == "openFamily":
            from family_side import FamilySide

            side, reply = FamilySide(request["folder"], THREADS), {}
        elif what == "openMetrics":
            from metrics import Metrics

            side, reply = Metrics(request["path"], request["rows"], request["columns"]), {}
        elif what == "metric":
            reply = side.run(request["metric"])
        elif what in ("check", "train", "intervals", "generation", "images_of", "generate", "cycles"):
            reply = getattr(side, what)(request)
        else:
            raise ValueError(f"unknown request {what}")
        print(json.dumps(reply), flush=True)


main()
