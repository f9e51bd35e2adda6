"""The step of src/train/pggan in PyTorch."""

import torch
import torch.nn.functional as F

from augmentation import augment
from networks import SEED_RESOLUTION, SLOPE, conv, linear


def double(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def activated(x):
    x = F.leaky_relu(x, SLOPE)
    return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()


def generate(a, w, z, labels, share):
    widths = a["generatorWidths"]
    seed = linear(w, "seed", z) + linear(w, "label", labels)
    x = before = activated(seed.view(-1, widths[0], SEED_RESOLUTION, SEED_RESOLUTION))
    for stage in range(len(widths)):
        before = x
        if stage > 0:
            x = activated(conv(w, f"stage{stage}.first", double(x)))
        x = activated(conv(w, f"stage{stage}.second", x))
    image = conv(w, "image", x)
    return image if share is None else torch.lerp(double(conv(w, "before.image", before)), image, share)


def judge(a, w, images, labels, share):
    """Of one batch, whose images are compared; @returns logits and the deviation."""
    newest = len(a["discriminatorWidths"]) - 1
    x = F.leaky_relu(conv(w, "image", images), SLOPE)
    for stage in range(newest, 0, -1):
        for part in ("first", "second"):
            x = F.leaky_relu(conv(w, f"stage{stage}.{part}", x), SLOPE)
        x = F.avg_pool2d(x, 2)
        if share is not None and stage == newest:
            x = torch.lerp(F.leaky_relu(conv(w, "before.image", F.avg_pool2d(images, 2)), SLOPE), x, share)
    deviation = (x.var(0, unbiased=False) + 1e-8).sqrt().mean()
    joined = torch.cat([x, deviation.expand(len(x), 1, SEED_RESOLUTION, SEED_RESOLUTION)], 1)
    maps = F.leaky_relu(conv(w, "stage0", joined), SLOPE)
    features = F.leaky_relu(linear(w, "features", maps.flatten(1)), SLOPE)
    return linear(w, "logit", features).squeeze(1) + (linear(w, "projection", labels) * features).sum(1), deviation


def run(step):
    a, feeds, recipe = step.a, step.feeds, step.recipe
    share = feeds.get("fade")
    if share is not None:
        newest = f"stage{len(a['generatorWidths']) - 1}."
        step.is_new = lambda name: name.startswith(("image.", newest))
    labels, z = feeds["labels"], feeds["z"]
    real = F.avg_pool2d(feeds["real"], feeds["real"].shape[3] // a["resolution"])
    if share is not None:
        real = torch.lerp(double(F.avg_pool2d(real, 2)), real, share)
    count = len(real)
    matrices = {name[len("augment.") :]: m for name, m in feeds.items() if name.startswith("augment.")}

    fake = generate(a, step.g.weights, z, labels, share)
    seen = augment(torch.cat([real, fake]), matrices)
    seen_real, seen_fake = seen[:count].detach(), seen[count:].detach()
    on_real, deviation = judge(a, step.d.weights, seen_real, labels, share)
    on_fake, _ = judge(a, step.d.weights, seen_fake, labels, share)
    between = torch.lerp(seen_real, seen_fake, feeds["between"].view(-1, 1, 1, 1)).requires_grad_()
    on_between, _ = judge(a, step.d.weights, between, labels, share)
    (slope,) = torch.autograd.grad(on_between.sum(), between, create_graph=True)
    penalty = ((slope.square().sum((1, 2, 3)) + 1e-12).sqrt() - recipe["gradientLength"]).square()
    loss_d, drift = on_fake.mean() - on_real.mean(), on_real.square().mean()
    step.update(step.d, loss_d + recipe["gamma"] * penalty.mean() + recipe["drift"] * drift, "discriminatorRate")
    loss_g = -judge(a, step.held(step.d), seen[count:], labels, share)[0].mean()
    step.update(step.g, loss_g, "generatorRate")
    step.move_average()
    with torch.no_grad():
        mean = step.d.weights["deviation"]
        mean.add_(0.01 * (deviation - mean))
    return {
        "logits": torch.cat([on_real, on_fake]),
        "penalty": penalty,
        "fakeSpread": fake.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
        "drift": drift,
    }
