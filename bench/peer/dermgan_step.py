"""The step of src/train/dermgan in PyTorch: noise as the latent, doubling by nearest-neighbour resizing."""

import torch
import torch.nn.functional as F

from networks import SLOPE, conv


def norm(w, name, x):
    return F.instance_norm(x) * (1 + w[name + ".scale"]) + w[name + ".shift"]


def halve(w, name, x):
    return F.conv2d(x, w[name + ".weight"], w.get(name + ".bias"), stride=2, padding=1)


def fill(a, w, maps, z):
    x, skips = maps, [maps]
    for i in range(len(a["generatorWidths"])):
        x = halve(w, f"down{i}", x)
        x = F.leaky_relu(norm(w, f"down{i}.norm", x) if i > 0 else x, SLOPE)
        skips.append(x)
    skips.pop()
    start = 0
    for i in range(len(a["generatorWidths"])):
        x = conv(w, f"up{i}", F.interpolate(x, scale_factor=2, mode="nearest"))
        side = x.shape[2]
        noise = z[:, start : start + side * side].reshape(-1, 1, side, side)
        start += side * side
        x = F.relu(norm(w, f"up{i}.norm", x + noise * w[f"up{i}.noise"]))
        x = torch.cat([x, skips.pop()], 1)
    return torch.tanh(conv(w, "image", x))


def score(a, w, maps, images):
    """Logits of patches, and what the layer before them gives."""
    x = torch.cat([maps, images], 1)
    last = len(a["discriminatorWidths"]) - 1
    for i in range(last + 1):
        name = f"conv{i}"
        x = F.conv2d(x, w[name + ".weight"], w.get(name + ".bias"), stride=2 if i < last else 1, padding=1)
        x = F.leaky_relu(norm(w, name + ".norm", x) if i > 0 else x, SLOPE)
    return F.conv2d(x, w["logit.weight"], w.get("logit.bias"), padding=1), x


def run(step):
    a, feeds, recipe = step.a, step.feeds, step.recipe
    real, maps, inside = feeds["real"], feeds["maps"], feeds["inside"]
    fake = fill(a, step.g.weights, maps, feeds["z"])
    of_real, _ = score(a, step.d.weights, maps, real)
    of_fake, _ = score(a, step.d.weights, maps, fake.detach())
    loss_d = (F.softplus(-of_real).mean() + F.softplus(of_fake).mean()) / 2
    step.update(step.d, loss_d, "discriminatorRate")
    held = step.held(step.d)
    scored, features = score(a, held, maps, fake)
    _, wanted = score(a, held, maps, real)
    off = (fake - real).abs()
    terms = {
        "gan": F.softplus(-scored).mean(),
        "l1": off.mean(),
        "boxL1": (off * inside).sum() / (inside.sum() * real.shape[1] + 1e-6),
        "featureMatching": (features - wanted).square().mean(),
    }
    loss_g = sum(recipe[f"{name}Weight"] * value for name, value in terms.items())
    step.update(step.g, loss_g, "generatorRate")
    step.move_average()
    return {
        "logits": torch.cat([of_real.mean((1, 2, 3)), of_fake.mean((1, 2, 3))]),
        "fakeSpread": fake.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
        **terms,
    }
