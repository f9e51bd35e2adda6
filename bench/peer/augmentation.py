"""The adaptive augmentation of src/train in PyTorch: the same distribution, all images of a batch drawn at once."""

import torch

LUMA = torch.tensor([0.2126, 0.7152, 0.0722])


def interpolation(size, flip, shift, zoom):
    """Matrices [n, size, size] of linear interpolation along one axis, reflected at the border."""
    last = size - 1
    placed = (torch.arange(size) - last / 2 - shift[:, None]) / zoom[:, None]
    position = last / 2 + torch.where(flip[:, None], -placed, placed)
    position = torch.remainder(position, 2 * last)
    position = torch.where(position > last, 2 * last - position, position)
    low = position.floor()
    share = (position - low).unsqueeze(2)
    low = low.long().unsqueeze(2)
    matrices = torch.zeros(len(flip), size, size)
    matrices.scatter_add_(2, low, 1 - share)
    return matrices.scatter_add_(2, (low + 1).clamp_(max=last), share)


def draw(count, channels, size, p, options):
    """One transform an image, each part with probability p."""

    def happens():
        return torch.rand(count) < p

    def where_happens(values, otherwise):
        return torch.where(happens(), values, torch.full((), otherwise))

    def power():
        return where_happens(2 ** (options["contrast"] * torch.randn(count)), 1.0)

    none = torch.zeros(count, dtype=torch.bool)
    quarter = torch.where(happens(), torch.randint(4, (count,)), 0) if options["rotate"] else none.long()
    mirrored = happens() & (torch.rand(count) < 0.5) if options["flip"] else none
    moves = happens()
    shift = [
        torch.where(moves, (torch.rand(count) * 2 - 1) * options["translate"] * size, torch.zeros(())) for _ in range(2)
    ]
    zoom = where_happens(2 ** (options["scale"] * torch.randn(count)), 1.0)
    contrast = power()
    saturation = power() if channels == 3 else torch.ones(count)
    colour = saturation[:, None, None] * torch.eye(channels)
    if channels == 3:
        colour = colour + (1 - saturation)[:, None, None] * LUMA
    brightness = where_happens(options["brightness"] * torch.randn(count), 0.0)
    return {
        "rows": interpolation(size, quarter >= 2, shift[0], zoom).unsqueeze(1),
        "columns": interpolation(size, ((quarter == 1) | (quarter == 2)) != mirrored, shift[1], zoom).unsqueeze(1),
        "swap": (quarter % 2).float().view(count, 1, 1, 1),
        "colour": contrast[:, None, None] * colour,
        "offset": brightness[:, None, None].expand(count, channels, 1),
    }


def augment(images, m):
    """Swap of axes, columns and rows by matrix products, then colour: images [n, C, S, S]."""
    n, channels, size, _ = images.shape
    swapped = torch.where(m["swap"] > 0, images.transpose(2, 3), images)
    across = torch.bmm(swapped.reshape(n, channels * size, size), m["columns"].squeeze(1).transpose(1, 2))
    placed = torch.matmul(m["rows"], across.view(n, channels, size, size))
    return torch.baddbmm(m["offset"], m["colour"], placed.view(n, channels, size * size)).view(images.shape)
