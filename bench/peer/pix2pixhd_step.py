"""The step of src/train/pix2pixhd in PyTorch."""

import torch
import torch.nn.functional as F

import patch_scales
from networks import conv


def outlined(maps):
    """Maps with their boundaries: pixels whose condition is not that of all four neighbours."""
    condition = maps[:, 1:]
    around = F.pad(condition, (1, 1, 1, 1), mode="replicate")
    neighbours = [around[..., 1:-1, :-2], around[..., 1:-1, 2:], around[..., :-2, 1:-1], around[..., 2:, 1:-1]]
    differs = torch.stack([(x != condition).any(1, keepdim=True) for x in neighbours]).any(0)
    return torch.cat([maps, differs.to(maps)], 1)


def normalised(x):
    return F.relu(F.instance_norm(x))


def residual(w, name, count, x):
    for block in range(count):
        inner = normalised(conv(w, f"{name}{block}.first", x))
        x = x + F.instance_norm(conv(w, f"{name}{block}.second", inner))
    return x


def halved(w, name, x):
    return normalised(F.conv2d(x, w[name + ".weight"], stride=2, padding=1))


def doubled(w, name, x):
    return normalised(conv(w, name, F.interpolate(x, scale_factor=2, mode="nearest")))


def translate(a, w, maps):
    whole = outlined(maps)
    last = len(a["generatorWidths"]) - 1
    coarse = F.relu(conv(w, "coarse.map", F.avg_pool2d(whole, 2)))
    for i in range(2, last + 1):
        coarse = halved(w, f"coarse.down{i}", coarse)
    coarse = residual(w, "coarse.block", a["coarseBlocks"], coarse)
    for i in range(last, 1, -1):
        coarse = doubled(w, f"coarse.up{i}", coarse)
    fine = halved(w, "fine.down", F.relu(conv(w, "fine.map", whole)))
    x = doubled(w, "fine.up", residual(w, "fine.block", a["fineBlocks"], coarse + fine))
    return torch.tanh(conv(w, "image", torch.cat([x, whole], 1)))


def score(a, w, maps, images):
    return patch_scales.score(a, w, torch.cat([outlined(maps), images], 1), lambda layer: w[layer + ".weight"])


def run(step):
    a, feeds, recipe = step.a, step.feeds, step.recipe
    real, maps = feeds["real"], feeds["maps"]
    images = translate(a, step.g.weights, maps)
    of_real, of_fake = score(a, step.d.weights, maps, real), score(a, step.d.weights, maps, images.detach())
    loss_d = (sum((x - 1).square().mean() for x, _ in of_real) + sum(x.square().mean() for x, _ in of_fake)) / 2
    step.update(step.d, loss_d, "discriminatorRate")
    held = step.held(step.d)
    scored, wanted = score(a, held, maps, images), score(a, held, maps, real)
    gan = sum((x - 1).square().mean() for x, _ in scored)
    matching = patch_scales.matching(scored, wanted)
    loss_g = gan + recipe["featureMatchingWeight"] * matching
    step.update(step.g, loss_g, "generatorRate")
    step.move_average()
    return {
        "logits": torch.cat([patch_scales.image_logits(x) for x in (of_real, of_fake)]),
        "fakeSpread": images.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
        "gan": gan,
        "featureMatching": matching,
    }
