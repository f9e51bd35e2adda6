"""The step of src/train/spade in PyTorch."""

import torch
import torch.nn.functional as F

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
    """Logits and features of each scale."""
    seen = torch.cat([maps, images], 1)
    names = [f"conv{i}" for i in range(len(a["discriminatorWidths"]))] + ["logit"]
    scores = []
    for scale in range(a["discriminatorScales"]):
        if scale > 0:
            seen = F.avg_pool2d(seen, 2)
        x, features = seen, []
        for i, part in enumerate(names):
            layer = f"scale{scale}.{part}"
            left, right = vectors[layer]
            kernel = w[layer + ".weight"]
            kernel = kernel / (left @ kernel.flatten(1) @ right)
            x = F.conv2d(x, kernel, w.get(layer + ".bias"), stride=2 if i < len(names) - 2 else 1, padding=1)
            if part != "logit":
                x = F.leaky_relu(x if i == 0 else F.instance_norm(x), SLOPE)
                features.append(x)
        scores.append((x, features))
    return scores


def image_logits(scores):
    return torch.stack([logits.mean((1, 2, 3)) for logits, _ in scores]).mean(0)


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
    matching = sum(F.l1_loss(x, y) for (_, xs), (_, ys) in zip(scored, wanted) for x, y in zip(xs, ys))
    kl = -0.5 * (1 + log_variance - mean.square() - log_variance.exp()).sum(1).mean()
    loss_g = gan + recipe["featureMatchingWeight"] * matching + recipe["klWeight"] * kl
    step.update(step.g, loss_g, "generatorRate")
    step.move_average()
    with torch.no_grad():
        for layer, (left, _) in vectors.items():
            step.d.weights[layer + SINGULAR].copy_(left)
    return {
        "logits": torch.cat([image_logits(of_real), image_logits(of_fake)]),
        "fakeSpread": images.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
        "gan": gan,
        "featureMatching": matching,
        "kl": kl,
    }
