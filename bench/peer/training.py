"""A training step of src/train in PyTorch, eager or compiled: the same losses, penalties, Adam and moving average."""

import time

import torch
import torch.nn.functional as F

from augmentation import augment, draw
from networks import discriminate, generate

ADAPT_STEPS = 4
STATES = ["generator", "generatorSecond", "average", "discriminator", "discriminatorSecond"]
# Whether D sees real and generated images in one batch or in two, and how maps lie in memory.
FORMS = [
    {"passes": passes, "memory": memory}
    for passes in ("joined", "separate")
    for memory in ("contiguous", "channels_last")
]


class Network:
    """Weights with the optimiser's second moment and each weight's learning-rate factor."""

    def __init__(self, layout, weights, second, memory_format):
        def named(flat):
            for p in layout:
                size = 1
                for extent in p["shape"]:
                    size *= extent
                tensor = flat[p["offset"] : p["offset"] + size].view(p["shape"])
                kernel = tensor.dim() == 4 and memory_format is torch.channels_last
                yield p["name"], tensor.clone(memory_format=torch.channels_last if kernel else torch.contiguous_format)

        self.weights = {name: tensor.requires_grad_() for name, tensor in named(weights)}
        self.list = list(self.weights.values())
        self.second = [tensor for _, tensor in named(second)]
        self.factors = [p["rate"] for p in layout]

    def adam(self, gradients, rate, correction, beta2, epsilon):
        """In place; beta1 = 0, so there is no first moment."""
        torch._foreach_mul_(self.second, beta2)
        torch._foreach_addcmul_(self.second, gradients, gradients, 1 - beta2)
        root = torch._foreach_mul(self.second, correction)
        torch._foreach_sqrt_(root)
        torch._foreach_add_(root, epsilon)
        torch._foreach_addcdiv_(self.list, gradients, root, [-rate * factor for factor in self.factors])


def flat(tensors):
    return torch.cat([t.detach().contiguous().view(-1) for t in tensors])


def squared_length(gradient):
    return gradient.square().sum((1, 2, 3))


