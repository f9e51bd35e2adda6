"""The step of src/train/r3gan in PyTorch, with alternating updates."""

import torch
import torch.nn.functional as F

from augmentation import augment
from networks import discriminate, generate


def run(step):
    a, feeds, recipe = step.a, step.feeds, step.recipe
    real, labels = feeds["real"], feeds["labels"]
    count = len(real)
    matrices = {name[len("augment.") :]: m for name, m in feeds.items() if name.startswith("augment.")}
    penalised = recipe["gamma"] * recipe["penaltyInterval"] if "penalty" in step.outputs else 0

    fake = generate(a, step.g.weights, feeds["z"], labels)
    seen = augment(torch.cat([real, fake]), matrices)
    paired = torch.cat([labels, labels])
    shown = seen.detach().requires_grad_(penalised > 0)
    logits = discriminate(a, step.d.weights, shown, paired)
    loss_d = F.softplus(logits[count:] - logits[:count]).mean()
    objective, penalty = loss_d, None
    if penalised > 0:
        (gradient,) = torch.autograd.grad(logits.sum(), shown, create_graph=True)
        penalty = gradient.square().sum((1, 2, 3))
        objective = loss_d + penalised * penalty.mean()
    step.update(step.d, objective, "discriminatorRate")
    judged = discriminate(a, step.held(step.d), seen, paired)
    loss_g = F.softplus(judged[:count] - judged[count:]).mean()
    step.update(step.g, loss_g, "generatorRate")
    step.move_average()
    return {
        "logits": logits,
        **({} if penalty is None else {"penalty": penalty}),
        "fakeSpread": fake.var(0, unbiased=False).mean(),
        "realSpread": real.var(0, unbiased=False).mean(),
        "lossG": loss_g,
        "lossD": loss_d,
    }
