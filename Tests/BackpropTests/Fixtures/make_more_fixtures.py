#!/usr/bin/env python3
"""More reference numbers from PyTorch in float64, in the schema of README.md.

    VENV/bin/python make_more_fixtures.py            # writes the four files
    VENV/bin/python make_more_fixtures.py --check    # recomputes them, writes nothing

The environment, the generator of inputs and the loop of training are those of make_fixtures.py. Costs,
activations and optimisers stand under their text with options, as the command line writes them, so
`lossOptions` and `activationOptions` are empty and `optimizer.options` has the learning rate alone.
Training takes eight steps here, so that every rule is seen past its first ones.
"""
import json
import math
import os
import sys

import make_fixtures as mf
import torch
import torch.nn.functional as F
from torch.optim import _muon

mf.STEPS = 8

# ------------------------------------------------------------------------------------------- costs


def focal(a, t, gamma, alpha):
    """torchvision's sigmoid_focal_loss, which is not installed here, for targets of 0 and 1."""
    p = torch.sigmoid(a)
    pt = p * t + (1 - p) * (1 - t)
    weight = alpha * t + (1 - alpha) * (1 - t)
    return (weight * (1 - pt) ** gamma
            * F.binary_cross_entropy_with_logits(a, t, reduction="none")).mean()


def softmax_focal(a, t, gamma):
    cost = F.cross_entropy(a, t, reduction="none")
    return ((1 - torch.exp(-cost)) ** gamma * cost).mean()


def hinge(a, t, margin): return F.relu(margin - (2 * t - 1) * a)


WEIGHTS = torch.tensor([1.0, 2.0, 0.5, 0.0, 3.0])
COSTS = [  # text, outputs, targets, output activation, function
    ("smooth-l1", 3, "reals", "identity", F.smooth_l1_loss),
    ("smooth-l1:beta=0.4", 3, "reals", "identity", lambda a, t: F.smooth_l1_loss(a, t, beta=0.4)),
    ("log-cosh", 3, "reals", "identity", lambda a, t: (a - t).cosh().log().mean()),
    ("hinge", 3, "bits", "identity", lambda a, t: hinge(a, t, 1).mean()),
    ("hinge:margin=0.5", 3, "bits", "identity", lambda a, t: hinge(a, t, 0.5).mean()),
    ("squared-hinge", 3, "bits", "identity", lambda a, t: (hinge(a, t, 1) ** 2).mean()),
    ("multi-margin", 5, "classes", "identity", F.multi_margin_loss),
    ("multi-margin:margin=0.7,squared=1", 5, "classes", "identity",
     lambda a, t: F.multi_margin_loss(a, t, p=2, margin=0.7)),
    ("kl-divergence", 5, "distribution", "log-softmax",
     lambda a, t: F.kl_div(a, t, reduction="batchmean")),
    ("negative-log-likelihood", 5, "classes", "log-softmax", F.nll_loss),
    ("negative-log-likelihood:class-weights=1:2:0.5:0:3,reduction=weighted-mean", 5, "classes",
     "log-softmax", lambda a, t: F.nll_loss(a, t, weight=WEIGHTS)),
    ("poisson", 3, "counts", "identity", F.poisson_nll_loss),
    ("poisson:full=1", 3, "counts", "identity", lambda a, t: F.poisson_nll_loss(a, t, full=True)),
    # F.cosine_embedding_loss adds 1e-12 to the squares.
    ("cosine", 3, "reals", "identity", lambda a, t: (1 - F.cosine_similarity(a, t)).mean()),
    ("sigmoid-focal", 3, "hard bits", "identity", lambda a, t: focal(a, t, 2, 0.25)),
    ("sigmoid-focal:gamma=0.5,alpha=0.6", 3, "hard bits", "identity",
     lambda a, t: focal(a, t, 0.5, 0.6)),
    ("softmax-focal", 5, "classes", "identity", lambda a, t: softmax_focal(a, t, 2)),
    ("softmax-focal:gamma=0.5", 5, "classes", "identity", lambda a, t: softmax_focal(a, t, 0.5)),
    ("softmax-cross-entropy:label-smoothing=0.1", 5, "classes", "identity",
     lambda a, t: F.cross_entropy(a, t, label_smoothing=0.1)),
    ("softmax-cross-entropy:label-smoothing=0.2,class-weights=1:2:0.5:0:3", 5, "classes",
     "identity", lambda a, t: F.cross_entropy(
         a, t, weight=WEIGHTS, label_smoothing=0.2, reduction="sum") / len(a)),
    ("softmax-cross-entropy:class-weights=1:2:0.5:0:3,reduction=weighted-mean", 5, "classes",
     "identity", lambda a, t: F.cross_entropy(a, t, weight=WEIGHTS)),
    ("softmax-cross-entropy:label-smoothing=0.1,class-weights=1:2:0.5:0:3", 5, "distribution",
     "identity", lambda a, t: F.cross_entropy(a, t, weight=WEIGHTS, label_smoothing=0.1)),
    ("softmax-cross-entropy:ignore-index=2", 5, "classes", "identity",
     lambda a, t: F.cross_entropy(a, t, ignore_index=2, reduction="sum") / len(a)),
    ("softmax-cross-entropy:ignore-index=2,reduction=weighted-mean", 5, "classes", "identity",
     lambda a, t: F.cross_entropy(a, t, ignore_index=2)),
    ("softmax-cross-entropy:reduction=sum", 5, "classes", "identity",
     lambda a, t: F.cross_entropy(a, t, reduction="sum")),
    ("half-squared-error:reduction=sum", 3, "reals", "identity",
     lambda a, t: F.mse_loss(a, t, reduction="sum") / 2),
]

