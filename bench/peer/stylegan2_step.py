"""The step of src/train/stylegan2 in PyTorch, with a kernel of its own for each image, or inputs and outputs scaled (form "scaled")."""

import math

import torch
import torch.nn.functional as F

from augmentation import augment
from networks import SEED_RESOLUTION, SLOPE, conv, linear

GAIN = math.sqrt(2 / (1 + SLOPE * SLOPE))
FILTER = torch.tensor([1.0, 3.0, 3.0, 1.0]) / 8
# Most images that are compared with each other.
GROUP = 4
MIDDLE, DEVIATION, PATH_LENGTH = "middle", "deviation", "pathLength"


def unit(x):
    return x / (x.square().mean(1, keepdim=True) + 1e-8).sqrt()


def mapping(a, w, z, labels):
    x = torch.cat([unit(z), unit(linear(w, "embedding", labels))], 1)
    for layer in range(a["mapping"]):
        x = F.leaky_relu(linear(w, f"mapping{layer}", x), SLOPE)
    return x


def double(x):
    return F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)


def scaled(w, name, x, scale, demodulate):
    """One convolution for the batch."""
    kernel = w[name + ".weight"]
    y = F.conv2d(x * scale[:, :, None, None], kernel, padding=kernel.shape[2] // 2)
    if not demodulate:
        return y
    lengths = (scale.square() @ kernel.square().sum((2, 3)).T + 1e-8).sqrt()
    return y / lengths[:, :, None, None]


def modulated(w, name, x, style, demodulate, form, enlarge=False):
    scale = linear(w, name + ".style", style) + 1
    if form == "scaled":
        return scaled(w, name, double(x) if enlarge else x, scale, demodulate)
    kernel = w[name + ".weight"] * scale[:, None, :, None, None]
    if demodulate:
        kernel = kernel / (kernel.square().sum((2, 3, 4), keepdim=True) + 1e-8).sqrt()
    count, outputs, inputs, taps, _ = kernel.shape
    x = x.expand(count, -1, -1, -1)
    if enlarge:
        x = double(x)
    grouped = x.reshape(1, count * inputs, *x.shape[2:])
    y = F.conv2d(grouped, kernel.reshape(count * outputs, inputs, taps, taps), padding=taps // 2, groups=count)
    return y.view(count, outputs, *x.shape[2:])


def paint(a, w, ws, noise, form):
    x, image, start, place = w["seed"], None, 0, 0
    for stage in range(len(a["generatorWidths"])):
        for part in ["first"] if stage == 0 else ["first", "second"]:
            name = f"stage{stage}.{part}"
            y = modulated(w, name, x, ws[place], True, form, stage > 0 and part == "first")
            side = y.shape[2]
            own = noise[:, start : start + side * side].reshape(-1, 1, side, side)
            start += side * side
            y = y + own * w[name + ".noise"] + w[name + ".bias"][:, None, None]
            x = F.leaky_relu(y, SLOPE) * GAIN
            place += 1
        name = f"stage{stage}.image"
        own = modulated(w, name, x, ws[place], False, form) + w[name + ".bias"][:, None, None]
        image = own if image is None else double(image) + own
    return image


def halved(x, kernel):
    """Filtered with [1, 3, 3, 1], as far as any tap of the kernel reaches, then with stride 2."""
    channels = x.shape[1]
    taps = (FILTER[:, None] * FILTER).to(x).expand(channels, 1, 4, 4)
    blurred = F.conv2d(x, taps, padding=2 if kernel.shape[2] == 3 else 1, groups=channels)
    return F.conv2d(blurred, kernel, stride=2)


def judge(a, w, images, labels):
    x = F.leaky_relu(conv(w, "image", images), SLOPE)
    for stage in range(len(a["discriminatorWidths"]) - 1, 0, -1):
        name = f"stage{stage}"
        inner = halved(F.leaky_relu(conv(w, name + ".first", x), SLOPE), w[name + ".second.weight"])
        inner = F.leaky_relu(inner + w[name + ".second.bias"][:, None, None], SLOPE)
        x = (inner + halved(x, w[name + ".shortcut.weight"])) / math.sqrt(2)
    # Batches are multiples of a group, or one smaller group.
    group = min(GROUP, len(x))
    apart = x.reshape(len(x) // group, group, *x.shape[1:])
    deviations = (apart.var(1, unbiased=False) + 1e-8).sqrt().mean((1, 2, 3))
    further = deviations.repeat_interleave(group).view(-1, 1, 1, 1).expand(-1, 1, SEED_RESOLUTION, SEED_RESOLUTION)
    joined = torch.cat([x, further], 1)
    maps = F.leaky_relu(conv(w, "stage0", joined), SLOPE)
    features = F.leaky_relu(linear(w, "features", maps.flatten(1)), SLOPE)
    logits = linear(w, "logit", features).squeeze(1) + (linear(w, "projection", labels) * features).sum(1)
    return logits, deviations.mean()


def run(step):
    a, feeds, recipe = step.a, step.feeds, step.recipe
    real, labels = feeds["real"], feeds["labels"]
    count = len(real)
    z, noise = feeds["z"][:, : a["code"]], feeds["z"][:, a["code"] :]
    matrices = {name[len("augment.") :]: m for name, m in feeds.items() if name.startswith("augment.")}
    paths = "directions" in feeds
    penalised = recipe["gamma"] * recipe["penaltyInterval"] if "penalty" in step.outputs else 0

    w = mapping(a, step.g.weights, z, labels)
    other = mapping(a, step.g.weights, feeds["mixedZ"], labels)
    places = feeds["mix"].shape[1]
    ws = [w + feeds["mix"][:, i : i + 1] * (other - w) for i in range(places)]
    images = paint(a, step.g.weights, ws, noise, step.form.get("kernels"))

    def seen(fake):
        return augment(torch.cat([real, fake]), matrices)

    shown = seen(images.detach())
    seen_real = shown[:count].detach().requires_grad_()
    on_real, deviation = judge(a, step.d.weights, seen_real, labels)
    on_fake, _ = judge(a, step.d.weights, shown[count:], labels)
    loss_d = F.softplus(-on_real).mean() + F.softplus(on_fake).mean()
    objective, penalty = loss_d, None
    if penalised > 0:
        (gradient,) = torch.autograd.grad(on_real.sum(), seen_real, create_graph=True)
        penalty = gradient.square().sum((1, 2, 3))
        objective = loss_d + penalised / 2 * penalty.mean()
    path_length = step.d.weights[PATH_LENGTH].detach().clone()
    step.update(step.d, objective, "discriminatorRate")

    loss_g = F.softplus(-judge(a, step.held(step.d), seen(images)[count:], labels)[0]).mean()
    objective_g, report = loss_g, {}
    if paths:
        along = (images * feeds["directions"]).sum() / images.shape[3]
        gradients = torch.autograd.grad(along, ws, create_graph=True)
        lengths = (sum(gradients).square().sum(1) + 1e-12).sqrt()
        mean = lengths.mean().detach()
        path_length = mean + (path_length - mean) * feeds["pathDecay"]
        path_penalty = (lengths - path_length).square().mean()
        objective_g = loss_g + recipe["pathWeight"] * recipe["pathInterval"] * path_penalty
        report = {"pathLength": lengths.mean(), "pathPenalty": path_penalty}
    with torch.no_grad():
        middles = {name: network.weights[MIDDLE].clone() for name, network in (("g", step.g), ("average", step.average))}
        codes = {"g": w.detach(), "average": mapping(a, step.average.weights, z, labels)}
    step.update(step.g, objective_g, "generatorRate")
    step.move_average()
    with torch.no_grad():
        share = min(0.01, 1 / count)
        for name, network in (("g", step.g), ("average", step.average)):
            old = middles[name]
            sums = labels.T @ codes[name] - labels.sum(0)[:, None] * old
            network.weights[MIDDLE].copy_(old + share * sums)
        weights = step.d.weights
        weights[DEVIATION].add_(0.01 * (deviation.detach() - weights[DEVIATION]))
        weights[PATH_LENGTH].copy_(path_length)
    return {
        "logits": torch.cat([on_real, on_fake]),
        **({} if penalty is None else {"penalty": penalty}),
        "fakeSpread": images.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
        **report,
    }
