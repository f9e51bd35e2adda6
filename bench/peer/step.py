"""What a training step of a family works on in eager PyTorch: networks, moments, the average, inputs, and updates by Adam."""

import torch

from training import STATES, Network

# Ways to write the peer's step; the families' modules read those that they know.
CONTIGUOUS = {"memory": "contiguous"}


class Step:
    """Both networks and the average; `feeds` and `outputs` are those of the kind of step that is run next."""

    def __init__(self, case, read, form=CONTIGUOUS):
        """read(name) gives the numbers of a state; form["memory"] says how kernels lie in memory."""
        memory = torch.channels_last if form["memory"] == "channels_last" else torch.contiguous_format

        def network(name, state, second):
            return Network(case["layouts"][name], read(state), read(second), memory)

        self.form = form
        self.a, self.recipe = case["architecture"], case["recipe"]
        self.g = network("generator", "generator", "generatorSecond")
        self.d = network("discriminator", "discriminator", "discriminatorSecond")
        self.first = {}
        if "beta1" in self.recipe:
            for name, net in (("generator", self.g), ("discriminator", self.d)):
                held = network(name, f"{name}First", f"{name}First").list
                self.first[net] = [moment.detach() for moment in held]
        self.average = network("generator", "average", "generatorSecond")
        self.averaged = [mean.detach() for mean in self.average.list]
        # Names of weights whose moments Adam corrects by updates of their own: of the newest layers while they are faded in.
        self.is_new = lambda name: False
        self.feeds, self.outputs = {}, []

    def scalar(self, name):
        return self.feeds[name].item()

    def update(self, network, loss, rate):
        """Adam on what the loss depends on; what it does not has a gradient of zero."""
        found = torch.autograd.grad(loss, network.list, allow_unused=True)
        gradients = [torch.zeros_like(w) if g is None else g for w, g in zip(network.list, found)]
        rate, correction = self.scalar(rate), self.scalar("correction")
        beta2, epsilon = self.recipe["beta2"], self.recipe["epsilon"]
        with torch.no_grad():
            torch._foreach_mul_(network.second, beta2)
            torch._foreach_addcmul_(network.second, gradients, gradients, 1 - beta2)
            own = [self.scalar("newest.correction") if self.is_new(name) else correction for name in network.weights]
            roots = torch._foreach_mul(network.second, own)
            torch._foreach_sqrt_(roots)
            torch._foreach_add_(roots, epsilon)
            if network in self.first:
                beta1 = self.recipe["beta1"]
                torch._foreach_mul_(self.first[network], beta1)
                torch._foreach_add_(self.first[network], gradients, alpha=1 - beta1)
                gradients, rate = self.first[network], rate * self.scalar("firstCorrection")
            torch._foreach_addcdiv_(network.list, gradients, roots, [-rate * factor for factor in network.factors])

    def held(self, network):
        return {name: w.detach() for name, w in network.weights.items()}

    def move_average(self):
        with torch.no_grad():
            decay = self.scalar("decay")
            torch._foreach_mul_(self.averaged, decay)
            torch._foreach_add_(self.averaged, [w.detach() for w in self.g.list], alpha=1 - decay)

    def state(self):
        kept = [self.g.list, self.g.second, self.average.list, self.d.list, self.d.second]
        firsts = {"generatorFirst": self.first.get(self.g), "discriminatorFirst": self.first.get(self.d)}
        return {**dict(zip(STATES, kept)), **{name: list for name, list in firsts.items() if list is not None}}