# ------------------------------------------------------------------------------------- activations

ACTIVATIONS = {
    "relu6": F.relu6, "hardtanh": F.hardtanh,
    "hardtanh:lower=-0.4,upper=0.9": lambda z: F.hardtanh(z, -0.4, 0.9),
    # F.hardsigmoid's derivative is a float32 1/6.
    "hard-sigmoid": lambda z: F.relu6(z + 3) / 6, "hard-swish": F.hardswish, "selu": F.selu, "celu": F.celu,
    "celu:alpha=0.5": lambda z: F.celu(z, 0.5), "mish": F.mish, "softsign": F.softsign,
    "tanhshrink": F.tanhshrink, "softshrink": F.softshrink,
    "softshrink:lambda=0.2": lambda z: F.softshrink(z, 0.2), "hardshrink": F.hardshrink,
    "hardshrink:lambda=0.2": lambda z: F.hardshrink(z, 0.2), "log-sigmoid": F.logsigmoid,
    "threshold:at=0.1,value=-0.3": lambda z: F.threshold(z, 0.1, -0.3),
    "softmax": lambda z: F.softmax(z, -1), "softmin": lambda z: F.softmin(z, -1),
    "log-softmax": lambda z: F.log_softmax(z, -1),
}

# -------------------------------------------------------------------------------------- optimisers


def orthogonal64(grad, coefficients, steps, eps):
    """torch's own iteration, without its rounding to bfloat16."""
    a, b, c = coefficients
    x = grad.T if grad.size(0) > grad.size(1) else grad
    x = x / x.norm().clamp(min=eps)
    for _ in range(steps):
        gram = x @ x.T
        x = a * x + (b * gram + c * gram @ gram) @ x
    return x.T if grad.size(0) > grad.size(1) else x


_muon._zeropower_via_newtonschulz = orthogonal64


class Several:
    """Optimisers side by side; what they have in common with one."""

    def __init__(self, *parts): self.parts = parts

    @property
    def param_groups(self): return [g for part in self.parts for g in part.param_groups]

    def zero_grad(self):
        for part in self.parts: part.zero_grad()

    def step(self):
        for part in self.parts: part.step()


class Transposed(torch.optim.Muon):
    """Muon for weights stored [inputs, outputs]: PyTorch's own are [outputs, inputs]."""

    def __init__(self, weights, **options):
        self.ours = weights
        super().__init__([w.detach().T.clone().requires_grad_() for w in weights], **options)

    def step(self):
        for own, w in zip(self.param_groups[0]["params"], self.ours): own.grad = w.grad.T.clone()
        super().step()
        for own, w in zip(self.param_groups[0]["params"], self.ours): w.data.copy_(own.data.T)

    def zero_grad(self):
        for w in self.ours: w.grad = None


class Lion(torch.optim.Optimizer):
    """Written after the paper; PyTorch has none."""

    def __init__(self, groups, lr, betas, decays):
        super().__init__([dict(params=g, decay=d) for g, d in zip(groups, decays)],
                         dict(lr=lr, betas=betas))

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            one, two = group["betas"]
            for p in group["params"]:
                m = self.state[p].setdefault("m", torch.zeros_like(p))
                p.mul_(1 - group["lr"] * group["decay"])
                p.sub_(group["lr"] * torch.sign(one * m + (1 - one) * p.grad))
                m.mul_(two).add_(p.grad, alpha=1 - two)


class Limited:
    """An optimiser after which the norms of the weights into each unit are at most a number."""

    def __init__(self, inner, weights, norm): self.inner, self.weights, self.norm = inner, weights, norm

    @property
    def param_groups(self): return self.inner.param_groups

    def zero_grad(self): self.inner.zero_grad()

    @torch.no_grad()
    def step(self):
        self.inner.step()
        for w in self.weights:
            norms = w.norm(dim=0, keepdim=True)
            self.touched = self.__dict__.get("touched", 0) + int((norms > self.norm).sum())
            w.mul_(torch.clamp(self.norm / norms, max=1))


