"""The step of src/train/spade in PyTorch."""

import torch
import torch.nn.functional as F

import patch_scales
from networks import SEED_RESOLUTION, SLOPE, conv, linear

SINGULAR = ".singular"


def adaptive_norm(w, name, x, maps):
    modulation = conv(w, name + ".modulation", F.relu(conv(w, name + ".map", maps)))
    scale, shift = modulation.chunk(2, 1)
    return F.instance_norm(x) * (1 + scale) + shift


def block(w, name, x, maps):
    def layer(norm, convolution, x):
        return conv(w, f"{name}.{convolution}", F.relu(adaptive_norm(w, f"{name}.{norm}", x, maps)))

    changed = layer("secondNorm", "second", layer("firstNorm", "first", x))
    if f"{name}.skip.weight" not in w:
        return x + changed
    return conv(w, name + ".skip", adaptive_norm(w, name + ".skipNorm", x, maps)) + changed


def paint(a, w, maps, code):
    widths = a["generatorWidths"]
    x = linear(w, "code", code).view(-1, widths[0], SEED_RESOLUTION, SEED_RESOLUTION)
    for stage in range(len(widths)):
        if stage > 0:
            x = F.interpolate(x, scale_factor=2, mode="nearest")
        x = block(w, f"stage{stage}", x, F.adaptive_avg_pool2d(maps, x.shape[2]))
    return torch.tanh(conv(w, "image", F.leaky_relu(x, SLOPE)))


def encode(a, w, images):
    x = images
    for i in range(len(a["generatorWidths"]) - 1):
        name = f"encoder.conv{i}"
        x = F.conv2d(x, w[name + ".weight"], w.get(name + ".bias"), stride=2, padding=1)
        x = F.leaky_relu(x if i == 0 else F.instance_norm(x), SLOPE)
    return linear(w, "encoder.code", x.flatten(1)).chunk(2, 1)


def singular_vectors(w):
    """One step of the power iteration for every kernel."""
    found = {}
    with torch.no_grad():
        for name, vector in w.items():
            if not name.endswith(SINGULAR):
                continue
            layer = name[: -len(SINGULAR)]
            matrix = w[layer + ".weight"].flatten(1)
            right = F.normalize(matrix.T @ vector, dim=0)
            found[layer] = (F.normalize(matrix @ right, dim=0), right)
    return found


def score(a, w, vectors, maps, images):
    def kernel_of(layer):
        left, right = vectors[layer]
        kernel = w[layer + ".weight"]
        return kernel / (left @ kernel.flatten(1) @ right)

    return patch_scales.score(a, w, torch.cat([maps, images], 1), kernel_of)


def run(step):
    a, feeds, recipe = step.a, step.feeds, step.recipe
    real, maps = feeds["real"], feeds["maps"]
    mean, log_variance = encode(a, step.g.weights, real)
    images = paint(a, step.g.weights, maps, mean + (log_variance / 2).exp() * feeds["z"])
    vectors = singular_vectors(step.d.weights)
    of_real = score(a, step.d.weights, vectors, maps, real)
    of_fake = score(a, step.d.weights, vectors, maps, images.detach())
    loss_d = sum(F.relu(1 - x).mean() for x, _ in of_real) + sum(F.relu(1 + x).mean() for x, _ in of_fake)
    step.update(step.d, loss_d, "discriminatorRate")
    held = step.held(step.d)
    scored, wanted = score(a, held, vectors, maps, images), score(a, held, vectors, maps, real)
    gan = -sum(x.mean() for x, _ in scored)
    matching = patch_scales.matching(scored, wanted)
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
    loss_g = gan + recipe["featureMatchingWeight"] * matching + recipe["klWeight"] * kl
    step.update(step.g, loss_g, "generatorRate")
    step.move_average()
    with torch.no_grad():
        for layer, (left, _) in vectors.items():
            step.d.weights[layer + SINGULAR].copy_(left)
    return {
        "logits": torch.cat([patch_scales.image_logits(x) for x in (of_real, of_fake)]),
        "fakeSpread": images.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
        "gan": gan,
        "featureMatching": matching,
        "kl": kl,
    }