class Training:
    def __init__(self, case, state, form):
        self.a = case["architecture"]
        self.recipe = case["recipe"]
        self.form = form
        channels_last = form["memory"] == "channels_last"
        self.memory_format = torch.channels_last if channels_last else torch.contiguous_format
        self.g = Network(case["layouts"]["generator"], state["generator"], state["generatorSecond"], self.memory_format)
        self.d = Network(
            case["layouts"]["discriminator"], state["discriminator"], state["discriminatorSecond"], self.memory_format
        )
        average = Network(case["layouts"]["generator"], state["average"], state["generatorSecond"], self.memory_format)
        self.average = [t.detach() for t in average.list]
        # A penalty is a gradient of a gradient, which torch.compile refuses for what is judged.
        compiled = torch.compile if form.get("compiled") else lambda function: function
        self.generate, self.augment, self.discriminate = (compiled(f) for f in (generate, augment, discriminate))
        self.step = 0
        self.p = 0.0
        self.order_signs = 0.0

    def state(self):
        kept = [self.g.list, self.g.second, self.average, self.d.list, self.d.second]
        return {name: flat(tensors) for name, tensors in zip(STATES, kept)}

    def advance(self, real, labels, z, matrices, scalars, with_penalty):
        recipe, n = self.recipe, len(real)
        weight = recipe["gamma"] * recipe["penaltyInterval"] if with_penalty else 0
        simultaneous = recipe["updates"] == "simultaneous"
        fake = self.generate(self.a, self.g.weights, z, labels)
        if self.form["passes"] == "joined":
            images = [self.augment(torch.cat([real, fake]), matrices)]
            paired = [torch.cat([labels, labels])]
        else:
            halves = [{name: m[k * n : (k + 1) * n] for name, m in matrices.items()} for k in range(2)]
            images = [self.augment(real, halves[0]), self.augment(fake, halves[1])]
            paired = [labels, labels]
        images = [x.contiguous(memory_format=self.memory_format) for x in images]

        def judge(weights, batches):
            discriminator = discriminate if weight > 0 else self.discriminate
            logits = torch.cat([discriminator(self.a, weights, x, y) for x, y in zip(batches, paired)])
            return logits, logits[:n], logits[n:]

        shown = images if simultaneous else [x.detach() for x in images]
        if weight > 0:
            for x in shown:
                # What depends on G needs a gradient already.
                if not x.requires_grad:
                    x.requires_grad_()
        logits, on_real, on_fake = judge(self.d.weights, shown)
        loss_d = F.softplus(on_fake - on_real).mean()
        objective, penalty = loss_d, None
        if weight > 0:
            gradients = torch.autograd.grad(logits.sum(), shown, create_graph=True)
            penalty = torch.cat([squared_length(g) for g in gradients])
            objective = loss_d + weight * penalty.mean()
        gradients_d = torch.autograd.grad(objective, self.d.list, retain_graph=simultaneous)
        adam = [scalars["correction"], recipe["beta2"], recipe["epsilon"]]
        if not simultaneous:
            with torch.no_grad():
                self.d.adam(gradients_d, scalars["discriminatorRate"], *adam)
            fixed = {name: w.detach() for name, w in self.d.weights.items()}
            _, on_real, on_fake = judge(fixed, images)
        loss_g = F.softplus(on_real - on_fake).mean()
        gradients_g = torch.autograd.grad(loss_g, self.g.list)
        with torch.no_grad():
            if simultaneous:
                self.d.adam(gradients_d, scalars["discriminatorRate"], *adam)
            self.g.adam(gradients_g, scalars["generatorRate"], *adam)
            torch._foreach_mul_(self.average, scalars["decay"])
            torch._foreach_add_(self.average, self.g.list, alpha=1 - scalars["decay"])
            return {
                "logits": logits.detach(),
                **({} if penalty is None else {"penalty": penalty.detach()}),
                "lossG": loss_g.detach(),
                "lossD": loss_d.detach(),
                "fakeSpread": fake.var(0, unbiased=False).mean(),
                "realSpread": real.var(0, unbiased=False).mean(),
            }

    def scalars(self):
        """As src/train/schedule.ts."""
        recipe, seen = self.recipe, self.step * self.recipe["batch"]
        warm_up = min(1, (seen + recipe["batch"]) / recipe["warmUpImages"]) if recipe["warmUpImages"] else 1
        half_life = min(recipe["averageHalfLife"], seen * recipe["averageRampUp"])
        return {
            "generatorRate": recipe["generatorRate"] * warm_up,
            "discriminatorRate": recipe["discriminatorRate"] * warm_up,
            "correction": 1 / (1 - recipe["beta2"] ** (self.step + 1)),
            "decay": 0.5 ** (recipe["batch"] / half_life) if half_life else 0.0,
        }

    def next_step(self, store):
        """One step on a drawn batch; what the loop watches is read out each step."""
        recipe, a = self.recipe, self.a
        batch = recipe["batch"]
        chosen = torch.randint(len(store["images"]), (batch,))
        real = store["images"][chosen].float().div_(127.5).sub_(1)
        labels = F.one_hot(store["labels"][chosen], a["classes"]).float()
        z = torch.randn(batch, a["latent"])
        matrices = draw(2 * batch, a["channels"], a["resolution"], self.p, recipe["augment"])
        with_penalty = recipe["gamma"] > 0 and self.step % recipe["penaltyInterval"] == 0
        seen = self.advance(real, labels, z, matrices, self.scalars(), with_penalty)
        self.order_signs += (seen["logits"][:batch] - seen["logits"][batch:]).sign().mean().item()
        report = {name: value.mean().item() for name, value in seen.items()}
        self.step += 1
        if self.step % ADAPT_STEPS == 0:
            move = ADAPT_STEPS * batch / recipe["augment"]["speedImages"]
            up = self.order_signs / ADAPT_STEPS - recipe["augment"]["target"]
            self.p = min(1.0, max(0.0, self.p + (move if up > 0 else -move if up < 0 else 0)))
            self.order_signs = 0.0
        return report

    def intervals(self, count, store):
        """Seconds of whole penalty intervals."""
        start = time.perf_counter()
        for _ in range(count * self.recipe["penaltyInterval"]):
            report = self.next_step(store)
        return {"seconds": time.perf_counter() - start, "last": report}