OPTIMIZERS = [  # text, learning rate, function of (all parameters, weights, others, learning rate)
    ("rmsprop", 0.02, lambda p, w, o, lr: torch.optim.RMSprop(p, lr)),
    ("rmsprop:alpha=0.9,epsilon=0.0001,momentum=0.5,centered=1", 0.01,
     lambda p, w, o, lr: torch.optim.RMSprop(p, lr, 0.9, 1e-4, momentum=0.5, centered=True)),
    ("adagrad", 0.1, lambda p, w, o, lr: torch.optim.Adagrad(p, lr)),
    ("adagrad:rate-decay=0.1,start=0.5,epsilon=0.001", 0.3,
     lambda p, w, o, lr: torch.optim.Adagrad(
         p, lr, lr_decay=0.1, initial_accumulator_value=0.5, eps=1e-3)),
    ("adadelta", 1.0, lambda p, w, o, lr: torch.optim.Adadelta(p, lr)),
    ("adadelta:rho=0.5,epsilon=0.001", 0.7,
     lambda p, w, o, lr: torch.optim.Adadelta(p, lr, rho=0.5, eps=1e-3)),
    ("adamax", 0.01, lambda p, w, o, lr: torch.optim.Adamax(p, lr)),
    ("adamax:beta1=0.7,beta2=0.6", 0.02,
     lambda p, w, o, lr: torch.optim.Adamax(p, lr, betas=(0.7, 0.6))),
    ("nadam", 0.01, lambda p, w, o, lr: torch.optim.NAdam(p, lr)),
    ("nadam:beta1=0.6,beta2=0.8,epsilon=0.0001", 0.02,
     lambda p, w, o, lr: torch.optim.NAdam(p, lr, betas=(0.6, 0.8), eps=1e-4)),
    ("radam", 0.02, lambda p, w, o, lr: torch.optim.RAdam(p, lr)),
    ("radam:beta2=0.9", 0.02, lambda p, w, o, lr: torch.optim.RAdam(p, lr, betas=(0.9, 0.9))),
    ("adam:beta1=0.5,beta2=0.5,amsgrad=1", 0.02,
     lambda p, w, o, lr: torch.optim.Adam(p, lr, betas=(0.5, 0.5), amsgrad=True)),
    ("rprop", 0.03, lambda p, w, o, lr: torch.optim.Rprop(p, lr)),
    ("rprop:decrease=0.4,increase=1.5,least=0.05,greatest=0.2", 0.1,
     lambda p, w, o, lr: torch.optim.Rprop(p, lr, etas=(0.4, 1.5), step_sizes=(0.05, 0.2))),
    ("lion:beta1=0.8,beta2=0.7,weight-decay=0.5", 0.01,
     lambda p, w, o, lr: Lion([w, o], lr, (0.8, 0.7), [0.5, 0.0])),
    ("muon", 0.02, lambda p, w, o, lr: Several(
        Transposed(w, lr=lr, weight_decay=0.1), torch.optim.Adam(o, lr))),
    ("muon:momentum=0.8,nesterov=0,iterations=3,scale=match-rms-adamw,weight-decay=0.3,"
     "rest-factor=1", 0.03, lambda p, w, o, lr: Several(
         Transposed(w, lr=lr, weight_decay=0.3, momentum=0.8, nesterov=False, ns_steps=3,
                    adjust_lr_fn="match_rms_adamw"), torch.optim.Adam(o, lr))),
    ("sgd-l1", 0.5, lambda p, w, o, lr: torch.optim.SGD(p, lr)),
    ("sgd-max-norm", 0.5, lambda p, w, o, lr: Limited(torch.optim.SGD(p, lr), w, 0.8)),
]
RULES = {text: function for text, _, function in OPTIMIZERS}


def make_optimizer(case, parameters):
    weights = [p for path, p in parameters.items() if path.endswith(".weight")]
    others = [p for path, p in parameters.items() if not path.endswith(".weight")]
    text = case["name"] if case["name"] in RULES else case["optimizer"]["name"]
    if text not in RULES: return usual_optimizer(case, parameters)
    return RULES[text](list(parameters.values()), weights, others,
                       case["optimizer"]["options"]["learningRate"])


def clip(case, parameters):
    """λ₁/n · sign(w) into the gradients of weights."""
    o = case["optimizer"]["options"]
    if "lambda1" in o:
        for path, p in parameters.items():
            if path.endswith(".weight"):
                p.grad.add_(o["lambda1"] / o["samples"] * torch.sign(p.detach()))
    return usual_clip(case, parameters)


