"""The networks of src/model in PyTorch: the same layers under the same names."""

import torch
import torch.nn.functional as F

SLOPE = 0.2
SEED_RESOLUTION = 4


def linear(w, name, x):
    return F.linear(x, w[name + ".weight"], w.get(name + ".bias"))


def conv(w, name, x):
    kernel = w[name + ".weight"]
    return F.conv2d(x, kernel, w.get(name + ".bias"), padding=kernel.shape[2] // 2)


def residual(w, name, x):
    inner = conv(w, name + ".first", F.leaky_relu(x, SLOPE))
    return x + conv(w, name + ".second", F.leaky_relu(inner, SLOPE, inplace=True))


def generate(a, w, z, labels):
    widths = a["generatorWidths"]
    code = torch.cat([z[:, : a["code"]], linear(w, "embedding", labels)], 1)
    noise_start = a["code"]
    x = linear(w, "seed", code).view(-1, widths[0], SEED_RESOLUTION, SEED_RESOLUTION)
    for stage, width in enumerate(widths):
        if stage > 0:
            if widths[stage - 1] != width:
                x = conv(w, f"stage{stage}.shortcut", x)
            x = F.interpolate(x, scale_factor=2, mode="bilinear", align_corners=False)
            size = x.shape[2]
            noise = z[:, noise_start : noise_start + size * size].reshape(-1, 1, size, size)
            noise_start += size * size
            x = torch.addcmul(x, noise, w[f"stage{stage}.noise"])
        for block in range(a["blocks"]):
            x = residual(w, f"stage{stage}.block{block}", x)
    return conv(w, "image", F.leaky_relu(x, SLOPE))


def discriminate(a, w, images, labels):
    widths = a["discriminatorWidths"]
    x = conv(w, "image", images)
    for stage in reversed(range(len(widths))):
        for block in range(a["blocks"]):
            x = residual(w, f"stage{stage}.block{block}", x)
        if stage > 0:
            x = F.avg_pool2d(x, 2)
            if widths[stage - 1] != widths[stage]:
                x = conv(w, f"stage{stage}.shortcut", x)
    # Rows of the `features` weight are in channel, row, column order, whatever the memory format.
    flat = F.leaky_relu(x, SLOPE).reshape(x.shape[0], -1)
    features = F.leaky_relu(linear(w, "features", flat), SLOPE, inplace=True)
    embedded = linear(w, "projection", labels)
    return linear(w, "logit", features).squeeze(1) + (embedded * features).sum(1)
