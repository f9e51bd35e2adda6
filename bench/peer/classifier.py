"""The classifier of studies in plain PyTorch: same network, first weights, optimiser, schedule, augmentation and stopping.

python3 classifier.py FOLDER SEED reads what bench/classifier.mjs writes and prints one line of JSON.
"""

import json
import os
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from augmentation import augment, draw

SLOPE = 0.2
EPSILON = 1e-6

folder, seed = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(1)
torch.manual_seed(seed)
with open(os.path.join(folder, "case.json")) as file:
    case = json.load(file)
recipe = case["recipe"]
channels, size, classes = case["channels"], case["resolution"], case["classes"]
pixels = np.fromfile(os.path.join(folder, "images.u8"), np.uint8).reshape(-1, channels, size, size)
labels = np.array(case["labels"])
parts = {name: np.array(case[name]) for name in ("train", "validation", "test")}


def images(indices):
    return torch.from_numpy(pixels[indices]).float() / 127.5 - 1


def auc(scores, truth):
    """Mean one-vs-rest AUC over the classes that are there, ties counting one half."""
    found = []
    for k in np.unique(truth):
        own, rest = np.sort(scores[truth == k, k]), np.sort(scores[truth != k, k])
        below = np.searchsorted(rest, own, "left") + np.searchsorted(rest, own, "right")
        found.append(below.sum() / (2 * len(own) * len(rest)))
    return float(np.mean(found))


def balanced_accuracy(scores, truth):
    assigned = scores.argmax(1)
    return float(np.mean([(assigned[truth == k] == k).mean() for k in np.unique(truth)]))


weights = {p["name"]: p["deviation"] * torch.randn(p["shape"]) for p in case["parameters"]}
standard = images(parts["train"]).double()
weights["image.mean"] = standard.mean((0, 2, 3)).float()
weights["image.logDeviation"] = standard.std((0, 2, 3), unbiased=False).log().float()
del standard
learned = [p for p in case["parameters"] if p["rate"] > 0]
for p in learned:
    weights[p["name"]].requires_grad_(True)
optimiser = torch.optim.Adam(
    [{"params": [weights[p["name"]]], "factor": p["rate"]} for p in learned],
    betas=(recipe["adam"]["beta1"], recipe["adam"]["beta2"]),
    eps=recipe["adam"]["epsilon"],
)


def conv(w, name, x):
    kernel = w[name + ".weight"]
    return F.conv2d(x, kernel, w.get(name + ".bias"), padding=kernel.shape[2] // 2)


def features(w, x):
    """[N, C, S, S] in [-1, 1] => [N, F]."""
    scale = torch.exp(-w["image.logDeviation"])
    x = conv(w, "image", (x - w["image.mean"].view(1, -1, 1, 1)) * scale.view(1, -1, 1, 1))
    widths = case["widths"]
    for stage in range(len(widths)):
        for block in range(case["blocks"]):
            name = f"stage{stage}.block{block}"
            inner = conv(w, name + ".first", F.leaky_relu(x, SLOPE))
            x = x + conv(w, name + ".second", F.leaky_relu(inner, SLOPE))
        if stage + 1 < len(widths):
            x = F.avg_pool2d(x, 2)
            if widths[stage] != widths[stage + 1]:
                x = conv(w, f"stage{stage}.shortcut", x)
    return F.leaky_relu(x, SLOPE).mean((2, 3))


def head(w, x, mean, variance):
    return F.linear((x - mean) / torch.sqrt(variance + EPSILON), w["head.weight"], w["head.bias"])


@torch.no_grad()
def read(w, statistics, indices, views):
    """Mean probabilities over the first so many quarter turns."""
    out = 0
    for view in range(views):
        turned = [torch.rot90(images(i), view, (2, 3)) for i in np.array_split(indices, -(-len(indices) // 64))]
        logits = torch.cat([head(w, features(w, x), *statistics) for x in turned])
        out = out + F.softmax(logits, 1) / views
    return out.numpy()


random = np.random.default_rng(seed)
groups = [parts["train"][labels[parts["train"]] == k] for k in np.unique(labels[parts["train"]])]
batch, strength = recipe["batch"], recipe["augment"]["standard"]
steps = max(1, -(-len(parts["train"]) // batch))
average = {name: value.detach().clone() for name, value in weights.items()}
statistics = None
best = None
validation = []
started = time.process_time()
for epoch in range(case["epochs"]):
    for step in range(steps):
        t = epoch * steps + step
        chosen = np.array([random.choice(groups[g]) for g in random.integers(len(groups), size=batch)])
        matrices = draw(batch, channels, size, strength["chance"], strength["options"])
        x = features(weights, augment(images(chosen), matrices))
        mean, variance = x.mean(0), x.var(0, unbiased=False)
        loss = F.cross_entropy(head(weights, x, mean, variance), torch.from_numpy(labels[chosen]))
        rate = recipe["rate"] * min(1, (t + 1) / recipe["warmUp"])
        rate *= 0.5 * (1 + np.cos(np.pi * t / (case["epochs"] * steps)))
        for group in optimiser.param_groups:
            group["lr"] = rate * group["factor"]
        optimiser.zero_grad()
        loss.backward()
        optimiser.step()
        decay = min(recipe["decay"], t / (t + 10))
        with torch.no_grad():
            new = (mean.detach(), variance.detach())
            if statistics is None:
                statistics = [value.clone() for value in new]
            for old, value in [*zip(statistics, new), *((average[n], weights[n]) for n in weights)]:
                old.add_(value - old, alpha=1 - decay)
    held = parts["validation"]
    validation.append(auc(read(average, statistics, held, 1), labels[held]))
    if best is None or validation[-1] > validation[best[0]]:
        kept = {name: value.clone() for name, value in average.items()}
        best = (epoch, kept, [value.clone() for value in statistics])
seconds = time.process_time() - started
scores = read(best[1], best[2], parts["test"], case["views"])
truth = labels[parts["test"]]
print(
    json.dumps(
        {
            "auc": auc(scores, truth),
            "balancedAccuracy": balanced_accuracy(scores, truth),
            "seconds": seconds,
            "best": best[0],
            "validation": validation,
        }
    )
)