def draw_targets(g, m, k, kind):
    match kind:
        case "counts": return [[float(g.randrange(6)) for _ in range(k)] for _ in range(m)]
        case "hard bits": return [[float(g.random() < 0.5) for _ in range(k)] for _ in range(m)]
        case "classes": return [2, 4, 0, 1, 2, 3][:m] if k == 5 else usual_targets(g, m, k, kind)
        case _: return usual_targets(g, m, k, kind)


usual_optimizer, usual_clip, usual_targets = mf.make_optimizer, mf.clip, mf.draw_targets
mf.make_optimizer, mf.clip, mf.draw_targets = make_optimizer, clip, draw_targets
mf.verify = lambda case: None  # the oracle of make_fixtures.py knows the first ones alone
mf.ACTIVATIONS.update(ACTIVATIONS)
mf.LOSSES.update({text: function for text, _, _, _, function in COSTS})


def more_losses():
    return [mf.make(text, [3, 4, width], 6, f"more losses {width}", loss=text, targets=targets,
                    output=output, options=dict(learningRate=0.1))
            for text, width, targets, output, _ in COSTS]


def more_activations():
    return [mf.make(text, [3, 5, 4, 2], 6, "activations 1", activation=text, hidden_scale=1.6,
                    options=dict(learningRate=0.01)) for text in ACTIVATIONS]


def more_optimizers():
    cases = []
    for text, rate, _ in OPTIMIZERS:
        options = dict(learningRate=rate)
        if text == "sgd-l1": options.update(lambda1=0.5, samples=20)
        if text == "sgd-max-norm": options.update(maxNorm=0.8)
        rule = "sgd" if text.startswith("sgd-") else text
        cases.append(mf.make(text, [3, 4, 2], 5, "optimizers 3", optimizer=rule, options=options))
    return cases


def more_schedules():
    """A list of texts with the factors of steps 0 … 19, and of plateaus with losses and factors."""
    S = torch.optim.lr_scheduler
    table = [
        ("cosine-restarts:steps=5", lambda o: S.CosineAnnealingWarmRestarts(o, 5)),
        ("cosine-restarts:steps=3,growth=2,minimum=0.1",
         lambda o: S.CosineAnnealingWarmRestarts(o, 3, 2, 0.1)),
        ("one-cycle:steps=20", lambda o: S.OneCycleLR(o, 1.0, 20)),
        ("one-cycle:steps=18,rise=0.5,start=0.1,end=0.01",
         lambda o: S.OneCycleLR(o, 1.0, 18, pct_start=0.5, div_factor=10, final_div_factor=10)),
        ("polynomial:steps=8", lambda o: S.PolynomialLR(o, 8)),
        ("polynomial:steps=15,power=2.5", lambda o: S.PolynomialLR(o, 15, 2.5)),
        ("inverse-square-root:steps=4",
         lambda o: S.LambdaLR(o, lambda t: min((t + 1) / 4, math.sqrt(4 / (t + 1))))),
    ]
    cases = []
    for text, make in table:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler, rates = make(optimizer), []
        last = 18 if "steps=18" in text else 20
        for step in range(last):
            rates.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            if step < last - 1: scheduler.step()
        cases.append(dict(name=text, losses=[], factors=rates))
    losses = [5, 4, 3, 3.1, 2.9999, 3.2, 3.3, 2.5, 2.6, 2.6, 2.6, 2.6, 2.6, 2.6, 1, 1, 1, 1, 1, 1.5]
    for text, options in [
            ("plateau:factor=0.5,patience=2", dict(factor=0.5, patience=2)),
            ("plateau:factor=0.1,patience=1,threshold=0.1,cooldown=2,minimum=0.005",
             dict(factor=0.1, patience=1, threshold=0.1, cooldown=2, min_lr=0.005))]:
        optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1.0)
        scheduler, rates = S.ReduceLROnPlateau(optimizer, **options), []
        for loss in losses:
            scheduler.step(loss)
            rates.append(optimizer.param_groups[0]["lr"])
        assert rates[-1] < rates[0]
        cases.append(dict(name=text, losses=[float(x) for x in losses], factors=rates))
    return cases


def main():
    for build in (more_losses, more_activations, more_optimizers, more_schedules):
        cases = mf.plain(build())
        assert len({c["name"] for c in cases}) == len(cases)
        path = os.path.join(mf.FOLDER, f"{build.__name__}.json")
        content = "[\n" + ",\n".join(mf.text(c) for c in cases) + "\n]\n"
        assert json.loads(content) == cases and len(content) <= 150_000, len(content)
        if "--check" in sys.argv[1:]:
            with open(path) as file: mf.compare(build.__name__, json.load(file), cases)
        else:
            with open(path, "w") as file: file.write(content)
        print(f"{build.__name__}.json: {len(cases)} cases, {len(content)} bytes")


if __name__ == "__main__":
    main()
