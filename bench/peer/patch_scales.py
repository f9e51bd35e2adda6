"""The discriminators of several scales (src/model/patch-scales.ts) in PyTorch."""

import torch
import torch.nn.functional as F

from networks import SLOPE


def score(a, w, seen, kernel_of):
    """Logits and features of each scale; kernel_of(layer) is the kernel that a layer convolves with."""
    names = [f"conv{i}" for i in range(len(a["discriminatorWidths"]))] + ["logit"]
    scores = []
    for scale in range(a["discriminatorScales"]):
        if scale > 0:
            seen = F.avg_pool2d(seen, 2)
        x, features = seen, []
        for i, part in enumerate(names):
            layer = f"scale{scale}.{part}"
            stride = 2 if i < len(names) - 2 else 1
            x = F.conv2d(x, kernel_of(layer), w.get(layer + ".bias"), stride=stride, padding=1)
            if part != "logit":
                x = F.leaky_relu(x if i == 0 else F.instance_norm(x), SLOPE)
                features.append(x)
        scores.append((x, features))
    return scores


def image_logits(scores):
    return torch.stack([logits.mean((1, 2, 3)) for logits, _ in scores]).mean(0)


def matching(scored, wanted):
    """Mean absolute difference of the features, summed over layers and scales."""
    return sum(F.l1_loss(x, y) for (_, xs), (_, ys) in zip(scored, wanted) for x, y in zip(xs, ys))
